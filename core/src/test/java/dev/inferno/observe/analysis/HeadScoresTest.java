package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeadScoresTest {
  @Test
  void aHeadThatLooksBackByOneIsAPreviousTokenHead() {
    assertThat(HeadScores.previousToken(Patterns.pointing(0, 0, 1, 2, 3), 5)).isEqualTo(1);
    assertThat(HeadScores.previousToken(Patterns.pointing(0, 1, 2, 3, 4), 5)).isZero();
    float[] half = {1, 0, 0, 0.5f, 0.5f, 0, 0, 0.25f, 0.75f};
    assertThat(HeadScores.previousToken(half, 3)).isCloseTo((0.5 + 0.25) / 2, within(1e-7));
  }

  @Test
  void aHeadThatLooksAtWhatFollowedLastTimeIsAnInductionHead() {
    float[] pattern = Patterns.pointing(0, 0, 0, 1, 2, 3); // of a b c a b c
    assertThat(HeadScores.induction(pattern, 6, 3)).isEqualTo(1);
    assertThat(HeadScores.induction(pattern, 6, 2)).isZero();
    assertThat(HeadScores.previousToken(pattern, 6)).isEqualTo(0.2);
  }

  @Test
  void theGeneralFormIsTheSameOnTokensThatRepeatOnce() {
    var random = new SplittableRandom(1);
    int period = 7;
    int[] tokens = IntStream.range(0, 3 * period).map(i -> 100 - i % period).toArray();
    float[] pattern = Patterns.causal(1, tokens.length, random);
    assertThat(HeadScores.induction(pattern, tokens).orElseThrow())
        .isCloseTo(HeadScores.induction(pattern, tokens.length, period), within(1e-12));
  }

  @Test
  void theLastEarlierOccurrenceCounts() {
    int[] tokens = {4, 5, 4, 6, 4};
    // Rows 2 and 4 repeat a token: what followed it stands at 1 and at 3.
    assertThat(HeadScores.induction(Patterns.pointing(0, 0, 1, 0, 3), tokens)).hasValue(1);
    assertThat(HeadScores.induction(Patterns.pointing(0, 0, 1, 0, 1), tokens)).hasValue(0.5);
  }

  @Test
  void rowsThatCannotShowInductionAreLeftOut() {
    assertThat(HeadScores.induction(Patterns.pointing(0, 1, 2), new int[] {1, 2, 3})).isEmpty();
    assertThat(HeadScores.induction(Patterns.pointing(0, 1, 2), new int[] {1, 1, 1})).isEmpty();
    assertThat(HeadScores.induction(new float[0], new int[0])).isEmpty();
  }

  @Test
  void theEntropyOfAHeadIsTheMeanOverItsRows() {
    float[] pattern = {
      1,
      0,
      0.5f,
      0.5f, // rows 0 and 1 of head 0
      0,
      1,
      1,
      0 // of head 1
    };
    assertThat(HeadScores.entropy(pattern, 2, 2, 2))
        .containsExactly(new double[] {Math.log(2) / 2, 0}, within(1e-12));
    assertThat(HeadScores.entropy(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, 1, 1, 4))
        .containsExactly(new double[] {Math.log(4)}, within(1e-12));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    float[] pattern = Patterns.pointing(0, 1, 2);
    assertThatThrownBy(() -> HeadScores.previousToken(new float[] {1}, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("length must be at least 2, but is 1");
    assertThatThrownBy(() -> HeadScores.previousToken(pattern, 4))
        .hasMessage("the pattern must have 16 numbers, but has 9");
    assertThatThrownBy(() -> HeadScores.induction(pattern, 3, 3))
        .hasMessage("period must be between 2 and length - 1 = 2, but is 3");
    assertThatThrownBy(() -> HeadScores.entropy(pattern, 0, 3, 3))
        .hasMessage("heads must be at least 1, but is 0");
    pattern[0] = Float.NaN;
    assertThatThrownBy(() -> HeadScores.induction(pattern, new int[3]))
        .hasMessage("the pattern must hold probabilities, but number 0 is NaN");
  }
}
