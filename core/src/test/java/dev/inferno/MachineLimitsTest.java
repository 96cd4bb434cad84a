package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/// The limits of the machine that the tests run on: that there are any, not how high they are.
class MachineLimitsTest {

  @Test
  void aMachineReadsAndComputes() {
    try (MachineLimits limits = MachineLimits.open()) {
      assertThat(limits.bandwidth(1)).isPositive().isFinite();
      assertThat(limits.fusedMultiplyAdds(1)).isPositive().isFinite();
    }
  }

  @Test
  void moreThreadsThanThereAreIsAnError() {
    int threads = MachineLimits.threads() + 1;
    try (MachineLimits limits = MachineLimits.open()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> limits.bandwidth(threads))
          .withMessageContaining("but is " + threads);
      assertThatIllegalArgumentException().isThrownBy(() -> limits.fusedMultiplyAdds(0));
    }
  }

  @Test
  void closingTwiceDoesNothing() {
    MachineLimits limits = MachineLimits.open();
    limits.close();
    limits.close();
  }
}
