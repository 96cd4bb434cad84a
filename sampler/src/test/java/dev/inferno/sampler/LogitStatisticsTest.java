package dev.inferno.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LogitStatisticsTest {
  private static final float NO = Float.NEGATIVE_INFINITY;

  @Test
  void uniformLogitsHaveTheEntropyOfTheirNumber() {
    LogitStatistics statistics = LogitStatistics.of(new float[] {3, 3, NO, 3, 3});
    assertThat(statistics.vocabulary()).isEqualTo(5);
    assertThat(statistics.finite()).isEqualTo(4);
    assertThat(statistics.max()).isEqualTo(3);
    assertThat(statistics.entropy()).isCloseTo(Math.log(4), within(1e-12));
    assertThat(statistics.logSumExp()).isCloseTo(3 + Math.log(4), within(1e-12));
    assertThat(statistics.logProbability(0)).isCloseTo(-Math.log(4), within(1e-12));
    assertThat(statistics.logProbability(2)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void theTopIsFoundAsDeepAsAskedForTiesByTheLowestId() {
    float[] logits = Reference.logits(500, 3, 4, 8);
    var sorted = Reference.inFallingOrder(logits);
    LogitStatistics statistics = LogitStatistics.of(logits);
    for (int rank : new int[] {0, 31, 32, 3, 200, 499}) {
      assertThat(statistics.topId(rank)).isEqualTo(sorted.get(rank).id());
    }
  }

  @Test
  void whatTheCallerKnowsIsNotComputedAgain() {
    LogitStatistics statistics = new LogitStatistics();
    float[] logits = {1, 2, 3};
    statistics.provide(logits, 3, 3, 7.5, 0.5);
    statistics.provideTop(new int[] {2, 1, 9}, 2);
    assertThat(statistics.logSumExp()).isEqualTo(7.5);
    assertThat(statistics.entropy()).isEqualTo(0.5);
    assertThat(statistics.topId(1)).isEqualTo(1);
    assertThat(statistics.topId(2)).isEqualTo(0);
    statistics.reset(logits);
    assertThat(statistics.logSumExp()).isCloseTo(3.4076, within(1e-4));
  }

  @Test
  void howTheStatisticsWereRoundedDoesNotChangeAChoice() {
    float[] logits = Reference.logits(3000, 2, 0, 1);
    LogitStatistics rough = new LogitStatistics();
    rough.provide(logits, LogitStatistics.of(logits).max(), 3000, 5, 5);
    SamplerState state = Sampler.chain(SamplerStage.topP(0.9f)).start(1);
    state.next(rough);
    Choice choice = state.choice();
    state.rewind(1);
    assertThat(state.sample(logits)).isEqualTo(choice);
  }
}
