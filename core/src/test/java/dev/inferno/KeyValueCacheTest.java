package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.CacheChange;
import dev.inferno.observe.CacheChange.Kind;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.StepStart;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The cache in the user's hands: what it holds, what can be changed, and what follows from it.
class KeyValueCacheTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();

  @TempDir private Path folder;

  /// A tiny model; of the llama there are variants that turn half of a head, and with one layer.
  private Model load(String name) throws IOException {
    GgufVariant llama = GgufVariant.of(Fixtures.copied("arch/llama/model-f32.gguf"));
    return switch (name) {
      case "llama" -> Model.load(llama.write(folder.resolve("llama.gguf")));
      case "llama-half" -> {
        llama.set("llama.rope.dimension_count", "u32", 8L);
        yield Model.load(llama.write(folder.resolve("half.gguf")));
      }
      case "llama-single" -> {
        llama.set("llama.block_count", "u32", 1L);
        yield Model.load(llama.write(folder.resolve("single.gguf")));
      }
      default -> TinyModels.load(name);
    };
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 300).toArray();
  }

  private static SessionOptions type(KeyValueType type) {
    return SessionOptions.defaults().keyValueType(type);
  }

  private static SessionOptions exact() {
    return type(KeyValueType.F32);
  }

  private static float[] row(float[] rows, int row, int width) {
    return Arrays.copyOfRange(rows, row * width, (row + 1) * width);
  }

  static Stream<String> models() {
    return Stream.concat(Stream.of("llama", "llama-half"), TinyModels.BESIDE_LLAMA.stream());
  }

  @ParameterizedTest
  @MethodSource("models")
  void itHoldsTheKeysAndValuesThatThePointsShow(String name) throws IOException {
    var captured = new Captured("blocks.*.attn.hook_rot_k,blocks.*.attn.hook_v");
    try (Model model = load(name);
        Session session = model.newSession(exact())) {
      session.addListener(captured);
      session.append(tokens(20));
      KeyValueCache cache = session.cache();
      assertThat(cache.length()).isEqualTo(20);
      assertThat(cache.bytes()).isEqualTo(session.cacheBytes()).isPositive();
      for (int layer = 0; layer < model.info().layers(); layer++) {
        float[] keys = captured.array("blocks." + layer + ".attn.hook_rot_k");
        float[] values = captured.array("blocks." + layer + ".attn.hook_v");
        for (int position = 0; position < 20; position++) {
          assertThat(cache.key(layer, position)).isEqualTo(row(keys, position, keys.length / 20));
          assertThat(cache.value(layer, position))
              .isEqualTo(row(values, position, values.length / 20));
        }
      }
    }
  }

  static Stream<Arguments> modelsAndCaches() {
    return models()
        .flatMap(
            name -> Arrays.stream(KeyValueType.values()).map(type -> Arguments.of(name, type)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void settingWhatIsThereChangesNoBit(String name, KeyValueType type) throws IOException {
    try (Model model = load(name);
        Session session = model.newSession(type(type))) {
      session.append(tokens(20));
      session.append(7); // alone, as it passes through the model again
      float[] logits = session.logits().copy();
      KeyValueCache cache = session.cache();
      for (int layer = 0; layer < model.info().layers(); layer++) {
        for (int position = 0; position < cache.length(); position++) {
          float[] key = cache.key(layer, position);
          float[] value = cache.value(layer, position);
          cache.setKey(layer, position, key);
          cache.setValue(layer, position, value);
          assertThat(cache.key(layer, position)).isEqualTo(key);
          assertThat(cache.value(layer, position)).isEqualTo(value);
        }
      }
      assertThat(session.logits().copy()).isEqualTo(logits);
    }
  }

  @Test
  void anEditChangesWhatComesLaterAndNoFork() throws IOException {
    try (Model model = load("llama");
        Session session = model.newSession(type(KeyValueType.F16))) {
      session.append(tokens(70));
      session.append(7);
      float[] logits = session.logits().copy();
      float[] key = session.cache().key(1, 3);
      try (Session fork = session.fork()) {
        session.cache().setValue(1, 3, new float[session.cache().value(1, 3).length]);
        assertThat(session.logits().copy()).isNotEqualTo(logits);
        fork.cache().setKey(1, 3, new float[key.length]);
        assertThat(session.cache().key(1, 3)).isEqualTo(key);
        assertThat(fork.cache().value(1, 3)).isNotEqualTo(session.cache().value(1, 3));
        assertThat(fork.logits().copy()).isNotEqualTo(logits);
      }
    }
  }

  @Test
  void anEditOfTheLastPositionCountsForTokensThatAreAppended() throws IOException {
    try (Model model = load("llama");
        Session session = model.newSession(exact());
        Session plain = session.fork()) {
      for (Session each : List.of(session, plain)) {
        each.append(tokens(20));
      }
      float[] value = session.cache().value(2, 19);
      session.cache().setValue(2, 19, new float[value.length]);
      assertThat(session.cache().value(2, 19)).containsOnly(0);
      session.append(7);
      plain.append(7);
      assertThat(session.logits().copy()).isNotEqualTo(plain.logits().copy());

      session.rewind(1);
      assertThat(session.logits().size()).isPositive(); // position 19 passes once more
      Compare.close("value", session.cache().value(2, 19), value, 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-half",
        "qwen2",
        "qwen2-yarn",
        "qwen3",
        "gemma2",
        "phi3",
        "mistral"
      })
  void aDropTurnsTheKeysOfAllLayersToWhereTheyComeToStand(String name) throws IOException {
    boolean normed = name.equals("qwen3");
    String hookK = normed ? "hook_k_normed" : "hook_k";
    for (KeyValueType type : KeyValueType.values()) {
      var captured = new Captured("blocks.*.attn." + hookK + ",blocks.0.attn.hook_rot_k");
      try (Model model = load(name);
          Session session = model.newSession(type(type))) {
        Session.Registration registration = session.addListener(captured);
        session.append(tokens(90));
        registration.close();
        KeyValueCache cache = session.cache();
        int width = cache.key(0, 0).length;
        int keySize = captured.shape("blocks.0.attn." + hookK)[2];
        int turned = name.equals("llama-half") ? keySize / 2 : keySize;
        List<float[]> values = new ArrayList<>();
        for (int position = 0; position < 90; position++) {
          values.add(cache.value(2, position));
        }
        float[] kept = cache.key(2, 3);

        cache.drop(4, 15);
        assertThat(cache.length()).isEqualTo(79);
        assertThat(cache.key(2, 3)).isEqualTo(kept);
        for (int position = 4; position < 79; position++) {
          assertThat(cache.value(2, position)).isEqualTo(values.get(position + 11));
          float[] raw0 = row(captured.array("blocks.0.attn." + hookK), position, width);
          float[] rotated0 = row(captured.array("blocks.0.attn.hook_rot_k"), position, width);
          for (int layer = 0; layer < model.info().layers(); layer++) {
            float[] raw =
                row(captured.array("blocks." + layer + ".attn." + hookK), position + 11, width);
            float[] expected = turnedAlike(raw, raw0, rotated0, keySize, turned);
            float[] key = cache.key(layer, position);
            double largest = 0;
            for (float number : expected) {
              largest = Math.max(largest, Math.abs(number));
            }
            double tolerance =
                switch (type) {
                  case F32 -> 1e-5;
                  case F16 -> 0x1p-9;
                  case Q8_0 -> 0.01; // rounded by 1/254 of the largest, turned, and rounded again
                };
            Compare.close(
                "key at " + position + " in " + layer, key, expected, largest * tolerance);
          }
        }
      }
    }
  }

  /// Turns each pair of the first head of `raw`, and of the others, as the same pair of another
  /// token's first head was turned: by the quotient of the two as complex numbers.
  private static float[] turnedAlike(
      float[] raw, float[] before, float[] after, int keySize, int turned) {
    float[] result = raw.clone();
    int pairs = turned / 2;
    for (int pair = 0; pair < pairs; pair++) {
      double a = before[pair];
      double b = before[pair + pairs];
      double c = after[pair];
      double d = after[pair + pairs];
      double norm = a * a + b * b;
      double cosine = (c * a + d * b) / norm;
      double sine = (d * a - c * b) / norm;
      for (int head = 0; head < raw.length; head += keySize) {
        double x = raw[head + pair];
        double y = raw[head + pair + pairs];
        result[head + pair] = (float) (x * cosine - y * sine);
        result[head + pair + pairs] = (float) (x * sine + y * cosine);
      }
    }
    return result;
  }

  /// With one layer, keys and values depend on token and position alone.
  @Test
  void withOneLayerWhatIsLeftIsAsIfTheRestHadNeverBeen() throws IOException {
    try (Model model = load("llama-single");
        Session session = model.newSession(exact());
        Session fresh = model.newSession(exact())) {
      session.append(tokens(100));
      session.cache().drop(60, 70);
      session.cache().drop(0, 5);
      int[] left =
          IntStream.range(0, 100)
              .filter(i -> i >= 5 && (i < 60 || i >= 70))
              .map(i -> tokens(100)[i])
              .toArray();
      assertThat(session.tokens()).isEqualTo(left);
      fresh.append(left);
      Compare.close("logits", session.logits().copy(), fresh.logits().copy(), 1e-4);
      session.append(3);
      fresh.append(3);
      Compare.close("logits", session.logits().copy(), fresh.logits().copy(), 1e-4);
    }
  }

  @ParameterizedTest
  @EnumSource(KeyValueType.class)
  void droppingTheLastPositionsIsTakingBackTheirTokens(KeyValueType type) throws IOException {
    for (String name : List.of("llama", "gpt2")) {
      try (Model model = load(name);
          Session session = model.newSession(type(type).contextLength(100))) {
        session.append(tokens(70));
        try (Session other = session.fork()) {
          session.cache().drop(50, 70);
          other.rewind(20);
          assertThat(session.tokens()).isEqualTo(other.tokens());
          assertThat(session.cacheBytes()).isEqualTo(other.cacheBytes());
          assertThat(session.logits().copy()).isEqualTo(other.logits().copy());
          assertThat(session.cache().key(2, 49)).isEqualTo(other.cache().key(2, 49));
          session.cache().drop(0, 50);
          assertThat(session.length()).isZero();
          assertThat(session.cacheBytes()).isZero();
        }
      }
    }
  }

  @Test
  void aTokenThatHasNotPassedThroughTheModelMovesAlong() throws IOException {
    var diary = new Diary();
    try (Model model = load("llama");
        Session session = model.newSession(exact())) {
      session.addListener(diary);
      Generation generation = session.generate(tokens(10), GREEDY.maxTokens(4));
      int last = generation.ids().getLast();
      assertThat(session.cache().length()).isEqualTo(13);
      session.cache().drop(2, 13);
      assertThat(session.tokens()).containsExactly(tokens(10)[0], tokens(10)[1], last);
      assertThat(session.logits().size()).isPositive();
      assertThat(diary.of(StepStart.class)).last().isEqualTo(new StepStart(4, 2, 1));
      assertThat(session.cache().length()).isEqualTo(3);
      session.cache().drop(1, 1); // nothing
      session.logits();
      assertThat(diary.of(StepStart.class)).last().isEqualTo(new StepStart(4, 2, 1));
    }
  }

  @Test
  void learnedPositionsDoNotMove() throws IOException {
    try (Model model = load("gpt2");
        Session session = model.newSession(exact().contextLength(30))) {
      session.append(tokens(10));
      assertThatThrownBy(() -> session.cache().drop(2, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "cannot drop the positions from 2 to before 4 of 10: the model '%s' has learned embeddings of positions, so what is behind cannot move; possible are the last positions",
              model.info().name());
      assertThat(session.tokens()).isEqualTo(tokens(10));
    }
  }

  @Test
  void wrongArgumentsAreRefusedWithTheirValueAndTheRange() throws IOException {
    try (Model model = load("llama");
        Session session = model.newSession(exact())) {
      session.append(tokens(10));
      KeyValueCache cache = session.cache();
      refuses(() -> cache.key(3, 0), "layer must be from 0 to 2, but is 3");
      refuses(() -> cache.value(-1, 0), "layer must be from 0 to 2, but is -1");
      refuses(
          () -> cache.key(0, 10),
          "position must be one of the 10 that the cache holds, counted from 0, but is 10");
      refuses(
          () -> cache.setValue(0, -1, new float[32]),
          "position must be one of the 10 that the cache holds, counted from 0, but is -1");
      refuses(() -> cache.setKey(0, 0, new float[31]), "key must have 32 numbers, but has 31");
      float[] value = new float[32];
      value[5] = Float.NaN;
      refuses(() -> cache.setValue(0, 0, value), "value[5] must be finite, but is NaN");
      String range = "; the cache holds those from 0 to before 10";
      refuses(() -> cache.drop(-1, 3), "cannot drop the positions from -1 to before 3" + range);
      refuses(() -> cache.drop(4, 3), "cannot drop the positions from 4 to before 3" + range);
      refuses(() -> cache.drop(4, 11), "cannot drop the positions from 4 to before 11" + range);
    }
  }

  private static void refuses(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void itIsForIdleSessionsOnly() throws IOException {
    try (Model model = load("llama")) {
      Session session = model.newSession(exact());
      session.append(1, 2, 3);
      KeyValueCache cache = session.cache();
      Session.Registration registration = session.observe(Hook.EMBED.all(), _ -> cache.drop(0, 1));
      assertThatThrownBy(() -> session.append(4))
          .isInstanceOf(ListenerException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
      registration.close();
      session.close();
      assertThatThrownBy(() -> cache.key(0, 0)).isInstanceOf(IllegalStateException.class);
      assertThat(cache.length()).isZero();
    }
  }

  @Test
  void listenersHearOfEveryChunkThatIsWritten() throws IOException {
    var diary = new Diary();
    try (Model model = load("llama");
        Session session = model.newSession(exact().contextLength(2000))) {
      session.addListener(diary);
      session.append(tokens(1100));
      session.append(1);
    }
    assertThat(diary.of(CacheChange.class))
        .containsExactly(
            new CacheChange(Kind.WRITE, 0, 0, 512, 0),
            new CacheChange(Kind.WRITE, 0, 512, 512, 0),
            new CacheChange(Kind.WRITE, 0, 1024, 76, 0),
            new CacheChange(Kind.WRITE, 1, 1100, 1, 0));
  }

  @Test
  void listenersHearOfWhatAGenerationDoesNotComputeAgain() throws IOException {
    var diary = new Diary();
    try (Model model = load("llama");
        Session session = model.newSession(exact())) {
      session.addListener(diary);
      session.generate(tokens(5), GREEDY.maxTokens(2));
      session.generate(tokens(3), GREEDY.maxTokens(1));
      session.rewind(1);
      session.generate(new int[0], GREEDY.maxTokens(1)); // the last position again
    }
    assertThat(diary.of(CacheChange.class))
        .containsExactly(
            new CacheChange(Kind.WRITE, 0, 0, 5, 0),
            new CacheChange(Kind.WRITE, 1, 5, 1, 0),
            new CacheChange(Kind.REUSE, 0, 0, 6, 0),
            new CacheChange(Kind.WRITE, 0, 6, 4, 0),
            new CacheChange(Kind.REUSE, 0, 0, 9, 0),
            new CacheChange(Kind.WRITE, 0, 9, 1, 0));
    assertThat(diary.events)
        .containsSubsequence("generation start", "step start 0", "cache REUSE 0", "hook_embed 0");
  }

  @Test
  void listenersHearOfWhatIsDropped() throws IOException {
    var diary = new Diary();
    var gone = new Diary();
    try (Model model = load("llama");
        Session session = model.newSession(exact())) {
      Session.Registration registration = session.addListener(gone);
      session.append(tokens(10));
      registration.close();
      gone.events.clear();
      session.addListener(diary);
      session.rewind(2);
      session.rewind(0);
      session.cache().drop(1, 4);
      session.cache().drop(4, 5);
    }
    assertThat(gone.events).isEmpty();
    assertThat(diary.payloads)
        .containsExactly(
            new CacheChange(Kind.DROP, 0, 8, 2, 0),
            new CacheChange(Kind.DROP, 0, 1, 3, 4),
            new CacheChange(Kind.DROP, 0, 4, 1, 0));
  }

  @Test
  void listenersHearThatTheChunksOfACancelledAppendAreTakenBack() throws IOException {
    List<CacheChange> changes = new ArrayList<>();
    try (Model model = load("llama");
        Session session = model.newSession(exact().contextLength(2000))) {
      session.append(1, 2);
      session.addListener(
          new Diary() {
            @Override
            public void onCacheChange(CacheChange change) {
              changes.add(change);
              session.cancel();
            }
          });
      assertThatThrownBy(() -> session.append(tokens(600)))
          .isInstanceOf(CancellationException.class);
      assertThat(session.tokens()).containsExactly(1, 2);
    }
    assertThat(changes)
        .containsExactly(
            new CacheChange(Kind.WRITE, 1, 2, 512, 0), new CacheChange(Kind.DROP, 1, 2, 512, 0));
  }
}
