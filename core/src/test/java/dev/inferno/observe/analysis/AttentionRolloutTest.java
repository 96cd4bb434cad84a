package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AttentionRolloutTest {
  private static final Offset<Double> ROUNDING = within(1e-6);

  @Test
  void twoLayersOfTwoPositionsAreAsComputedByHand() {
    float[] first = {1, 0, 0.2f, 0.8f, 1, 0, 0.6f, 0.4f}; // two heads, whose mean is 0.4, 0.6
    float[] second = {1, 0, 1, 0, 1, 0, 1, 0};
    double[][] alone = AttentionRollout.of(List.of(first), 2, 2);
    assertThat(alone[1]).containsExactly(new double[] {0.2, 0.8}, ROUNDING);
    double[][] both = AttentionRollout.of(List.of(first, second), 2, 2);
    // 0.5 * (1, 0) + 0.5 * (0.2, 0.8)
    assertThat(both[0]).containsExactly(new double[] {1, 0}, ROUNDING);
    assertThat(both[1]).containsExactly(new double[] {0.6, 0.4}, ROUNDING);
  }

  @Test
  void theOrderOfTheLayersCounts() {
    float[] back = Patterns.pointing(0, 0, 1); // to the position before
    float[] stay = Patterns.pointing(0, 1, 0); // only the last looks at the first
    double[][] backFirst = AttentionRollout.of(List.of(back, stay), 1, 3);
    double[][] stayFirst = AttentionRollout.of(List.of(stay, back), 1, 3);
    assertThat(backFirst[2]).containsExactly(new double[] {0.5, 0.25, 0.25}, ROUNDING);
    assertThat(stayFirst[2]).containsExactly(new double[] {0.25, 0.5, 0.25}, ROUNDING);
  }

  @Test
  void everyRowSumsToOneAndSeesNothingThatComesLater() {
    var random = new SplittableRandom(5);
    for (int length : new int[] {1, 2, 9, 20}) {
      var layers = new ArrayList<float[]>();
      for (int layer = 0; layer < 6; layer++) {
        layers.add(Patterns.causal(3, length, random));
      }
      double[][] rollout = AttentionRollout.of(layers, 3, length);
      for (int row = 0; row < length; row++) {
        assertThat(Arrays.stream(rollout[row]).sum()).isCloseTo(1, within(1e-12));
        assertThat(Arrays.stream(rollout[row], row + 1, length)).allMatch(value -> value == 0);
      }
    }
  }

  @Test
  void whatIsNoPatternIsRefused() {
    assertThatThrownBy(() -> AttentionRollout.of(List.of(), 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the number of layers must be at least 1, but is 0");
    assertThatThrownBy(
            () -> AttentionRollout.of(List.of(Patterns.pointing(0, 1), new float[3]), 1, 2))
        .hasMessage("the pattern of layer 1 must have 4 numbers, but has 3");
    assertThatThrownBy(() -> AttentionRollout.of(List.of(new float[4]), 1, 2))
        .hasMessageContaining("above 0 and at most 1, but that of numbers 0 to 1 is 0.0");
  }

  @Test
  void whatFallsOnASinkIsLeftOut() {
    float[] sunk = {0.5f, 0, 0.125f, 0.25f}; // rows that sum to less than 1
    double[][] rollout = AttentionRollout.of(List.of(sunk), 1, 2);
    assertThat(rollout[0]).containsExactly(new double[] {1, 0}, ROUNDING);
    assertThat(rollout[1])
        .containsExactly(new double[] {0.0625 / 0.6875, 0.625 / 0.6875}, ROUNDING);
    assertThat(HeadScores.previousToken(sunk, 2)).isCloseTo(0.125, ROUNDING);
    assertThat(HeadScores.entropy(sunk, 1, 2, 2)[0])
        .isCloseTo(
            -(0.5 * Math.log(0.5) + 0.125 * Math.log(0.125) + 0.25 * Math.log(0.25)) / 2, ROUNDING);
  }
}
