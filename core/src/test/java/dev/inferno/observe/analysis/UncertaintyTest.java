package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UncertaintyTest {
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  @Test
  void theEntropyOfEquallyLikelyOutcomesIsTheLogarithmOfTheirNumber() {
    assertThat(Uncertainty.entropy(new float[] {0.25f, 0.25f, 0, 0.25f, 0.25f}))
        .isCloseTo(Math.log(4), within(1e-12));
    assertThat(Uncertainty.entropy(new float[] {0, 1, 0})).isZero();
    assertThat(Uncertainty.entropy(new float[] {0.5f, 0.25f, 0.25f}))
        .isCloseTo(1.5 * Math.log(2), within(1e-12));
    assertThat(Uncertainty.entropyOfLogits(new float[] {7, 7, NEVER, 7}))
        .isCloseTo(Math.log(3), within(1e-12));
  }

  @Test
  void theEntropyOfLogitsIsThatOfTheirSoftmax() {
    var random = new SplittableRandom(3);
    float[] logits = new float[50];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) random.nextDouble(-5, 5);
      sum += Math.exp(logits[i]);
    }
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (Math.exp(logits[i]) / sum);
      assertThat(Uncertainty.surprisal(logits, i))
          .isCloseTo(-Math.log(Math.exp(logits[i]) / sum), within(1e-12));
    }
    assertThat(Uncertainty.entropyOfLogits(logits))
        .isCloseTo(Uncertainty.entropy(probabilities), within(1e-6));
  }

  @Test
  void largeLogitsDoNotOverflow() {
    float[] logits = {3e38f, 3e38f, -3e38f};
    assertThat(Uncertainty.entropyOfLogits(logits)).isCloseTo(Math.log(2), within(1e-12));
    assertThat(Uncertainty.surprisal(logits, 0)).isCloseTo(Math.log(2), within(1e-12));
    assertThat(Uncertainty.surprisal(logits, 2)).isGreaterThan(1e38);
  }

  @Test
  void theDivergenceIsWhatTheWrongCodeCosts() {
    float[] certain = {0, NEVER};
    float[] even = {5, 5};
    float[] skewed = {(float) Math.log(3), 0};
    assertThat(Uncertainty.divergence(even, even)).isZero();
    assertThat(Uncertainty.divergence(certain, even)).isCloseTo(Math.log(2), within(1e-12));
    assertThat(Uncertainty.divergence(even, certain)).isInfinite();
    assertThat(Uncertainty.divergence(certain, certain)).isZero();
    assertThat(Uncertainty.divergence(skewed, even))
        .isCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), within(1e-7));
    assertThatThrownBy(() -> Uncertainty.divergence(even, new float[3]))
        .hasMessageContaining("must have 2 numbers, but has 3");
    assertThatThrownBy(() -> Uncertainty.divergence(even, new float[] {0, Float.NaN}))
        .hasMessageContaining("NaN");
  }

  @Test
  void theMarginIsTheDistanceOfTheTwoLargest() {
    assertThat(Uncertainty.margin(new float[] {1, 4.5f, -2, 3})).isEqualTo(1.5);
    assertThat(Uncertainty.margin(new float[] {4, 1, 4})).isZero();
    assertThat(Uncertainty.margin(new float[] {4, NEVER})).isInfinite();
    assertThat(Uncertainty.margin(new float[] {4})).isInfinite();
  }

  @Test
  void whatCannotComeSurprisesWithoutBound() {
    assertThat(Uncertainty.surprisal(new float[] {1, NEVER}, 1)).isInfinite();
    assertThat(Uncertainty.surprisal(new float[] {1, NEVER}, 0)).isZero();
  }

  @Test
  void perplexityIsTheNumberOfEquallyLikelyChoices() {
    assertThat(Uncertainty.perplexity(new double[] {Math.log(2), Math.log(8)}))
        .isCloseTo(4, within(1e-12));
    assertThat(Uncertainty.perplexity(new double[] {0})).isEqualTo(1);
  }

  @Test
  void whatIsNoDistributionIsRefused() {
    assertThatThrownBy(() -> Uncertainty.entropy(new float[] {0.5f, -0.5f, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("probabilities must hold probabilities, but number 1 is -0.5");
    assertThatThrownBy(() -> Uncertainty.entropy(new float[] {0.5f, 0.25f}))
        .hasMessageContaining("the sum of numbers 0 to 1 is 0.75");
    assertThatThrownBy(() -> Uncertainty.entropyOfLogits(new float[] {1, Float.NaN}))
        .hasMessage("numbers must be finite or minus infinity, but number 1 is NaN");
    assertThatThrownBy(() -> Uncertainty.margin(new float[] {NEVER, NEVER}))
        .hasMessage("none of the 2 numbers is finite");
    assertThatThrownBy(() -> Uncertainty.surprisal(new float[] {1, 2}, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Uncertainty.perplexity(new double[0]))
        .hasMessage("the number of surprisals must be at least 1, but is 0");
    assertThatThrownBy(() -> Uncertainty.perplexity(new double[] {-1}))
        .hasMessage("a surprisal must be at least 0, but is -1.0");
  }
}
