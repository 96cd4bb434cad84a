package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.RowTiles;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Routing.Gating;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Which experts are chosen, and how much they count, on shares that are easy to see through.
class RoutingTest {
  private static final float[] NO_BIAS = {};

  /// Lets a single row with these shares choose.
  private static MixtureScratch choose(Routing routing, float... shares) {
    var mixture = new MixtureScratch(1, 1, shares.length, routing.used(), new RowTiles());
    mixture.resize(new Rows(1, 1).resize(1, 0));
    System.arraycopy(shares, 0, mixture.routerProbabilities.data(), 0, shares.length);
    routing.choose(0, shares.length, mixture);
    return mixture;
  }

  private static float[] weights(MixtureScratch choice) {
    return Arrays.copyOf(choice.weights.data(), choice.chosen.length);
  }

  @Test
  void sharesAreScaledToSumToOneIfSaidSoAndThenByTheScale() {
    MixtureScratch asTheyAre =
        choose(new Routing(2, Gating.SIGMOID, false, 2, NO_BIAS, 1, 1), 0.1f, 0.6f, 0.2f);
    assertThat(asTheyAre.chosen).containsExactly(1, 2);
    assertThat(weights(asTheyAre)).containsExactly(1.2f, 0.4f);
    MixtureScratch scaled =
        choose(new Routing(2, Gating.SIGMOID, true, 2, NO_BIAS, 1, 1), 0.1f, 0.6f, 0.2f);
    assertThat(weights(scaled)).containsExactly(new float[] {1.5f, 0.5f}, within(1e-6f));
  }

  @Test
  void aBiasSaysWhoIsChosenButNotHowMuchTheyCount() {
    float[] bias = {0.5f, 0, 0, 0.3f};
    MixtureScratch choice =
        choose(new Routing(3, Gating.SIGMOID, false, 1, bias, 1, 1), 0.1f, 0.5f, 0.4f, 0.2f);
    assertThat(choice.chosen).containsExactly(1, 3, 0); // by share, not as they were found
    assertThat(weights(choice)).containsExactly(0.5f, 0.2f, 0.1f);
  }

  @Test
  void amongEqualSharesTheFirstComeFirstHoweverTheyWereFound() {
    float[] bias = {0, 0.1f, 0.2f};
    MixtureScratch choice =
        choose(new Routing(2, Gating.SIGMOID, false, 1, bias, 1, 1), 0.5f, 0.5f, 0.5f);
    assertThat(choice.chosen).containsExactly(1, 2);
  }

  @Test
  void aGroupIsAsGoodAsItsBestExpertOrAsItsBestTwo() {
    float[] shares = {0.5f, 0, 0, 0.3f, 0.1f, 0.3f, 0, 0.2f, 0.4f};
    MixtureScratch byOne = choose(new Routing(2, Gating.SOFTMAX, false, 1, NO_BIAS, 3, 1), shares);
    assertThat(byOne.chosen).containsExactly(0, 1); // of the first group
    MixtureScratch byTwo = choose(new Routing(2, Gating.SIGMOID, false, 1, NO_BIAS, 3, 1), shares);
    assertThat(byTwo.chosen).containsExactly(3, 5); // of the second, before an equal one
    MixtureScratch ofTwoGroups =
        choose(new Routing(3, Gating.SIGMOID, false, 1, NO_BIAS, 3, 2), shares);
    assertThat(ofTwoGroups.chosen).containsExactly(8, 3, 5);
  }

  @Test
  void anExpertWithoutAnyShareDividesNothingByZero() {
    MixtureScratch choice = choose(new Routing(1, Gating.SIGMOID, true, 1, NO_BIAS, 1, 1), 0, 0);
    assertThat(weights(choice)).containsExactly(0f);
  }

  @Test
  void sharesAreASoftmaxOrTheSigmoidOfEachScore() {
    float[] scores = {9, 0, (float) Math.log(3), 9};
    new Routing(1, Gating.SIGMOID, false, 1, NO_BIAS, 1, 1).share(scores, 1, 2, KernelSets.best());
    assertThat(scores).containsExactly(new float[] {9, 0.5f, 0.75f, 9}, within(1e-6f));
    float[] others = {9, 0, (float) Math.log(3), 9};
    Routing.softmax(1, false).share(others, 1, 2, KernelSets.best());
    assertThat(others).containsExactly(new float[] {9, 0.25f, 0.75f, 9}, within(1e-6f));
  }
}
