package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Patch;
import dev.inferno.observe.Point;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each operation makes of the values, and where it may not act. That zero, scale and add act
/// where they are told to is in {@link InterventionTest}.
class OperationsTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();
  private static final int POSITIONS = 20;

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 2000).toArray();
  }

  private Captured pass(int[] prompt, Intervention... interventions) {
    return pass(prompt, Prompts.EXACT, prompt.length, interventions);
  }

  /// The prompt in pieces of at most `rows`, each a step.
  private Captured pass(
      int[] prompt, SessionOptions options, int rows, Intervention... interventions) {
    var captured = new Captured("all");
    try (Session session = model.newSession(options)) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      session.addListener(captured);
      for (int from = 0; from < prompt.length; from += rows) {
        session.append(Arrays.copyOfRange(prompt, from, Math.min(prompt.length, from + rows)));
      }
    }
    return captured;
  }

  /// All values of a point, by position.
  private static float[] joined(Captured captured, String name) {
    var all = new TreeMap<Integer, float[]>();
    captured
        .arrays()
        .forEach((key, values) -> {
          if (key.equals(name)) {
            all.put(0, values);
          } else if (key.startsWith("step.") && key.endsWith("." + name)) {
            all.put(Integer.parseInt(key.substring(5, key.indexOf('.', 5))), values);
          }
        });
    int size = all.values().stream().mapToInt(values -> values.length).sum();
    float[] joined = new float[size];
    int at = 0;
    for (float[] values : all.values()) {
      System.arraycopy(values, 0, joined, at, values.length);
      at += values.length;
    }
    return joined;
  }

  private static Point in(Hook hook) {
    return hook.perLayer() ? hook.layer(3) : hook.all().everyPosition();
  }

  private static float[] wave(int length) {
    float[] vector = new float[length];
    for (int i = 0; i < length; i++) {
      vector[i] = (float) Math.sin(i + 1);
    }
    return vector;
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.InterventionTest#rowHooks")
  void whatIsSetIsWhatIsSeen(Hook hook) {
    Point point = in(hook);
    String name = hook.name(3);
    int width = pass(tokens(1)).array(name).length;
    float[] vector = wave(width);
    Intervention set = point.set(vector);
    assertThat(pass(tokens(4), set).array(name)).isEqualTo(repeated(vector, 4));
    assertThat(pass(tokens(4), point.mean(vector)).array(name)).isEqualTo(repeated(vector, 4));
    assertThat(pass(tokens(4), point.set(-0.3f)).array(name)).containsOnly(-0.3f);
    assertThat(joined(pass(tokens(4), Prompts.EXACT, 1, set), name)) // in cached steps as well
        .isEqualTo(repeated(vector, 4));
  }

  private static float[] repeated(float[] vector, int times) {
    float[] all = new float[times * vector.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = vector[i % vector.length];
    }
    return all;
  }

  @Test
  void oneNumberIsAddedToAllThatAreMeant() {
    float[] before = pass(tokens(5)).array(Hook.Z.name(3));
    float[] after =
        pass(tokens(5), Hook.Z.layer(3).head(2).add(0.75f).neurons(0, 9)).array(Hook.Z.name(3));
    for (int i = 0; i < before.length; i++) {
      boolean meant = i / 32 % 4 == 2 && (i % 32 == 0 || i % 32 == 9);
      assertThat(after[i]).isEqualTo(meant ? before[i] + 0.75f : before[i]);
    }
    before = pass(tokens(5)).array(Hook.SCORES.name(1));
    after =
        pass(tokens(5), Hook.SCORES.layer(1).head(2).add(-3).neurons(1)).array(Hook.SCORES.name(1));
    for (int i = 0; i < before.length; i++) { // [heads, 5 rows, 5 keys]
      boolean meant = i / 25 == 2 && i % 5 == 1;
      assertThat(after[i]).isEqualTo(meant ? before[i] - 3 : before[i]);
    }
  }

  @Test
  void aVectorOfAHeadIsSetInEachHead() {
    float[] vector = wave(model.info().headSize());
    float[] z = pass(tokens(2)).array(Hook.Z.name(3));
    float[] set = pass(tokens(2), Hook.Z.layer(3).heads(0, 3).set(vector)).array(Hook.Z.name(3));
    for (int i = 0; i < set.length; i++) {
      int head = i / vector.length % model.info().heads();
      assertThat(set[i]).isEqualTo(head == 0 || head == 3 ? vector[i % vector.length] : z[i]);
    }
  }

  @Test
  void clampedValuesStayBetweenTheBounds() {
    float[] before = pass(tokens(5)).array(Hook.RESID_POST.name(2));
    float[] after =
        pass(tokens(5), Hook.RESID_POST.layer(2).clamp(-0.25f, 0.5f))
            .array(Hook.RESID_POST.name(2));
    assertThat(before).usingComparatorWithPrecision(0f).doesNotContain(0.5f);
    assertThat(after).contains(0.5f).contains(-0.25f);
    for (int i = 0; i < after.length; i++) {
      assertThat(after[i]).isEqualTo(Math.clamp(before[i], -0.25f, 0.5f));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESID_PRE", "Z"})
  void whatIsProjectedOutHasNoPartOfTheDirectionLeft(Hook hook) {
    int part = hook == Hook.Z ? model.info().headSize() : model.info().width();
    float[] direction = wave(part);
    float[] before = pass(tokens(6)).array(hook.name(3));
    float[] after = pass(tokens(6), hook.layer(3).projectOut(direction)).array(hook.name(3));
    for (int at = 0; at < after.length; at += part) {
      double product = 0;
      double square = 0;
      double size = 0;
      for (int i = 0; i < part; i++) {
        product += (double) before[at + i] * direction[i];
        square += (double) direction[i] * direction[i];
        size += Math.abs((double) before[at + i] * direction[i]);
      }
      double left = 0;
      for (int i = 0; i < part; i++) {
        double expected = before[at + i] - product / square * direction[i];
        assertThat((double) after[at + i]).isCloseTo(expected, within(1e-6 * size));
        left += (double) after[at + i] * direction[i];
      }
      assertThat(product).isNotEqualTo(0);
      assertThat(left).isCloseTo(0, within(1e-6 * size));
    }
  }

  @Test
  void noiseDependsOnNothingButSeedPointPositionAndIndex() {
    Intervention[] edits = {
      Hook.EMBED.all().noise(0.5f, 42),
      Hook.RESID_POST.layer(3).set(0),
      Hook.RESID_POST.layer(3).noise(2, 42),
      Hook.Z.layer(3).set(0),
      Hook.Z.layer(3).heads(1, 2).noise(1, -7)
    };
    List<String> names = List.of("hook_embed", Hook.RESID_POST.name(3), Hook.Z.name(3));
    int[] prompt = tokens(600); // two chunks
    SessionOptions options = Prompts.EXACT.contextLength(600);
    Captured whole = pass(prompt, options.threads(1), 600, edits);
    for (int rows : new int[] {600, 37, 1}) {
      Captured pieces = pass(prompt, options.threads(2), rows, edits);
      for (String name : names) {
        assertThat(joined(pieces, name))
            .as("%s in pieces of %d", name, rows)
            .isEqualTo(whole.array(name));
      }
    }
    float[] z = whole.array(Hook.Z.name(3));
    for (int i = 0; i < 128; i++) {
      assertThat(z[i] != 0).isEqualTo(i / 32 == 1 || i / 32 == 2);
    }
  }

  @Test
  void noiseIsTheOneThatIsDocumentedAndNormallyDistributed() {
    // The values are those of a program of its own, in Python.
    int width = model.info().width();
    float[] embed = pass(tokens(POSITIONS)).array("hook_embed");
    float[] moved = pass(tokens(POSITIONS), Hook.EMBED.all().noise(1, 42)).array("hook_embed");
    assertThat(moved[0]).isEqualTo((float) (embed[0] + 1.5921629028202524));
    assertThat(moved[3 * width + 5])
        .isEqualTo((float) (embed[3 * width + 5] - 0.45513886073632864));
    float[] noise =
        pass(tokens(POSITIONS), Hook.Z.layer(3).set(0), Hook.Z.layer(3).noise(1, -7).neurons(31))
            .array(Hook.Z.name(3));
    assertThat(noise[19 * width + 127]).isEqualTo((float) -0.10378045883922746);

    float[] many =
        pass(tokens(200), Hook.RESID_PRE.layer(1).set(0), Hook.RESID_PRE.layer(1).noise(2, 1))
            .array(Hook.RESID_PRE.name(1));
    double sum = 0;
    double squares = 0;
    for (float value : many) {
      sum += value;
      squares += (double) value * value;
    }
    int n = many.length; // 25600: the mean is known to 0.0125, the variance to 0.035
    assertThat(sum / n).isCloseTo(0, within(0.06));
    assertThat(squares / n).isCloseTo(4, within(0.18));
  }

  @Test
  void noiseOfSigmaZeroChangesNothing() {
    Captured expected = pass(tokens(25));
    Captured edited =
        pass(
            tokens(25),
            Hook.RESID_PRE.allLayers().noise(0, 3),
            Hook.Z.allLayers().clamp(-Float.MAX_VALUE, Float.MAX_VALUE));
    assertThat(edited.array("logits")).isEqualTo(expected.array("logits"));
  }

  @Test
  void aRunThatIsPatchedWithItselfHasTheSameLogits() {
    int[] prompt = tokens(25);
    List<Point> points =
        Hooks.of(model).stream()
            .filter(hook -> hook.editable() && hook.rowsFirst())
            .map(OperationsTest::in)
            .toList();
    List<List<Patch>> parts = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    List<Intervention> patches = new ArrayList<>();
    Generation generation;
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Point point : points) {
        List<Patch> own = new ArrayList<>();
        session.observe(point.everyPosition(), a -> own.add(Patch.of(a)));
        parts.add(own);
      }
      session.observe(Hook.LOGITS.all(), a -> logits.add(a.tensor().copy()));
      generation = session.generate(prompt, GREEDY.maxTokens(4));
    }
    for (int i = 0; i < points.size(); i++) {
      Patch patch = Patch.joined(parts.get(i));
      assertThat(patch.rows()).isEqualTo(28); // the last token is not passed through
      patches.add(points.get(i).patch(patch));
    }
    List<float[]> again = new ArrayList<>();
    List<Intervention> touched = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      patches.forEach(session::intervene);
      session.observe(Hook.LOGITS.all(), a -> again.add(a.tensor().copy()));
      session.observe(Hook.RESID_MID.layer(3), a -> touched.addAll(a.interventions()));
      assertThat(session.generate(prompt, GREEDY.maxTokens(4)).ids()).isEqualTo(generation.ids());
    }
    assertThat(again).hasSize(4).usingElementComparator(Arrays::compare).isEqualTo(logits);
    assertThat(touched)
        .hasSize(4)
        .containsOnly(
            points.get(points.indexOf(in(Hook.RESID_MID))).patch(residMid(parts, points)));
  }

  private static Patch residMid(List<List<Patch>> parts, List<Point> points) {
    return Patch.joined(parts.get(points.indexOf(in(Hook.RESID_MID))));
  }

  @Test
  void anEventNamesTheInterventionsThatTouchedWhatItShows() {
    Intervention row = Hook.Z.layer(2).positions(3).zero();
    Intervention head = Hook.Z.layer(2).head(1).zero();
    Intervention cut = Hook.SCORES.layer(2).positions(4).cut(2);
    List<String> named = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      List.of(row, head, cut).forEach(session::intervene);
      session.observe(Hook.Z.layer(2).positions(0).head(0), a -> named.add(names(a)));
      session.observe(Hook.Z.layer(2).positions(3).head(0), a -> named.add(names(a)));
      session.observe(Hook.Z.layer(2).positions(0), a -> named.add(names(a)));
      session.observe(Hook.SCORES.layer(2).positions(4), a -> named.add(names(a)));
      session.observe(Hook.SCORES.layer(2).positions(1), a -> named.add(names(a)));
      session.append(tokens(6));
    }
    assertThat(named)
        .containsExactlyInAnyOrder("", row.toString(), head.toString(), cut.toString(), "");
  }

  private static String names(Activation activation) {
    return activation.interventions().stream()
        .map(Intervention::toString)
        .collect(Collectors.joining(", "));
  }

  @Test
  void whatIsMaskedStaysMaskedWhenItIsScaledByZero() {
    float[] scores =
        pass(
                tokens(6),
                Hook.SCORES.layer(2).positions(4).cut(2),
                Hook.SCORES.layer(2).positions(4).scale(0))
            .array(Hook.SCORES.name(2));
    for (int head = 0; head < 4; head++) {
      for (int key = 0; key < 5; key++) {
        assertThat(scores[head * 36 + 24 + key] + 0f) // no -0
            .isEqualTo(key == 2 ? Float.NEGATIVE_INFINITY : 0f);
      }
    }
  }

  @Test
  void aPatchPutsARowInPlaceAndLeavesPositionsThatItLacks() {
    int width = model.info().width();
    float[] rows = wave(2 * width);
    Patch patch = Patch.of(Hook.RESID_POST, 2, new int[] {1, 4}, rows);
    Intervention edit = Hook.RESID_POST.layer(2).patch(patch);
    float[] before = pass(tokens(6)).array(Hook.RESID_POST.name(2));
    float[] after = pass(tokens(6), edit).array(Hook.RESID_POST.name(2));
    float[] expected = before.clone();
    System.arraycopy(rows, 0, expected, width, width);
    System.arraycopy(rows, width, expected, 4 * width, width);
    assertThat(after).isEqualTo(expected);

    List<Integer> touches = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.intervene(edit);
      session.observe(
          Hook.RESID_POST.layer(2).everyPosition(), a -> touches.add(a.interventions().size()));
      for (int id : tokens(6)) {
        session.append(id);
      }
    }
    assertThat(touches).containsExactly(0, 1, 0, 0, 1, 0);
  }

  @Test
  void aPatchOfSomeHeadsLeavesTheOthers() {
    float[] other = pass(IntStream.range(50, 56).toArray()).array(Hook.Z.name(2));
    int[] positions = IntStream.range(0, 6).toArray();
    Patch patch = Patch.of(Hook.Z, 2, positions, other);
    float[] before = pass(tokens(6)).array(Hook.Z.name(2));
    float[] after =
        pass(tokens(6), Hook.Z.layer(2).head(1).patch(patch).neurons(0, 31)).array(Hook.Z.name(2));
    for (int i = 0; i < after.length; i++) {
      boolean meant = i / 32 % 4 == 1 && (i % 32 == 0 || i % 32 == 31);
      assertThat(after[i]).isEqualTo(meant ? other[i] : before[i]);
    }
  }

  @Test
  void onlyTheNeuronsThatAreNamedChange() {
    int width = model.info().width();
    float[] vector = wave(width);
    Point point = Hook.MLP_OUT.layer(4);
    float[] before = pass(tokens(3)).array(point.toString());
    for (Intervention edit :
        List.of(
            point.zero(),
            point.set(3),
            point.scale(-2),
            point.add(vector),
            point.set(vector),
            point.clamp(9, 10),
            point.projectOut(vector),
            point.noise(1, 1))) {
      float[] after = pass(tokens(3), edit.neurons(7, 100)).array(point.toString());
      for (int i = 0; i < after.length; i++) {
        boolean meant = i % width == 7 || i % width == 100;
        assertThat(after[i] != before[i]).as("%s at %d", edit, i).isEqualTo(meant);
      }
      if (edit.operation() instanceof Intervention.Add) {
        assertThat(after[7]).isEqualTo(before[7] + vector[7]);
      } else if (edit.operation() instanceof Intervention.ProjectOut) {
        assertThat(after[7] * vector[7] + after[100] * vector[100]).isCloseTo(0, within(1e-5f));
      }
    }
  }

  @Test
  void stepsSayWhenItActs() {
    Point point = Hook.ATTN_OUT.layer(1);
    assertThat(stepsChanged(point.zero())).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(stepsChanged(point.zero().fromStep(4))).containsExactly(4, 5);
    assertThat(stepsChanged(point.zero().steps(1, 3))).containsExactly(1, 2, 3);
    assertThat(stepsChanged(point.zero().everyStep(2))).containsExactly(0, 2, 4);
    assertThat(stepsChanged(point.zero().everyStep(2).steps(1, 4))).containsExactly(1, 3);
    assertThat(stepsChanged(point.zero().fromStep(9))).isEmpty();
  }

  /// The steps of a generation whose events name the edit; the values must agree.
  private List<Integer> stepsChanged(Intervention edit) {
    List<Integer> steps = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(edit);
      session.observe(
          edit.point().everyPosition(),
          a -> {
            boolean touched = a.interventions().equals(List.of(edit));
            assertThat(a.tensor().norm() == 0).isEqualTo(touched);
            if (touched) {
              steps.add(a.step());
            }
          });
      session.generate(tokens(5), GREEDY.maxTokens(6));
    }
    return steps;
  }

  @ParameterizedTest
  @ValueSource(ints = {25, 4, 1})
  void anEditOfSomeTokensActsAtTheirRowsHoweverTheyAreFed(int rows) {
    int[] prompt = tokens(25);
    prompt[7] = prompt[3];
    int width = model.info().width();
    Intervention edit = Hook.EMBED.all().zero().onlyTokens(prompt[3], prompt[24]);
    float[] embed = joined(pass(prompt, Prompts.EXACT, rows, edit), "hook_embed");
    for (int position = 0; position < 25; position++) {
      boolean zero = true;
      for (int i = position * width; i < (position + 1) * width; i++) {
        zero &= embed[i] == 0;
      }
      assertThat(zero)
          .as("position %d", position)
          .isEqualTo(position == 3 || position == 7 || position == 24);
    }
  }

  @Test
  void newOperationsActInCachedStepsAsInOnePass() {
    Intervention[] edits = {
      Hook.Z.layer(5).head(3).projectOut(wave(32)),
      Hook.RESID_POST.layer(2).noise(0.1f, 9),
      Hook.MLP_OUT.layer(1).clamp(-0.5f, 0.5f),
      Hook.ATTN_OUT.layer(6).mean(wave(128)).neurons(1, 2, 3)
    };
    int[] ids = tokens(12); // few enough for the kernels of single steps
    assertThat(joined(pass(ids, Prompts.EXACT, 1, edits), "logits"))
        .isEqualTo(pass(ids, edits).array("logits"));
  }

  @Test
  void whatIsWrongIsToldWithThePoint() {
    Point point = Hook.RESID_POST.layer(3);
    refused(() -> point.clamp(2, 1), point + ": min must be at most max, but they are 2.0 and 1.0");
    refused(() -> point.clamp(Float.NaN, 1), point + ": min must be finite");
    refused(() -> point.set(Float.POSITIVE_INFINITY), point + ": value must be finite");
    refused(() -> point.set(new float[] {0, Float.NaN}), point + ": vector[1] must be finite");
    refused(() -> point.mean(new float[0]), point + ": a vector must have numbers");
    refused(() -> point.projectOut(new float[4]), "the direction to project out has length 0");
    refused(
        () -> point.projectOut(new float[] {0, 1, 0}).neurons(0, 2),
        point + ": the direction to project out has length 0 at the neurons [0, 2]");
    refused(() -> point.noise(-0.5f, 1), point + ": sigma must be at least 0, but is -0.5");
    refused(() -> point.noise(Float.NaN, 1), "sigma must be finite");
    refused(() -> point.cut(2), "is cut at attn.hook_attn_scores, not at " + point);
    refused(() -> point.cut(-2), "a key must be at least position 0, but is -2");
    refused(() -> point.zero().neurons(new int[0]), "no neuron is named");
    refused(() -> point.zero().neurons(-1), "a neuron must be at least 0");
    refused(() -> point.zero().onlyTokens(-1), "a token must be at least 0");
    refused(() -> point.zero().steps(3, 2), "the last step must be at least the first, 3");
    refused(() -> point.zero().everyStep(0), "every must be at least 1");
    refused(() -> point.zero().fromStep(-1), "the first step must be at least 0");
    Patch patch = Patch.of(Hook.RESID_POST, 3, new int[] {0}, new float[7]);
    refused(
        () -> Hook.RESID_POST.layer(4).patch(patch),
        "a patch of blocks.3.hook_resid_post acts at that point alone");
    refused(() -> Hook.RESID_POST.layers(3, 4).patch(patch), "acts at that point alone");
    refused(() -> Hook.RESID_PRE.layer(3).patch(patch), "acts at that point alone");
    try (Session session = model.newSession()) {
      refused(
          () -> session.intervene(point.patch(patch)),
          "cannot patch blocks.3.hook_resid_post from 1 rows of blocks.3.hook_resid_post: a row of"
              + " the patch has 7 numbers, but one here has 128");
      refused(
          () -> session.intervene(point.set(new float[5])),
          "cannot set blocks.3.hook_resid_post to a vector of 5: the vector has 5 numbers");
      refused(
          () -> session.intervene(point.projectOut(wave(5))),
          "the direction has 5 numbers, but a row here has 128");
      refused(
          () -> session.intervene(Hook.Z.layer(0).projectOut(wave(128))),
          "the direction has 128 numbers, but a head here has 32");
      refused(
          () -> session.intervene(point.zero().neurons(128)),
          "neuron 128 is beyond the 128 values of a row, counted from 0");
      refused(
          () -> session.intervene(Hook.Z.layer(0).zero().neurons(32)),
          "neuron 32 is beyond the 32 values of a head");
      refused(
          () -> session.intervene(point.zero().onlyTokens(1_000_000)),
          "token 1000000 is not in the vocabulary");
    }
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
