package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.TensorInfo;
import dev.inferno.internal.models.ModelFile;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Patch;
import dev.inferno.observe.Point;
import dev.inferno.observe.analysis.FrozenNorm;
import dev.inferno.observe.analysis.LogitAttribution;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold of the points and edits of every architecture, whatever its numbers.
@Tag("models")
class IdentitiesTest {
  private static final int LONG = 21; // rows of the prefill kernels
  private static final int SHORT = 7; // and of those of decode

  private static final String STEP = "step.1."; // the prefix of what the cached step showed

  static List<String> models() throws IOException {
    return FixtureModels.names();
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 300).toArray();
  }

  /// What every point has in a prompt of so many tokens and in a cached step behind it.
  private static Captured pass(Model model, int length, Intervention... interventions) {
    var captured = new Captured("all");
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      session.addListener(captured);
      session.append(tokens(length));
      session.append(3);
    }
    return captured;
  }

  @ParameterizedTest
  @MethodSource("models")
  void anEditThatChangesNothingChangesNothing(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        Captured expected = pass(model, length);
        for (Hook hook : Hooks.of(model)) {
          if (hook.editable()) {
            Captured edited = pass(model, length, hook.all().everyPosition().scale(1));
            expected
                .arrays()
                .forEach((point, values) ->
                    assertThat(edited.array(point)).as("%s of %s", point, hook).isEqualTo(values));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void editsThatChangeNothingAndThatNobodyWatchesChangeNothing(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      List<Hook> editable = Hooks.of(model).stream().filter(Hook::editable).toList();
      for (int length : new int[] {1, SHORT, LONG}) {
        List<float[]> expected = logits(model, length, List.of());
        List<Intervention> all = editable.stream().map(hook -> hook.all().scale(1)).toList();
        assertThat(logits(model, length, all))
            .usingElementComparator(Arrays::compare)
            .isEqualTo(expected);
        for (Hook hook : editable) {
          assertThat(logits(model, length, List.of(hook.all().everyPosition().scale(1))))
              .as("%s", hook)
              .usingElementComparator(Arrays::compare)
              .isEqualTo(expected);
        }
      }
    }
  }

  /// The logits behind a prompt of so many tokens, and behind a cached step.
  private static List<float[]> logits(Model model, int length, List<Intervention> interventions) {
    List<float[]> logits = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      interventions.forEach(session::intervene);
      for (int[] more : List.of(tokens(length), new int[] {3})) {
        session.append(more);
        logits.add(session.logits().copy());
      }
    }
    return logits;
  }

  @ParameterizedTest
  @MethodSource("models")
  void aRunThatIsPatchedWithItselfStaysAsItIs(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        Map<String, Point> points = patchable(model);
        Map<String, List<Patch>> own = new TreeMap<>();
        try (Session session = model.newSession(Prompts.EXACT)) {
          for (Point point : points.values()) {
            session.observe(
                point, a -> own.computeIfAbsent(a.name(), _ -> new ArrayList<>()).add(Patch.of(a)));
          }
          session.append(tokens(length));
          session.append(3);
        }
        List<float[]> expected = logits(model, length, List.of());
        List<Intervention> all = new ArrayList<>();
        points.forEach((point, place) -> {
          Intervention patch = place.patch(Patch.joined(own.getOrDefault(point, List.of())));
          all.add(patch);
          assertThat(logits(model, length, List.of(patch)))
              .as(point)
              .usingElementComparator(Arrays::compare)
              .isEqualTo(expected);
        });
        assertThat(logits(model, length, all))
            .as("patched everywhere")
            .usingElementComparator(Arrays::compare)
            .isEqualTo(expected);
      }
    }
  }

  /// Every place of a model where rows can be put in place, by its name.
  private static Map<String, Point> patchable(Model model) {
    Map<String, Point> points = new TreeMap<>();
    for (Hook hook : Hooks.of(model)) {
      for (int layer : Hooks.layers(model, hook)) {
        if (hook.editable() && hook.rowsFirst()) {
          Point point = hook.perLayer() ? hook.layer(layer) : hook.all();
          points.put(hook.name(layer), point.everyPosition());
        }
      }
    }
    return points;
  }

  @ParameterizedTest
  @MethodSource("models")
  void zeroingAHeadIsSubtractingItsResult(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      int width = model.info().width();
      int heads = model.info().heads();
      for (int length : new int[] {SHORT, LONG}) {
        Captured before = pass(model, length);
        for (int layer = 0; layer < model.info().layers(); layer++) {
          for (int head = 0; head < heads; head++) {
            Captured after = pass(model, length, Hook.Z.layer(layer).head(head).zero());
            String what = "head %d of layer %d".formatted(head, layer);
            for (String prefix : List.of("", STEP)) { // what a layer reads is as it was in both
              float[] expected = before.array(prefix + Hook.ATTN_RAW_OUT.name(layer)).clone();
              float[] results = before.array(prefix + Hook.RESULT.name(layer));
              for (int i = 0; i < expected.length; i++) {
                expected[i] -= results[(i / width * heads + head) * width + i % width];
              }
              String point = prefix + Hook.ATTN_RAW_OUT.name(layer);
              Compare.close(what, after.array(point), expected, 1e-4);
            }
            Captured zeroed = pass(model, length, Hook.RESULT.layer(layer).head(head).zero());
            Compare.close(what, zeroed.array("logits"), after.array("logits"), 1e-3);
            String step = STEP + "logits";
            Compare.close(what, zeroed.array(step), after.array(step), 1e-3);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theResidualStreamIsTheSumOfEverythingThatWasAdded(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        Captured captured = pass(model, length);
        for (String prefix : List.of("", STEP)) {
          float[] sum = captured.array(prefix + "hook_embed").clone();
          if (Hooks.of(model).contains(Hook.POS_EMBED)) {
            add(sum, captured.array(prefix + "hook_pos_embed"));
          }
          for (int layer = 0; layer < model.info().layers(); layer++) {
            assertThat(captured.array(prefix + Hook.RESID_PRE.name(layer))).isEqualTo(sum);
            add(sum, captured.array(prefix + Hook.ATTN_OUT.name(layer)));
            if (Hooks.of(model).contains(Hook.RESID_MID)) { // parallel branches have none
              assertThat(captured.array(prefix + Hook.RESID_MID.name(layer))).isEqualTo(sum);
            }
            add(sum, captured.array(prefix + Hook.MLP_OUT.name(layer)));
            assertThat(captured.array(prefix + Hook.RESID_POST.name(layer))).isEqualTo(sum);
          }
        }
      }
    }
  }

  private static void add(float[] sum, float[] values) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aCachedStepIsTheLastRowOfOnePassAtEveryPoint(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        Captured cached = pass(model, length);
        var whole = new Captured("all");
        try (Session session = model.newSession(Prompts.EXACT)) {
          session.addListener(whole);
          session.append(
              IntStream.concat(Arrays.stream(tokens(length)), IntStream.of(3)).toArray());
        }
        assertThat(cached.arrays().keySet()).hasSize(2 * whole.arrays().size());
        whole
            .arrays()
            .forEach((point, rows) -> {
              float[] step = cached.array(STEP + point);
              boolean isRowOfAttention =
                  point.endsWith(".hook_pattern")
                      || point.endsWith(".hook_attn_scores")
                      || point.endsWith(".hook_sink");
              float[] expected =
                  isRowOfAttention
                      ? lastQueries(rows, whole.shape(point), step.length)
                      : Arrays.copyOfRange(rows, rows.length - step.length, rows.length);
              Compare.close(point, step, expected, 3e-4);
            });
      }
    }
  }

  /// Of `[heads, queries, keys]`, or without keys, the last query of each head, and of it the last
  /// keys: those that a window leaves.
  private static float[] lastQueries(float[] rows, int[] shape, int length) {
    float[] last = new float[length];
    int keys = length / shape[0];
    for (int head = 0; head < shape[0]; head++) {
      int end = (head + 1) * (rows.length / shape[0]);
      System.arraycopy(rows, end - keys, last, head * keys, keys);
    }
    return last;
  }

  @ParameterizedTest
  @MethodSource("models")
  void whatTheEmbeddingAndTheBlocksContributeSumsToTheLogits(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      float[] unembedding = FixtureModels.read(name, IdentitiesTest::unembedding);
      Function<float[], FrozenNorm> finalNorm = FixtureModels.read(name, IdentitiesTest::finalNorm);
      int width = model.info().width();
      int vocabulary = model.info().vocabulary();
      for (int length : new int[] {SHORT, LONG}) {
        Captured captured = pass(model, length);
        for (String prefix : List.of("", STEP)) {
          int rows = prefix.isEmpty() ? length : 1;
          for (int row = 0; row < rows; row++) {
            List<float[]> components = new ArrayList<>();
            for (Hook hook : List.of(Hook.EMBED, Hook.POS_EMBED, Hook.ATTN_OUT, Hook.MLP_OUT)) {
              for (int layer : Hooks.layers(model, hook)) {
                if (Hooks.of(model).contains(hook)) {
                  components.add(row(captured, prefix + hook.name(layer), row, width));
                }
              }
            }
            String last = prefix + Hook.RESID_POST.name(model.info().layers() - 1);
            float[] residual = row(captured, last, row, width);
            FrozenNorm norm = finalNorm.apply(residual);
            float scale = captured.array(prefix + Hook.FINAL_SCALE.name(-1))[row];
            assertThat(norm.scale()).isCloseTo(scale, within(1e-5 * scale));
            float[] logits = row(captured, prefix + Hook.UNEMBED_OUT.name(-1), row, vocabulary);
            for (int id = 0; id < vocabulary; id += 1 + rows / 2) {
              float[] direction = Arrays.copyOfRange(unembedding, id * width, (id + 1) * width);
              assertThat(LogitAttribution.of(components, norm, direction, logits[id]).residual())
                  .as("%srow %d, token %d", prefix, row, id)
                  .isCloseTo(0, within(1e-4));
            }
          }
        }
      }
    }
  }

  private static float[] row(Captured captured, String name, int row, int width) {
    return Arrays.copyOfRange(captured.array(name), row * width, (row + 1) * width);
  }

  /// The output matrix, which may be that of the embedding.
  private static float[] unembedding(ModelFile file) {
    TensorInfo tied = file.tensor("token_embd.weight").orElseThrow();
    return FixtureModels.floats(file, file.tensor("output.weight").orElse(tied));
  }

  /// The final norm, frozen where it norms a residual stream.
  private static Function<float[], FrozenNorm> finalNorm(ModelFile file) {
    float[] gain = floats(file, "output_norm.weight").orElseThrow();
    Optional<float[]> bias = floats(file, "output_norm.bias");
    String key = file.requiredString("general.architecture") + ".attention.layer_norm_";
    OptionalDouble rms = file.real(key + "rms_epsilon");
    OptionalDouble layer = file.real(key + "epsilon");
    if (rms.isEmpty() || (layer.isPresent() && bias.isPresent())) { // EXAONE and Nemotron have both
      float[] added = bias.orElse(new float[gain.length]);
      return residual -> FrozenNorm.layer(residual, gain, added, layer.orElseThrow());
    }
    return residual -> FrozenNorm.rootMeanSquare(residual, gain, rms.getAsDouble());
  }

  private static Optional<float[]> floats(ModelFile file, String name) {
    return file.tensor(name).map(tensor -> FixtureModels.floats(file, tensor));
  }

  @ParameterizedTest
  @MethodSource("models")
  void watchingEverythingChangesNoLogit(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {1, SHORT, LONG}) {
        try (Session watched = model.newSession(Prompts.EXACT);
            Session unwatched = model.newSession(Prompts.EXACT)) {
          var captured = new Captured("all");
          watched.addListener(captured);
          for (int[] more : List.of(tokens(length), new int[] {5}, new int[] {8, 2})) {
            watched.append(more);
            unwatched.append(more);
            assertThat(watched.logits().copy()).isEqualTo(unwatched.logits().copy());
          }
          assertThat(captured.events()).isEqualTo(3 * Hooks.events(model));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aSumOfRouterSharesAndOfAPatternWithItsSinkIsOne(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      Captured captured = pass(model, LONG);
      boolean softmax = FixtureModels.read(name, IdentitiesTest::gating) == 1; // or the sigmoid
      boolean sinks = Hooks.of(model).contains(Hook.SINK);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        float[] pattern = captured.array(Hook.PATTERN.name(layer));
        for (int row = 0; row < pattern.length / LONG; row++) {
          float[] keys = Arrays.copyOfRange(pattern, row * LONG, (row + 1) * LONG);
          if (sinks) {
            keys = Arrays.copyOf(keys, LONG + 1);
            keys[LONG] = captured.array(Hook.SINK.name(layer))[row];
          }
          sumsToOne(keys);
        }
        if (softmax && Hooks.layers(model, Hook.ROUTER_PROBS).contains(layer)) {
          float[] shares = captured.array(Hook.ROUTER_PROBS.name(layer));
          int experts = shares.length / LONG;
          for (int row = 0; row < LONG; row++) {
            sumsToOne(Arrays.copyOfRange(shares, row * experts, (row + 1) * experts));
          }
        }
      }
    }
  }

  private static long gating(ModelFile file) {
    String architecture = file.requiredString("general.architecture");
    return file.integer(architecture + ".expert_gating_func").orElse(1);
  }

  private static void sumsToOne(float[] row) {
    double sum = 0;
    float smallest = 0;
    for (float value : row) {
      sum += value;
      smallest = Math.min(smallest, value);
    }
    assertThat(smallest).isZero();
    assertThat(sum).isCloseTo(1, within(1e-5));
  }
}
