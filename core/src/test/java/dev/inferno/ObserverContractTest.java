package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.TensorView;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a plan asks for is what is delivered: those points, those rows, in that form, once, for the
/// time of the callback.
class ObserverContractTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();

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

  /// All activations that a plan of these points gives in one pass over a prompt, as copies.
  private List<Seen> pass(int[] prompt, Point... points) {
    List<Seen> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(
          new StepListener() {
            @Override
            public ObservationPlan plan(ModelInfo info) {
              return ObservationPlan.of(points);
            }

            @Override
            public void onActivation(Activation activation) {
              seen.add(Seen.of(activation));
            }
          });
      session.append(prompt);
    }
    return seen;
  }

  private record Seen(
      String name,
      List<Integer> positions,
      List<Integer> heads,
      List<Integer> shape,
      List<Float> values,
      List<Float> indices) {

    static Seen of(Activation activation) {
      return new Seen(
          activation.name(),
          list(activation.positions()),
          activation.heads(),
          list(activation.tensor().shape()),
          list(activation.tensor().copy()),
          activation.indices().map(view -> list(view.copy())).orElse(List.of()));
    }

    float[] floats() {
      float[] floats = new float[values.size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = values.get(i);
      }
      return floats;
    }

    private static List<Integer> list(int[] ints) {
      return Arrays.stream(ints).boxed().toList();
    }

    private static List<Float> list(float[] floats) {
      List<Float> list = new ArrayList<>();
      for (float value : floats) {
        list.add(value);
      }
      return list;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 30})
  void everyPointFiresOncePerLayerAndForward(int promptLength) {
    var fired = new TreeMap<String, Integer>();
    try (Session session = model.newSession()) {
      for (Hook hook : Hooks.of(model)) {
        session.observe(hook.all(), a -> fired.merge(a.name() + " " + a.step(), 1, Integer::sum));
      }
      session.generate(tokens(promptLength), GREEDY.maxTokens(3));
    }
    assertThat(fired)
        .hasSize(Hooks.events(model) * 3); // the prompt, and the steps of two generated tokens
    assertThat(fired.values()).containsOnly(1);
  }

  @Test
  void aPromptOfThreeChunksFiresThreeTimesAndReachesEveryPositionOnce() throws IOException {
    try (Model llama = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = llama.newSession(Prompts.EXACT.contextLength(1100))) {
      List<Integer> positions = new ArrayList<>();
      List<Integer> keys = new ArrayList<>();
      int[] prompt = Arrays.stream(tokens(1030)).map(id -> id % 300).toArray();
      session.observe(
          Hook.PATTERN.layer(1).head(0),
          a -> {
            Arrays.stream(a.positions()).forEach(positions::add);
            keys.add(a.tensor().shape()[2]);
            int last = a.rows() - 1;
            double sum = 0;
            for (int key = 0; key <= a.positions()[last]; key++) {
              sum += a.tensor().get(0, last, key);
            }
            assertThat(sum).isCloseTo(1, within(1e-4));
            assertThat(a.firstKey()).isZero();
          });
      List<Integer> logitRows = new ArrayList<>();
      session.observe(Hook.LOGITS.all(), a -> logitRows.add(a.firstPosition()));
      session.append(prompt);

      assertThat(positions).isEqualTo(IntStream.range(0, 1030).boxed().toList());
      assertThat(keys).containsExactly(512, 1024, 1030);
      assertThat(logitRows).containsExactly(1029);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 16, 17, 64, 65, 130})
  void logitsOfEveryPositionComeInOrderAtMostSixtyFourAtATime(int length) {
    List<Seen> seen = pass(tokens(length), Hook.LOGITS.all().everyPosition());
    assertThat(seen).hasSize((length + 63) / 64);
    assertThat(seen.stream().flatMap(event -> event.positions().stream()))
        .isEqualTo(IntStream.range(0, length).boxed().toList());
    for (Seen event : seen) {
      assertThat(event.shape()).containsExactly(event.positions().size(), 2048);
    }
  }

  @Test
  void oneHeadOfOneLayerIsAllThatIsDelivered() {
    int[] prompt = tokens(20);
    List<Seen> one = pass(prompt, Hook.PATTERN.layer(3).head(1));
    List<Seen> all = pass(prompt, Hook.PATTERN.layer(3));
    assertThat(one).hasSize(1);
    assertThat(one.getFirst().name()).isEqualTo("blocks.3.attn.hook_pattern");
    assertThat(one.getFirst().shape()).containsExactly(1, 20, 20);
    assertThat(one.getFirst().heads()).containsExactly(1);
    assertThat(one.getFirst().values())
        .isEqualTo(all.getFirst().values().subList(20 * 20, 2 * 20 * 20));
  }

  @Test
  void aPatternHasRowsThatSumToOneAndSeesNoLaterPosition() {
    for (int length : new int[] {9, 70}) {
      Seen pattern = pass(tokens(length), Hook.PATTERN.layer(2)).getFirst();
      assertThat(pattern.shape()).containsExactly(4, length, length);
      float[] values = pattern.floats();
      for (int row = 0; row < 4 * length; row++) {
        double sum = 0;
        for (int key = 0; key < length; key++) {
          float value = values[row * length + key];
          assertThat(value).isBetween(0f, 1f);
          if (key > row % length) {
            assertThat(value).isZero();
          }
          sum += value;
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
      }
    }
  }

  @Test
  void aPatternOfLaterTokensHoldsNothingOfEarlierOnes() {
    List<Seen> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.observe(Hook.PATTERN.allLayers(), a -> seen.add(Seen.of(a)));
      session.append(tokens(9));
      session.rewind(9);
      session.append(tokens(5)); // where the room of nine is used again
    }
    Seen last = seen.getLast();
    assertThat(last.shape()).containsExactly(4, 5, 5);
    for (int row = 0; row < 4 * 5; row++) {
      for (int key = row % 5 + 1; key < 5; key++) {
        assertThat(last.values().get(row * 5 + key)).as("row %d, key %d", row, key).isZero();
      }
    }
  }

  /// The points that the tiny model has.
  static List<Hook> hooks() throws IOException {
    try (Model tiny = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      return Hooks.of(tiny);
    }
  }

  @ParameterizedTest
  @MethodSource("hooks")
  void chosenRowsAreTheSameRowsOfAll(Hook hook) {
    int[] prompt = tokens(21);
    Point point = hook.perLayer() ? hook.layer(7) : hook.all();
    Seen all = pass(prompt, point.everyPosition()).getFirst();
    for (List<Integer> chosen : List.of(List.of(0, 4, 19), List.of(20), List.of(5, 20))) {
      int[] positions = chosen.stream().mapToInt(Integer::intValue).toArray();
      Seen some = pass(prompt, point.positions(positions)).getFirst();
      assertThat(some.positions()).isEqualTo(chosen);
      Compare.close(hook + " " + chosen, some.floats(), rows(hook, all, positions), 1e-4);
    }
    assertThat(pass(prompt, point.lastPosition()).getFirst().positions()).containsExactly(20);
    assertThat(pass(prompt, point.onlyPrompt()).getFirst().positions()).hasSize(21);
    assertThat(pass(prompt, point.onlyGenerated())).isEmpty();
    assertThat(pass(prompt, point.positions(100))).isEmpty();
  }

  /// Chosen rows of a tensor `[T, ...]`, or of scores or a pattern `[H, T, K]`.
  private static float[] rows(Hook hook, Seen all, int[] positions) {
    int rows = all.positions().size();
    int outer = hook.rowsFirst() ? 1 : all.shape().getFirst();
    float[] values = all.floats();
    int size = values.length / outer / rows;
    float[] chosen = new float[outer * positions.length * size];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < positions.length; i++) {
        System.arraycopy(
            values,
            (o * rows + positions[i]) * size,
            chosen,
            (o * positions.length + i) * size,
            size);
      }
    }
    return chosen;
  }

  @Test
  void promptAndGeneratedPositionsAreToldApart() {
    List<Integer> prompt = new ArrayList<>();
    List<Integer> generated = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.observe(
          Hook.RESID_MID.layer(0).onlyPrompt(),
          a -> prompt.add(a.firstPosition() + 100 * a.rows()));
      session.observe(
          Hook.RESID_MID.layer(0).onlyGenerated(), a -> generated.add(a.firstPosition()));
      session.generate(tokens(5), GREEDY.maxTokens(3));
      session.generate(tokens(2), GREEDY.maxTokens(2)); // a pass over one generated and two given
    }
    assertThat(prompt).containsExactly(500, 208);
    assertThat(generated).containsExactly(5, 6, 7, 10);
  }

  @ParameterizedTest
  @MethodSource("hooks")
  void normsAndLargestValuesEqualAPlainComputation(Hook hook) {
    int[] prompt = tokens(19);
    Point point = (hook.perLayer() ? hook.layer(1) : hook.all()).everyPosition();
    Seen all = pass(prompt, point).getFirst();
    Seen norms = pass(prompt, point.norm()).getFirst();
    Seen top = pass(prompt, point.top(3)).getFirst();
    int last = all.shape().getLast();
    int rows = all.values().size() / last;
    int kept = Math.min(3, last);

    assertThat(norms.shape()).isEqualTo(all.shape().subList(0, all.shape().size() - 1));
    assertThat(norms.indices()).isEmpty();
    assertThat(top.shape()).startsWith(norms.shape().toArray(Integer[]::new)).endsWith(kept);
    for (int row = 0; row < rows; row++) {
      List<Float> values = all.values().subList(row * last, (row + 1) * last);
      double squares = values.stream().mapToDouble(value -> (double) value * value).sum();
      assertThat(norms.values().get(row)).isCloseTo((float) Math.sqrt(squares), within(1e-3f));
      List<Integer> best =
          IntStream.range(0, last)
              .boxed()
              .sorted((i, j) -> {
                int byValue = Float.compare(values.get(j) + 0f, values.get(i) + 0f);
                return byValue != 0 ? byValue : Integer.compare(i, j);
              })
              .limit(3)
              .toList();
      assertThat(top.indices().subList(kept * row, kept * row + kept))
          .isEqualTo(best.stream().map(Integer::floatValue).toList());
      assertThat(top.values().subList(kept * row, kept * row + kept))
          .isEqualTo(best.stream().map(values::get).toList());
    }
  }

  @Test
  void statisticsAndEntropyEqualAPlainComputation() {
    int[] prompt = tokens(12);
    Seen pattern = pass(prompt, Hook.PATTERN.layer(2)).getFirst();
    Seen entropy = pass(prompt, Hook.PATTERN.layer(2).entropy()).getFirst();
    Seen statistics = pass(prompt, Hook.MLP_POST.layer(2).statistics()).getFirst();
    Seen neurons = pass(prompt, Hook.MLP_POST.layer(2)).getFirst();
    assertThat(entropy.shape()).containsExactly(4, 12);
    for (int row = 0; row < 4 * 12; row++) {
      double sum = 0;
      for (float p : pattern.values().subList(12 * row, 12 * row + 12)) {
        sum -= p == 0 ? 0 : p * Math.log(p);
      }
      assertThat(entropy.values().get(row)).isCloseTo((float) sum, within(1e-5f));
    }
    int size = model.info().feedForward();
    assertThat(statistics.shape()).containsExactly(12, 4);
    for (int row = 0; row < 12; row++) {
      var summary = new java.util.DoubleSummaryStatistics();
      List<Float> values = neurons.values().subList(size * row, size * row + size);
      values.forEach(summary::accept);
      double mean = summary.getAverage();
      double variance = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum() / size;
      float[] expected = {
        (float) mean,
        (float) Math.sqrt(variance),
        (float) summary.getMin(),
        (float) summary.getMax()
      };
      for (int i = 0; i < 4; i++) {
        assertThat(statistics.values().get(4 * row + i)).isCloseTo(expected[i], within(1e-5f));
      }
    }
    assertThatThrownBy(() -> Hook.Z.layer(0).entropy())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("attn.hook_z has no rows of probabilities");
  }

  @Test
  void aPlanBeyondItsBudgetIsRefusedWithTheNumberBeforeTheRun() {
    ObservationPlan plan = ObservationPlan.of(Hook.LOGITS.all(), Hook.Z.layer(0).head(1));
    long bytes = model.explain(plan, 5, 3, SessionOptions.defaults()).bytes();
    assertThat(bytes).isEqualTo(3 * 2048 * 4 + 7 * 32 * 4);
    var events = new ArrayList<String>();
    for (long budget : new long[] {bytes, bytes - 1}) {
      try (Session session = model.newSession()) {
        session.addListener(
            new StepListener() {
              @Override
              public String name() {
                return "the curious one";
              }

              @Override
              public ObservationPlan plan(ModelInfo info) {
                return plan.within(budget);
              }

              @Override
              public void onActivation(Activation activation) {
                events.add(activation.name());
              }
            });
        if (budget == bytes) {
          session.generate(tokens(5), GREEDY.maxTokens(3));
          assertThat(events).hasSize(6);
          events.clear();
        } else {
          assertThatThrownBy(() -> session.generate(tokens(5), GREEDY.maxTokens(3)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("the curious one would deliver " + bytes + " bytes")
              .hasMessageContaining("its budget is " + (bytes - 1))
              .hasMessageContaining("logits");
          assertThat(events).isEmpty();
          assertThat(session.length()).isZero();
          session.generate(tokens(5), GREEDY.maxTokens(2)); // which delivers less
        }
      }
    }
  }

  @Test
  void aViewIsOverWhenTheCallbackReturns() {
    List<TensorView> views = new ArrayList<>();
    try (Session session = model.newSession()) {
      for (Hook hook : Hooks.of(model)) {
        session.observe(hook.all(), a -> views.add(a.tensor()));
      }
      session.observe(Hook.LOGITS.top(2), a -> views.add(a.indices().orElseThrow()));
      session.observe(Hook.Z.layer(1).norm(), a -> views.add(a.tensor()));
      session.append(tokens(4));
    }
    assertThat(views).hasSize(Hooks.events(model) + 2).doesNotHaveDuplicates();
    for (TensorView view : views) {
      float[] row = new float[view.shape()[view.shape().length - 1]];
      assertOver(view, view::copy);
      assertOver(view, () -> view.copyRow(0, row));
      assertOver(view, view::norm);
      assertOver(view, () -> view.get(0, 0));
      assertOver(view, () -> view.get(0, 0, 0));
    }
  }

  private static void assertOver(TensorView view, Runnable use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(view.name())
        .hasMessageContaining("copy()");
  }

  @Test
  void aViewIsReadOnlyAndChecksItsIndices() {
    try (Session session = model.newSession();
        Session unwatched = model.newSession()) {
      session.observe(
          Hook.RESID_PRE.allLayers(),
          a -> {
            TensorView view = a.tensor();
            float[] copy = view.copy();
            Arrays.fill(copy, 1e9f);
            Arrays.fill(view.shape(), 7);
            Arrays.fill(a.positions(), 7);
            float[] row = new float[200];
            view.copyRow(1, row);
            assertThat(row[3]).isEqualTo(view.get(1, 3));
            Arrays.fill(row, 1e9f);
            assertThat(view.shape()).containsExactly(4, 128);
            assertThatThrownBy(() -> view.get(4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, 128))
                .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.get(0, 0, 0))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("2 axes");
            assertThatThrownBy(() -> view.copyRow(4, row))
                .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> view.copyRow(0, new float[127]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("127");
          });
      session.append(tokens(4));
      unwatched.append(tokens(4));
      assertThat(session.logits().copy()).isEqualTo(unwatched.logits().copy());
    }
  }

  @Test
  void anotherThreadMayReadAViewAndIsRefusedAfterwards() {
    List<TensorView> views = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.observe(
          Hook.RESID_POST.layer(2),
          a -> {
            views.add(a.tensor());
            assertThat(elsewhere(a.tensor())).isEqualTo(a.tensor().copy());
          });
      session.append(tokens(4));
    }
    assertThatThrownBy(() -> elsewhere(views.getFirst()))
        .hasRootCauseInstanceOf(IllegalStateException.class);
  }

  private static float[] elsewhere(TensorView view) {
    var copy = new FutureTask<>(view::copy);
    Thread.ofPlatform().start(copy);
    try {
      return copy.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void aPlanThatAsksForWhatThereIsNotIsRefusedWithWhatIsPossible() {
    try (Session session = model.newSession()) {
      assertRefused(
          session,
          Hook.RESID_POST.layer(8),
          "blocks.8.hook_resid_post",
          "8 layers, counted from 0");
      assertRefused(session, Hook.PATTERN.layer(0).head(4), "heads [4]", "4 heads, counted from 0");
      assertRefused(
          session, Hook.EMBED.all().positions(512), "[512]", "512 positions, counted from 0");
      session.append(1);
      assertThat(session.length()).isEqualTo(1);
    }
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(8))) {
      assertRefused(session, Hook.EMBED.all().positions(8), "[8]", "8 positions, counted from 0");
    }
    assertThatThrownBy(() -> ObservationPlan.parse("blocks.9.hook_resid_pre", model.info()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'blocks.9.hook_resid_pre'")
        .hasMessageContaining("8 layers")
        .hasMessageContaining("blocks.*.attn.hook_pattern");
    assertThatThrownBy(() -> Hook.EMBED.layer(0)).hasMessageContaining("hook_embed");
    assertThatThrownBy(() -> Hook.RESID_PRE.layer(0).head(0)).hasMessageContaining("no heads");
    assertThatThrownBy(() -> Hook.Z.layer(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> Hook.Z.layers()).hasMessageContaining("no layer");
    assertThatThrownBy(() -> Hook.LOGITS.top(0)).hasMessageContaining("0");
  }

  private static void assertRefused(Session session, Point point, String... messages) {
    assertThatThrownBy(() -> session.observe(point, _ -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(messages);
  }

  @Test
  void whatIsImpossibleButOptionalIsLeftOut() {
    List<Seen> seen =
        pass(
            tokens(3),
            Hook.RESID_POST.layer(99).orNothing(),
            Hook.Z.layer(0).head(77).orNothing(),
            Hook.RESID_POST.layer(0).orNothing());
    assertThat(seen).extracting(Seen::name).containsExactly("blocks.0.hook_resid_post");
  }

  @Test
  void namesWithStarsAndNamesOfOtherToolsAreUnderstood() {
    ModelInfo info = model.info();
    assertThat(ObservationPlan.parse("blocks.*.attn.hook_z", info).points())
        .containsExactly(Hook.Z.layers(0, 1, 2, 3, 4, 5, 6, 7));
    assertThat(ObservationPlan.parse("l_out-3, kq_soft_max-0,result_norm", info).points())
        .containsExactly(Hook.RESID_POST.layer(3), Hook.PATTERN.layer(0), Hook.FINAL_NORM.all());
    assertThat(ObservationPlan.parse("all", info).points()).hasSize(Hook.values().length);
    assertThat(ObservationPlan.parse("blocks.2.*", info).points())
        .hasSize((int) Arrays.stream(Hook.values()).filter(Hook::perLayer).count());
    assertThatThrownBy(() -> ObservationPlan.parse("blocks.1.attn.hook.z", info))
        .hasMessageContaining("'blocks.1.attn.hook.z'");
  }

  @Test
  void severalListenersSeeTheSame() {
    var first = new Captured("all");
    var second = new Captured("all");
    try (Session session = model.newSession()) {
      session.addListener(first);
      session.addListener(second);
      session.append(tokens(18));
    }
    assertThat(first.arrays().keySet())
        .isEqualTo(second.arrays().keySet())
        .hasSize(Hooks.events(model));
    first
        .arrays()
        .forEach((name, values) -> assertThat(second.array(name)).as(name).isEqualTo(values));
  }
}
