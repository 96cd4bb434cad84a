package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Activation;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Generations longer than the context: what is forgotten, where the rest comes to stand, and what
/// stays as it was.
class ContextShiftTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();
  private static final double HALF = 0x1p-11; // half precision rounds by so much of a number
  private static final double BYTE = 1 / 254.0; // and 8 bits by so much of the largest of 32

  private static Model tiny(String name) throws IOException {
    return name.equals("llama")
        ? Model.load(Fixtures.copied("arch/llama/model-f32.gguf"))
        : TinyModels.load(name);
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 300).toArray();
  }

  private static SessionOptions options(int context, KeyValueType type) {
    return SessionOptions.defaults().contextLength(context).keyValueType(type);
  }

  /// A session with room for 40 positions that has generated 70 tokens after a prompt of 10, and
  /// keeps the first 3.
  private static List<Integer> shifted(Session session) {
    return session.generate(tokens(10), GREEDY.maxTokens(70).contextShift(3)).ids();
  }

  /// What is left of a text, token by token.
  private static List<Integer> left(List<Integer> text, int context, int keepFirst) {
    List<Integer> left = new ArrayList<>();
    for (int id : text) {
      if (left.size() == context) {
        left.subList(keepFirst, keepFirst + (context - keepFirst) / 2).clear();
      }
      left.add(id);
    }
    return left;
  }

  static Stream<Arguments> rotaryModelsAndCaches() {
    return Stream.concat(Stream.of("llama"), TinyModels.BESIDE_LLAMA.stream())
        .filter(name -> !name.equals("gpt2"))
        .flatMap(
            name -> Arrays.stream(KeyValueType.values()).map(type -> Arguments.of(name, type)));
  }

  /// The keys and values of the first layer depend on token and position alone.
  @ParameterizedTest
  @MethodSource("rotaryModelsAndCaches")
  void theFirstLayersKeysAreThoseOfASessionThatHoldsWhatIsLeft(String name, KeyValueType type)
      throws IOException {
    try (Model model = tiny(name);
        Session session = model.newSession(options(40, type));
        Session fresh = model.newSession(options(40, type))) {
      List<Integer> text = new ArrayList<>(Arrays.stream(tokens(10)).boxed().toList());
      text.addAll(shifted(session));
      List<Integer> left = left(text, 40, 3);
      assertThat(text).hasSize(80);
      assertThat(session.tokens()).isEqualTo(left.stream().mapToInt(Integer::intValue).toArray());

      left.forEach(fresh::append); // alone, so that the sums are those of decoding
      int cached = session.cache().length();
      assertThat(cached).isEqualTo(session.length() - 1);
      for (int position = 0; position < cached; position++) {
        float[] expected = fresh.cache().key(0, position);
        double tolerance =
            largest(expected)
                * switch (type) {
                  case F32 -> 1e-5;
                  case F16 -> 6 * HALF;
                  case Q8_0 -> 6 * BYTE;
                };
        String what = "keys at " + position;
        Compare.close(what, session.cache().key(0, position), expected, tolerance);
        assertThat(session.cache().value(0, position)).isEqualTo(fresh.cache().value(0, position));
      }
    }
  }

  private static double largest(float[] numbers) {
    double largest = 0;
    for (float number : numbers) {
      largest = Math.max(largest, Math.abs(number));
    }
    return largest;
  }

  @Test
  void aGenerationFarBeyondTheContextGoesOnToItsEnd() throws IOException {
    try (Model model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
        Session session = model.newSession(options(64, KeyValueType.F16))) {
      Generation generation =
          session.generate("Once upon a time", GREEDY.maxTokens(200).contextShift(5));
      assertThat(generation.end()).isEqualTo(EndReason.LENGTH);
      assertThat(generation.ids()).hasSize(200);
      assertThat(generation.decodeSteps()).isEqualTo(199);
      List<Integer> tokens = Arrays.stream(session.tokens()).boxed().toList();
      assertThat(tokens).startsWith(generation.promptIds().toArray(Integer[]::new));
      assertThat(tokens).endsWith(generation.ids().subList(200 - 20, 200).toArray(Integer[]::new));
      assertThat(session.length()).isBetween(35, 64);
      session.append(7);
      assertThat(session.logits().argmax()).isNotNegative();
    }
  }

  @Test
  void untilTheContextIsFullNothingIsDifferent() throws IOException {
    try (Model model = tiny("llama");
        Session session = model.newSession(options(40, KeyValueType.F32));
        Session other = model.newSession(options(40, KeyValueType.F32))) {
      Generation plain = session.generate(tokens(10), GREEDY);
      assertThat(plain.end()).isEqualTo(EndReason.CONTEXT);
      Generation shifting = other.generate(tokens(10), GREEDY.maxTokens(31).contextShift(0));
      assertThat(shifting.ids()).hasSize(31).startsWith(plain.ids().toArray(Integer[]::new));
      assertThat(other.length()).isEqualTo(21); // half of 40, and the new one
    }
  }

  @Test
  void aPromptThatFillsTheContextIsContinued() throws IOException {
    try (Model model = tiny("llama");
        Session session = model.newSession(options(12, KeyValueType.F32))) {
      assertThat(session.generate(tokens(12), GREEDY.maxTokens(1).contextShift(4)).ids())
          .hasSize(1);
      assertThat(session.tokens()).hasSize(9).startsWith(Arrays.copyOf(tokens(12), 4));
      session.append(1, 2, 3);
      assertThat(session.length()).isEqualTo(12);
      assertThat(session.generate(new int[0], GREEDY.maxTokens(3).contextShift(4)).end())
          .isEqualTo(EndReason.LENGTH);
    }
  }

  @Test
  void theSmallestContextThatCanShiftForgetsOneTokenAtATime() throws IOException {
    try (Model model = tiny("llama");
        Session session = model.newSession(options(4, KeyValueType.F32))) {
      Generation generation = session.generate(tokens(2), GREEDY.maxTokens(9).contextShift(2));
      assertThat(generation.ids()).hasSize(9);
      assertThat(session.tokens())
          .containsExactly(11, 48, generation.ids().get(7), generation.ids().get(8));
    }
  }

  @Test
  void aForkKeepsItsBitsWhenTheOtherShifts() throws IOException {
    try (Model model = tiny("llama")) {
      for (KeyValueType type : KeyValueType.values()) {
        try (Session session = model.newSession(options(150, type))) {
          session.append(tokens(140));
          float[] logits = session.logits().copy();
          try (Session fork = session.fork();
              Session another = session.fork()) {
            List<float[]> before = contents(fork);
            session.generate(new int[0], GREEDY.maxTokens(30).contextShift(7));
            assertThat(session.length()).isLessThan(140);
            Compare.close("logits of the fork", fork.logits().copy(), logits, 0);
            requireSame(contents(fork), before);
            fork.rewind(1);
            another.rewind(1);
            fork.append(tokens(140)[139]);
            another.append(tokens(140)[139]);
            assertThat(fork.logits().copy()).isEqualTo(another.logits().copy());
          }
        }
      }
    }
  }

  /// All keys and values.
  private static List<float[]> contents(Session session) {
    KeyValueCache cache = session.cache();
    List<float[]> contents = new ArrayList<>();
    for (int layer = 0; layer < session.model().info().layers(); layer++) {
      for (int position = 0; position < cache.length(); position++) {
        contents.add(cache.key(layer, position));
        contents.add(cache.value(layer, position));
      }
    }
    return contents;
  }

  private static void requireSame(List<float[]> actual, List<float[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("array %d", i).isEqualTo(expected.get(i));
    }
  }

  @Test
  void aModelWithLearnedPositionsRefusesBeforeItBegins() throws IOException {
    try (Model model = tiny("gpt2");
        Session session = model.newSession(options(40, KeyValueType.F16))) {
      var diary = new Diary();
      session.append(1, 2);
      session.addListener(
          new StepListener() {
            @Override
            public void onCacheChange(CacheChange change) {
              diary.onCacheChange(change);
            }
          });
      assertThatThrownBy(() -> session.generate(tokens(3), GREEDY.contextShift(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "contextShift is impossible: the model '%s' has learned embeddings of positions, so what its cache holds cannot move",
              model.info().name());
      assertThat(session.tokens()).containsExactly(1, 2);
      assertThat(diary.events).isEmpty();
    }
  }

  @Test
  void whatIsKeptMustLeaveRoomForTwo() throws IOException {
    assertThatThrownBy(() -> GREEDY.contextShift(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("contextShift must keep at least 0 first positions, but keeps -1");
    try (Model model = tiny("llama");
        Session session = model.newSession(options(10, KeyValueType.F16))) {
      assertThatThrownBy(() -> session.generate(tokens(3), GREEDY.contextShift(9)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "contextShift must keep fewer than 9 first positions in a context of 10, but keeps 9");
      assertThat(session.length()).isZero();
      assertThat(session.generate(tokens(3), GREEDY.maxTokens(20).contextShift(8)).ids())
          .hasSize(20);
    }
  }

  @Test
  void aPromptLongerThanTheContextIsRefusedAllTheSame() throws IOException {
    try (Model model = tiny("llama");
        Session session = model.newSession(options(10, KeyValueType.F16))) {
      assertThatThrownBy(() -> session.generate(tokens(11), GREEDY.contextShift(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("11 more tokens do not fit");
    }
  }

  @Test
  void penaltiesRememberWhatTheContextForgets() throws IOException {
    Sampler noRepetition =
        Sampler.chain(SamplerStage.penalties(-1, 1, 0, 1000), SamplerStage.temperature(0));
    try (Model model = tiny("llama");
        Session session = model.newSession(options(20, KeyValueType.F16))) {
      GenerationOptions options = GREEDY.sampler(noRepetition).maxTokens(100).contextShift(0);
      List<Integer> all = new ArrayList<>(session.generate(tokens(5), options).ids());
      Arrays.stream(tokens(5)).forEach(all::add);
      assertThat(all).hasSize(105).doesNotHaveDuplicates();
    }
  }

  @Test
  void listenersHearOfItAndOfWhereTheNextTokenStands() throws IOException {
    var diary = new Diary();
    try (Model model = tiny("llama");
        Session session = model.newSession(options(10, KeyValueType.F16))) {
      session.addListener(diary);
      session.generate(tokens(8), GREEDY.maxTokens(8).contextShift(1));
    }
    assertThat(diary.of(CacheChange.class))
        .filteredOn(change -> change.kind() == CacheChange.Kind.SHIFT)
        .containsExactly(
            new CacheChange(CacheChange.Kind.SHIFT, 2, 1, 4, 5),
            new CacheChange(CacheChange.Kind.SHIFT, 6, 1, 4, 5));
    assertThat(diary.of(Selection.class))
        .extracting(Selection::position)
        .containsExactly(8, 9, 6, 7, 8, 9, 6, 7);
    assertThat(diary.events)
        .containsSubsequence(
            "step start 2",
            "cache WRITE 2",
            "cache SHIFT 2",
            "stage greedy",
            "selection 2",
            "step end 2");
  }

  static List<Point> pointsAndPositions() {
    return List.of(
        Hook.EMBED.all(),
        Hook.EMBED.all().positions(9),
        Hook.EMBED.all().positions(14),
        Hook.PATTERN.layer(1).head(0).onlyGenerated());
  }

  @ParameterizedTest
  @MethodSource("pointsAndPositions")
  void budgetsCountWhatComesAfterAShift(Point point) throws IOException {
    GenerationOptions options = GREEDY.maxTokens(50).contextShift(2);
    try (Model model = tiny("llama")) {
      var counter = new Counter(ObservationPlan.of(point));
      try (Session session = model.newSession(options(20, KeyValueType.F16))) {
        session.addListener(counter);
        session.generate(tokens(6), options);
      }
      assertThat(counter.bytes).isPositive();
      try (Session session = model.newSession(options(20, KeyValueType.F16))) {
        session.addListener(new Counter(ObservationPlan.of(point).within(counter.bytes - 1)));
        assertThatThrownBy(() -> session.generate(tokens(6), options))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("would deliver %d bytes", counter.bytes);
      }
      try (Session session = model.newSession(options(20, KeyValueType.F16))) {
        session.addListener(new Counter(ObservationPlan.of(point).within(counter.bytes)));
        assertThat(session.generate(tokens(6), options).ids()).hasSize(50);
      }
    }
  }

  @Test
  void aBudgetForAnEndlessTextIsReckonedWithAtOnce() throws IOException {
    try (Model model = tiny("llama");
        Session session = model.newSession(options(20, KeyValueType.F16))) {
      GenerationOptions endless = GREEDY.maxTokens(Integer.MAX_VALUE).contextShift(0);
      session.addListener(new Counter(ObservationPlan.of(Hook.EMBED.all()).within(1 << 30)));
      assertThatThrownBy(() -> session.generate(tokens(5), endless))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "would deliver %d bytes", (5L + Integer.MAX_VALUE - 20 - 1) * 64 * Float.BYTES);
    }
  }

  /// Counts what it is given.
  private static final class Counter implements StepListener {
    private final ObservationPlan plan;
    private long bytes;

    Counter(ObservationPlan plan) {
      this.plan = plan;
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return plan;
    }

    @Override
    public void onActivation(Activation activation) {
      bytes += (long) activation.tensor().copy().length * Float.BYTES;
    }
  }
}
