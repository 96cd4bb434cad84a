package dev.inferno.sampler;

import static dev.inferno.sampler.SamplerStage.logitBias;
import static dev.inferno.sampler.SamplerStage.penalties;
import static dev.inferno.sampler.SamplerStage.temperature;
import static dev.inferno.sampler.SamplerStage.topK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerStateTest {
  private static final float[] LOGITS = {1.5f, -0.25f, 3, 0, 2.25f, -4, 3, 0.75f};
  private static final Sampler FIVE = Sampler.chain(topK(5), temperature(0.7f));

  private static int[] draw(SamplerState state, int count) {
    return IntStream.range(0, count).map(i -> state.next(LOGITS)).toArray();
  }

  /// Expected: the same sums in Python.
  @Test
  void tenDrawsOfASeedNeverChange() {
    assertThat(draw(Sampler.chain().start(0), 10)).containsExactly(0, 6, 2, 3, 2, 2, 2, 4, 2, 7);
    assertThat(draw(Sampler.chain().start(42), 10)).containsExactly(4, 2, 2, 2, 2, 0, 2, 4, 2, 6);
    assertThat(draw(FIVE.start(0), 10)).containsExactly(4, 6, 2, 0, 2, 2, 2, 6, 2, 0);
    assertThat(draw(FIVE.start(42), 10)).containsExactly(6, 2, 2, 2, 2, 4, 2, 4, 2, 6);
  }

  @Test
  void aForkHasTheSamePastAndAFutureOfItsOwn() {
    Sampler sampler = Sampler.chain(penalties(-1, 1.5f, 0.5f, 0));
    SamplerState state = sampler.start(7);
    state.acceptPrompt(2, 6);
    draw(state, 5);
    SamplerState fork = state.fork();
    int[] ofFork = draw(fork, 20);
    assertThat(state.history().size()).isEqualTo(7);
    assertThat(draw(state, 20)).containsExactly(ofFork);
    fork.accept(1);
    assertThat(state.history().size()).isEqualTo(27);
    assertThat(fork.history().size()).isEqualTo(28);
  }

  @Test
  void afterRewindingTheSameTokensComeAgain() {
    SamplerState state = Sampler.chain(penalties(4, 1.5f, 0.5f, 0)).start(7);
    state.acceptPrompt(2, 6, 6);
    draw(state, 5);
    int[] once = draw(state, 10);
    state.rewind(10);
    assertThat(draw(state, 10)).containsExactly(once);
    state.rewind(18);
    assertThat(state.history().size()).isZero();
    assertThat(state.history().generated()).isZero();
  }

  @Test
  void promptTokensCountForPenaltiesAndDoNotAdvanceTheDraw() {
    SamplerState state = Sampler.chain().start(42);
    state.acceptPrompt(1, 2, 3);
    int[] first = draw(state, 4);
    state.acceptPrompt(4, 4);
    int[] then = draw(state, 6);
    assertThat(IntStream.concat(IntStream.of(first), IntStream.of(then)))
        .containsExactly(4, 2, 2, 2, 2, 0, 2, 4, 2, 6);
    assertThat(state.history().generated()).isEqualTo(10);

    state.rewind(7); // six generated ones and one of the prompt
    assertThat(state.history().generated()).isEqualTo(4);
    assertThat(state.history().isGenerated(state.history().size() - 1)).isFalse();

    SamplerState penalized = Sampler.chain(penalties(64, 1, 0, 100)).start(1);
    penalized.acceptPrompt(2, 6, 4, 0, 7, 3, 1);
    assertThat(penalized.next(LOGITS)).isEqualTo(5);
  }

  @Test
  void acceptedTokensAdvanceTheDraw() {
    SamplerState state = Sampler.chain().start(42);
    state.accept(4);
    state.accept(2);
    assertThat(draw(state, 4)).containsExactly(2, 2, 2, 0);
  }

  @Test
  void aForcedTokenHasTheProbabilityItWouldHaveHadAndCountsAsGenerated() {
    SamplerState state = FIVE.start(0);
    assertThat(state.force(0, LOGITS)).isZero();
    Choice forced = state.choice();
    assertThat(forced.isForced()).isTrue();
    assertThat(forced.rank()).isEqualTo(3);
    double[] weights = {3 / 0.7, 3 / 0.7, 2.25 / 0.7, 1.5 / 0.7, 0.75 / 0.7};
    double sum = 0;
    for (double weight : weights) {
      sum += Math.exp(weight);
    }
    assertThat(forced.probability()).isCloseTo(Math.exp(weights[3]) / sum, within(1e-6));
    assertThat(draw(state, 3)).containsExactly(6, 2, 0);
    assertThat(state.history().id(0)).isZero();
  }

  @Test
  void aForcedTokenThatNoStageKeptHasNoRankAndNoProbability() {
    SamplerState state = FIVE.start(0);
    state.force(5, LOGITS);
    assertThat(state.rank()).isEqualTo(-1);
    assertThat(state.probability()).isZero();
    assertThat(state.logProbability()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(state.rawLogProbability()).isCloseTo(-8.061, within(0.001));
    assertThatThrownBy(() -> state.force(8, LOGITS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id 8 is outside the vocabulary of 8");
  }

  @Test
  void aGivenRandomNumberReplacesTheDraw() {
    SamplerState state = Sampler.chain().start(0);
    LogitStatistics logits = LogitStatistics.of(LOGITS);
    assertThat(state.next(logits, 0)).isEqualTo(2);
    assertThat(state.next(logits, Math.nextDown(1.0))).isEqualTo(5);
    assertThatThrownBy(() -> state.next(logits, 1)).hasMessageContaining("but is 1.0");
  }

  @Test
  void aChoiceTellsItsProbabilities() {
    SamplerState state = Sampler.chain().start(42);
    Choice choice = state.sample(LOGITS);
    assertThat(choice.id()).isEqualTo(4);
    assertThat(choice.rank()).isEqualTo(2);
    assertThat(choice.u()).isEqualTo(Draw.of(42, 0).u());
    assertThat(Math.log(choice.probability())).isCloseTo(choice.logProbability(), within(1e-12));
    assertThat(state.rawLogProbability()).isCloseTo(choice.logProbability(), within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aLogitThatIsNoNumberIsAnErrorAndLeavesTheStateAsItWas(float wrong) {
    SamplerState state = Sampler.defaults().start(1);
    assertThatThrownBy(() -> state.sample(new float[] {1, wrong, 2}))
        .isInstanceOf(SamplingException.class)
        .hasMessage("logits: one of the 3 is " + wrong);
    assertThat(state.history().size()).isZero();
  }

  @Test
  void aStageThatLeavesNothingIsNamed() {
    float no = Float.NEGATIVE_INFINITY;
    SamplerState state = Sampler.chain(topK(5), logitBias(Map.of(0, no, 1, no))).start(1);
    assertThatThrownBy(() -> state.sample(new float[] {1, 2}))
        .isInstanceOf(SamplingException.class)
        .hasMessage("logit-bias: no candidate is left")
        .extracting(e -> ((SamplingException) e).stage())
        .isEqualTo("logit-bias");
    assertThatThrownBy(() -> state.sample(new float[] {no, no}))
        .hasMessage("logits: no candidate is left");
    assertThatThrownBy(() -> state.sample(new float[] {}))
        .hasMessage("logits: no candidate is left");
  }

  @Test
  void aBiasMovesAToken() {
    SamplerState state = Sampler.chain(logitBias(Map.of(5, 100f))).start(1);
    assertThat(state.next(LOGITS)).isEqualTo(5);
    assertThatThrownBy(() -> Sampler.chain(logitBias(Map.of(8, 1f))).start(1).sample(LOGITS))
        .hasMessage("logit-bias: id 8 is outside the vocabulary of 8");
  }

  @Test
  void vocabulariesOfDifferentSizesMayFollowEachOther() {
    SamplerState state = Sampler.defaults().start(1);
    for (int size : new int[] {3, 5000, 8, 600}) {
      assertThat(state.next(Reference.logits(size, 2, 0, size))).isLessThan(size);
    }
  }

  @Test
  void thereIsNoChoiceBeforeTheFirst() {
    assertThatThrownBy(() -> Sampler.greedy().start(1).id())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Sampler.greedy().start(1).rewind(1))
        .hasMessage("rewind must be between 0 and the 0 tokens so far, but is 1");
    assertThatThrownBy(() -> Sampler.greedy().start(1).acceptPrompt(-1))
        .hasMessage("a token id must be at least 0, but is -1");
  }

  @Test
  void seedsThatNobodyChoseDiffer() {
    assertThat(Sampler.greedy().start().seed()).isNotEqualTo(Sampler.greedy().start().seed());
  }
}
