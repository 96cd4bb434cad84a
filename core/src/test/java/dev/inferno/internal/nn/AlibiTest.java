package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The slopes that the paper and its code give.
class AlibiTest {
  private static float[] slopes(int heads, double bias) {
    Alibi alibi = Alibi.of(heads, bias);
    float[] slopes = new float[heads];
    for (int head = 0; head < heads; head++) {
      slopes[head] = alibi.slope(head);
    }
    return slopes;
  }

  @Test
  void eightHeadsHaveTheSlopesOfThePaper() {
    assertThat(slopes(8, 8))
        .containsExactly(
            0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f);
  }

  @Test
  void headsBeyondAPowerOfTwoTakeEveryOtherSlopeOfTwiceAsMany() {
    float[] twice = slopes(8, 8);
    assertThat(slopes(6, 8))
        .containsExactly(twice[1], twice[3], twice[5], twice[7], twice[0], twice[2]);
  }

  @Test
  void aSmallerBiasFallsLess() {
    assertThat(slopes(2, 4)).containsExactly(0.25f, 0.0625f);
  }

  @Test
  void roundedToBf16PositionsNearEachOtherMayHaveTheSameBias() {
    Alibi alibi = Alibi.of(12, 8).rounded(0.5f);
    assertThat(alibi.slope(8)).isEqualTo(0.70703125f); // the root of a half
    float[] scores = new float[12];
    alibi.apply(8, 301, scores, 1, 300, 11);
    assertThat(scores[1]).isZero(); // 301 is rounded to 300
    assertThat(scores[2]).isZero();
    assertThat(scores[11]).isEqualTo(0.5f * (219 - 212)); // 219.2 and 212.1
  }

  @Test
  void whereThereIsNoneNothingApplies() {
    assertThat(Alibi.NONE.applies()).isFalse();
  }
}
