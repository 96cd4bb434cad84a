package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import dev.inferno.observe.Point;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerState;
import dev.inferno.testing.AllocatedBytes;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a token costs in garbage, as the JVM counts it for the caller and the workers.
///
/// Vectors are boxed until the last compiler has been through the code, so each test repeats what
/// it measures until the number is as expected, and fails if it never is.
class AllocationTest {
  private static final int PAGE = 64;
  private static final int TOKENS = 140;

  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  static List<Arguments> samplersAndCaches() {
    return List.of(
        Arguments.of("greedy", Sampler.greedy(), KeyValueType.F16, 4),
        Arguments.of("greedy", Sampler.greedy(), KeyValueType.F32, 1),
        Arguments.of("greedy", Sampler.greedy(), KeyValueType.Q8_0, 2),
        Arguments.of("default", Sampler.defaults(), KeyValueType.F16, 2));
  }

  @ParameterizedTest(name = "{0} sampler, {2}, {3} threads")
  @MethodSource("samplersAndCaches")
  void aTokenAllocatesNothingInsideAPage(
      String name, Sampler recipe, KeyValueType type, int threads) {
    requireNoGarbage(
        model, TOKENS, recipe, SessionOptions.defaults().keyValueType(type).threads(threads));
  }

  static List<String> architectures() {
    return TinyModels.BESIDE_LLAMA;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aTokenOfEveryArchitectureAllocatesNothingInsideAPage(String name) throws IOException {
    try (Model tiny = TinyModels.load(name)) {
      requireNoGarbage(
          tiny,
          TOKENS,
          Sampler.greedy(),
          SessionOptions.defaults().contextLength(TOKENS).threads(2));
    }
  }

  /// Those that GGUF expresses; LongRoPE passes a text that becomes long through the model anew.
  static List<String> tiny() throws IOException {
    return FixtureModels.tiny().stream()
        .filter(name -> name.endsWith(".gguf") && !name.contains("phi4-mini"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void aTokenOfATinyModelAllocatesNothingInsideAPage(String name) throws IOException {
    try (Model tiny = FixtureModels.load(name)) {
      SessionOptions options = SessionOptions.defaults().contextLength(PAGE).threads(2);
      requireNoGarbage(tiny, PAGE, Sampler.greedy(), options);
    }
  }

  @Test
  @Tag("models")
  void aTokenOfARealModelAllocatesNothingInsideAPage() throws IOException {
    try (Model smol = Model.load(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf"))) {
      requireNoGarbage(smol, PAGE / 2, Sampler.defaults(), SessionOptions.defaults().threads(1));
    }
  }

  private static void requireNoGarbage(
      Model model, int tokens, Sampler recipe, SessionOptions options) {
    try (Session session = model.newSession(options)) {
      SamplerState sampler = recipe.start(3);
      float[] logits = new float[model.info().vocabulary()];
      List<Thread> workers = workers();
      eventually(() -> {
        sampler.reserve(tokens);
        session.rewind(session.length());
        session.append(7);
        int next = 7;
        long allocated = 0;
        for (int i = 1; i < tokens; i++) {
          long before = sum(workers);
          session.append(next);
          read(session.logits(), logits);
          next = sampler.next(logits);
          allocated += i % PAGE == 0 ? 0 : sum(workers) - before; // the others begin a page
        }
        assertThat(allocated).as("bytes in %d tokens", tokens).isZero();
      });
    }
  }

  private static void read(Logits latest, float[] logits) {
    for (int id = 0; id < logits.length; id++) {
      logits[id] = latest.get(id);
    }
  }

  private static List<Thread> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("inferno-worker-"))
        .toList();
  }

  /// What the caller and the workers have allocated.
  private static long sum(List<Thread> workers) {
    long sum = AllocatedBytes.here();
    for (int i = 0; i < workers.size(); i++) {
      sum += AllocatedBytes.of(workers.get(i));
    }
    return sum;
  }

  @Test
  void aPageIsNotCopiedOnceItsForkIsClosed() {
    try (Session session = model.newSession(SessionOptions.defaults().threads(1))) {
      eventually(() -> {
        session.rewind(session.length());
        session.append(7);
        session.append(8);
        session.fork().close();
        long before = AllocatedBytes.here();
        session.append(9);
        assertThat(AllocatedBytes.here() - before).as("after a closed fork").isZero();
        try (Session fork = session.fork()) {
          before = AllocatedBytes.here();
          session.append(10);
          assertThat(AllocatedBytes.here() - before)
              .as("beside a fork")
              .isGreaterThanOrEqualTo(session.cacheBytes());
          assertThat(fork.length()).isEqualTo(3);
        }
      });
    }
  }

  @Test
  void aTokenOfGenerateAllocatesItsTextAndItsBoxedIdOnly() {
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();
    try (Session session = model.newSession()) {
      eventually(() -> {
        long forty = generate(session, options, 60) - generate(session, options, 20);
        assertThat(forty / 40.0).as("bytes of a token").isBetween(16.0, 200.0);
      });
    }
  }

  private static long generate(Session session, GenerationOptions options, int tokens) {
    session.rewind(session.length());
    long before = AllocatedBytes.here();
    session.generate(new int[] {2043, 403}, options.maxTokens(tokens));
    return AllocatedBytes.here() - before;
  }

  @Test
  void aPlanOfOneHeadAllocatesForThatHeadOnly() throws IOException {
    try (Model small = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"))) {
      int length = 120;
      long pattern = (long) length * length * Float.BYTES; // of one head; there are eight
      eventually(() -> {
        long unwatched = allocatedByPrompt(small, length);
        long oneHead = allocatedByPrompt(small, length, Hook.PATTERN.layer(1).head(1));
        assertThat(oneHead - unwatched).isBetween(pattern, pattern + 20_000);
      });
      for (Point point :
          List.of(
              Hook.PATTERN.layer(1).head(1).lastPosition(),
              Hook.PATTERN.layer(1).head(1).onlyGenerated(),
              Hook.RESID_POST.allLayers().lastPosition())) {
        eventually(() -> {
          long unwatched = allocatedByPrompt(small, length);
          assertThat(allocatedByPrompt(small, length, point) - unwatched)
              .as("%s", point)
              .isLessThan(20_000);
        });
      }
    }
  }

  private static long allocatedByPrompt(Model model, int length, Point... points) {
    int[] prompt = IntStream.range(0, length).map(i -> i % 250).toArray();
    try (Session session = model.newSession(SessionOptions.defaults().threads(1))) {
      Arrays.stream(points).forEach(point -> session.observe(point, _ -> {}));
      long before = AllocatedBytes.here();
      session.append(prompt);
      return AllocatedBytes.here() - before;
    }
  }

  private static void eventually(Runnable measurement) {
    long start = System.nanoTime();
    while (true) {
      try {
        measurement.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() - start > PATIENCE_NANOS) {
          throw e;
        }
      }
    }
  }
}
