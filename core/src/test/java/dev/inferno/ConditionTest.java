package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Condition;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Point;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Interventions that depend on the choice of the step before.
class ConditionTest {
  private static final GenerationOptions SAMPLED =
      GenerationOptions.defaults().sampler(Sampler.chain()).seed(7).ignoreEndOfText();
  private static final Point POINT = Hook.RESID_POST.layer(2);
  private static final int STEPS = 24;

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

  private static final class Choices implements StepListener {
    final List<Selection> selections = new ArrayList<>();

    @Override
    public void onSelection(Selection selection) {
      selections.add(selection);
    }

    /// The median of a number of each choice.
    double median(java.util.function.ToDoubleFunction<Selection> number) {
      return selections.stream().mapToDouble(number).sorted().skip(STEPS / 2).findFirst().orElse(0);
    }

    /// The steps behind the choices that pass a test.
    List<Integer> stepsAfter(Predicate<Selection> test) {
      return IntStream.range(1, STEPS)
          .filter(s -> test.test(selections.get(s - 1)))
          .boxed()
          .toList();
    }
  }

  private static double probability(Selection selection) {
    return Math.exp(selection.logProbability());
  }

  @Test
  void itActsInTheStepsBehindTheChoicesThatAreMeantAndInNoOthers() {
    var choices = new Choices();
    try (Session session = model.newSession()) {
      session.addListener(choices);
      session.generate(tokens(5), SAMPLED.maxTokens(STEPS));
    }
    double nats = choices.median(Selection::entropy);
    double p = choices.median(ConditionTest::probability);
    Predicate<Selection> unsure = choice -> choice.entropy() > nats;
    Predicate<Selection> unlikely = choice -> probability(choice) < p;
    Intervention identity = POINT.scale(1); // so that the choices stay as they were

    assertThat(stepsNamed(identity)).hasSize(STEPS);
    assertThat(stepsNamed(identity.whenEntropyAbove(nats)))
        .isEqualTo(choices.stepsAfter(unsure))
        .hasSizeBetween(5, STEPS - 5);
    assertThat(stepsNamed(identity.whenProbabilityBelow(p)))
        .isEqualTo(choices.stepsAfter(unlikely))
        .hasSizeBetween(5, STEPS - 5);
    assertThat(stepsNamed(identity.whenEntropyAbove(nats).whenProbabilityBelow(p)))
        .isEqualTo(choices.stepsAfter(unsure.and(unlikely)));
    assertThat(stepsNamed(identity.whenEntropyAbove(nats).everyStep(2)))
        .isEqualTo(choices.stepsAfter(unsure).stream().filter(s -> s % 2 == 0).toList());
    assertThat(stepsNamed(identity.whenEntropyAbove(1000))).isEmpty();
  }

  private List<Integer> stepsNamed(Intervention edit) {
    List<Integer> steps = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(edit);
      session.observe(
          edit.point(),
          a -> {
            if (a.interventions().equals(List.of(edit))) {
              steps.add(a.step());
            }
          });
      session.generate(tokens(5), SAMPLED.maxTokens(STEPS));
    }
    return steps;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itFollowsItsOwnEffectWithNobodyWatching(boolean watched) {
    try (Session session = model.newSession()) {
      if (watched) {
        session.addListener(new Choices());
      }
      // It leaves token 17 alone: then nothing is unsure, and it stops until something is again.
      session.intervene(Hook.LOGITS.all().add(1000).neurons(17).whenEntropyAbove(0.01));
      List<Integer> ids = session.generate(tokens(5), SAMPLED.maxTokens(3)).ids();
      assertThat(ids.get(0)).isNotEqualTo(17);
      assertThat(ids.get(1)).isEqualTo(17);
      assertThat(ids.get(2)).isNotEqualTo(17);
    }
  }

  @Test
  void outsideAGenerationNoChoiceIsBeforeAStep() {
    Intervention edit = POINT.zero().whenEntropyAbove(0);
    List<String> steps = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(edit);
      session.observe(POINT, a -> steps.add(a.step() + ":" + a.interventions().size()));
      session.append(tokens(3));
      session.append(5);
      session.generate(tokens(1), SAMPLED.maxTokens(3));
      session.append(6, 7);
      session.generate(tokens(1), SAMPLED.maxTokens(2));
    }
    assertThat(steps).containsExactly("0:0", "1:0", "0:0", "1:1", "2:1", "3:0", "0:0", "1:1");
  }

  @Test
  void oneThatIsAddedBetweenTwoStepsKnowsTheChoiceBetweenThem() {
    List<Integer> steps = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onStepEnd(StepEnd end) {
              if (end.step() == 1) {
                session.intervene(POINT.zero().whenEntropyAbove(0));
              }
            }
          });
      session.observe(
          POINT,
          a -> {
            if (!a.interventions().isEmpty()) {
              steps.add(a.step());
            }
          });
      session.generate(tokens(4), SAMPLED.maxTokens(4));
    }
    assertThat(steps).containsExactly(2, 3);
  }

  @Test
  void aBoundThatCannotBeIsRefused() {
    for (double nats : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> POINT.zero().whenEntropyAbove(nats))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 0, but is " + nats);
    }
    for (double probability : new double[] {0, -1, 1.5, Double.NaN}) {
      assertThatThrownBy(() -> POINT.zero().whenProbabilityBelow(probability))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("above 0 and at most 1, but is " + probability);
    }
    assertThat(Condition.ALWAYS.holds(Double.NaN, Double.NaN)).isTrue();
    assertThat(POINT.zero().whenEntropyAbove(2.5).whenProbabilityBelow(0.5))
        .hasToString(
            "zero blocks.2.hook_resid_post after an entropy above 2.5 nats and after a token of"
                + " probability below 0.5");
  }
}
