package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.PositionRange;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.Seen;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A point in another form than its values is what a plain computation makes of them.
class FormsTest {
  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  static List<Hook> hooks() throws IOException {
    return Hooks.ofTheTinyModel();
  }

  @ParameterizedTest
  @MethodSource("hooks")
  void normsAndLargestValuesEqualAPlainComputation(Hook hook) {
    int[] prompt = Prompts.tokens(19);
    Point point = (hook.perLayer() ? hook.layer(1) : hook.all()).everyPosition();
    Seen all = Seen.pass(model, prompt, point).getFirst();
    Seen norms = Seen.pass(model, prompt, point.norm()).getFirst();
    Seen top = Seen.pass(model, prompt, point.top(3)).getFirst();
    int last = all.shape().getLast();
    int rows = all.values().size() / last;
    int kept = Math.min(3, last);

    assertThat(norms.shape()).isEqualTo(all.shape().subList(0, all.shape().size() - 1));
    assertThat(norms.indices()).isEmpty();
    assertThat(top.shape()).startsWith(norms.shape().toArray(Integer[]::new)).endsWith(kept);
    for (int row = 0; row < rows; row++) {
      List<Float> values = all.values().subList(row * last, (row + 1) * last);
      double squares =
          values.stream()
              .filter(Float::isFinite) // scores of keys that the row does not see are not
              .mapToDouble(value -> (double) value * value)
              .sum();
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
    int[] prompt = Prompts.tokens(12);
    Seen pattern = Seen.pass(model, prompt, Hook.PATTERN.layer(2)).getFirst();
    Seen entropy = Seen.pass(model, prompt, Hook.PATTERN.layer(2).entropy()).getFirst();
    Seen statistics = Seen.pass(model, prompt, Hook.MLP_POST.layer(2).statistics()).getFirst();
    Seen neurons = Seen.pass(model, prompt, Hook.MLP_POST.layer(2)).getFirst();
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
  void statisticsAndNormsOfAttentionCountTheKeysThatARowSees() {
    int[] prompt = Prompts.tokens(12);
    float[] scores = Seen.pass(model, prompt, Hook.SCORES.layer(2)).getFirst().floats();
    float[] statistics =
        Seen.pass(model, prompt, Hook.SCORES.layer(2).statistics()).getFirst().floats();
    float[] norms = Seen.pass(model, prompt, Hook.SCORES.layer(2).norm()).getFirst().floats();
    for (int row = 0; row < 4 * 12; row++) {
      int seen = row % 12 + 1;
      double sum = 0;
      double squares = 0;
      for (int key = 0; key < seen; key++) {
        sum += scores[12 * row + key];
        squares += scores[12 * row + key] * scores[12 * row + key];
      }
      assertThat(statistics[4 * row]).isCloseTo((float) (sum / seen), within(1e-5f));
      assertThat(norms[row]).isCloseTo((float) Math.sqrt(squares), within(1e-4f));
    }
  }

  @Test
  void massesAreTheSumsOfAPatternOverGroupsOfPositions() {
    int[] prompt = Prompts.tokens(12);
    Seen pattern = Seen.pass(model, prompt, Hook.PATTERN.layer(2)).getFirst();
    Seen sides = Seen.pass(model, prompt, Hook.PATTERN.layer(2).mass(1, 5)).getFirst();
    List<PositionRange> groups =
        List.of(PositionRange.from(8), PositionRange.of(3), new PositionRange(2, 10));
    Seen chosen = Seen.pass(model, prompt, Hook.PATTERN.layer(2).mass(groups)).getFirst();

    assertThat(sides.shape()).containsExactly(4, 12, 3);
    assertThat(chosen.shape()).containsExactly(4, 12, 3);
    assertThat(sides.indices()).isEmpty();
    for (int row = 0; row < 4 * 12; row++) {
      List<Float> values = pattern.values().subList(12 * row, 12 * row + 12);
      float[] expectedSides = {sum(values, 0, 1), sum(values, 1, 5), sum(values, 5, 12)};
      float[] expectedGroups = {sum(values, 8, 12), sum(values, 3, 4), sum(values, 2, 10)};
      float whole = 0;
      for (int i = 0; i < 3; i++) {
        assertThat(sides.values().get(3 * row + i)).isCloseTo(expectedSides[i], within(1e-6f));
        assertThat(chosen.values().get(3 * row + i)).isCloseTo(expectedGroups[i], within(1e-6f));
        whole += sides.values().get(3 * row + i);
      }
      assertThat(whole).isCloseTo(1, within(1e-5f));
    }
    assertThat(sides.values().subList(0, 3))
        .as("of the first position")
        .containsExactly(1f, 0f, 0f);
  }

  private static float sum(List<Float> values, int from, int to) {
    double sum = 0;
    for (float value : values.subList(from, to)) {
      sum += value;
    }
    return (float) sum;
  }

  @Test
  void massesOfCachedStepsFollowTheTextAsItGrows() {
    List<Seen> seen = new ArrayList<>();
    List<Seen> patterns = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      Point head = Hook.PATTERN.layer(3).head(1);
      session.observe(head.mass(4), a -> seen.add(Seen.of(a)));
      session.observe(head, a -> patterns.add(Seen.of(a)));
      session.append(Prompts.tokens(4));
      session.append(7);
      session.append(8);
    }
    assertThat(seen.stream().map(Seen::shape))
        .containsExactly(List.of(1, 4, 2), List.of(1, 1, 2), List.of(1, 1, 2));
    List<Float> last = patterns.getLast().values();
    assertThat(seen.getLast().values().get(0)).isCloseTo(sum(last, 0, 4), within(1e-6f));
    assertThat(seen.getLast().values().get(1)).isCloseTo(sum(last, 4, 6), within(1e-6f));
  }

  @Test
  void massesOfASlidingWindowAreByAbsolutePosition() throws IOException {
    List<Seen> seen = new ArrayList<>();
    List<Integer> firstKeys = new ArrayList<>();
    try (Model windowed = TinyModels.load("gemma2");
        Session session = windowed.newSession(Prompts.EXACT)) {
      session.observe(
          Hook.PATTERN.layer(0).head(0).mass(24),
          a -> {
            seen.add(Seen.of(a));
            firstKeys.add(a.firstKey());
          });
      session.append(Arrays.stream(Prompts.tokens(40)).map(id -> id % 300).toArray());
      session.append(7);
    }
    assertThat(firstKeys.getLast()).isGreaterThan(24);
    assertThat(seen.getLast().values().get(0)).isZero();
    assertThat(seen.getLast().values().get(1)).isCloseTo(1, within(1e-5f));
  }

  @Test
  void massesCostAsManyNumbersAsThereAreGroups() {
    Point mass = Hook.PATTERN.layers(1, 2).head(0).mass(4, 9);
    Explanation.PointCost cost =
        model
            .explain(ObservationPlan.of(mass), 5, 3, SessionOptions.defaults())
            .points()
            .getFirst();
    assertThat(cost.bytes()).isEqualTo(7 * 2 * 3 * 4);
    assertThat(cost.verdict()).isEqualTo(Explanation.Verdict.DERIVED);
    assertThat(mass)
        .hasToString(
            "blocks.1.attn.hook_pattern,blocks.2.attn.hook_pattern heads [0]"
                + " (mass of 0 to 3, 4 to 8, 9 on)");
    assertThat(PositionRange.of(6)).hasToString("6");
  }

  @Test
  void massesAreRefusedWhereThereIsNothingToAddUp() {
    for (Hook hook : List.of(Hook.SCORES, Hook.ROUTER_PROBS, Hook.Z)) {
      assertThatThrownBy(() -> hook.all().mass(3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              hook.name(0).replace("blocks.0", "blocks.*")
                  + " has no attention to add up by groups of positions;"
                  + " blocks.*.attn.hook_pattern has");
    }
    Point pattern = Hook.PATTERN.all();
    assertThatThrownBy(() -> pattern.mass()).hasMessageContaining("no end");
    assertThatThrownBy(() -> pattern.mass(List.of())).hasMessageContaining("no group");
    assertThatThrownBy(() -> pattern.mass(0)).hasMessageContaining("from 0 must end behind it");
    assertThatThrownBy(() -> pattern.mass(5, 5)).hasMessageContaining("end before 5");
    assertThatThrownBy(() -> PositionRange.from(-1)).hasMessageContaining("-1");
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(8))) {
      session.observe(pattern.mass(7), _ -> {});
      session.observe(pattern.mass(List.of(new PositionRange(0, 8))), _ -> {});
      for (Point beyond :
          List.of(pattern.mass(8), pattern.mass(List.of(new PositionRange(2, 9))))) {
        assertThatThrownBy(() -> session.observe(beyond, _ -> {}))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("8 positions, counted from 0");
      }
    }
  }
}
