package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.KernelSets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How far pairs turn from one position to the next, as the scalings say.
class RopeTest {
  private static final int DIMENSIONS = 128;
  private static final double BASE = 10_000;

  /// The cosine and the sine of a pair at position 1.
  private static float[] turned(Rope rope, int pair) {
    KvCache cache =
        KvCache.empty(KernelSets.scalar(), KeyValueType.F32, 1, new Attention.Heads(1, 1, 1, 1));
    cache.complete(1);
    var segment = new Segment(cache, Observer.NOBODY, new float[0]);
    segment.prepare(new int[1], new boolean[1], 0, 1, 1);
    Batch batch = new Batch().begin(List.of(segment), 1, () -> false);
    var state = new State(1, 1, 1, 1, 1);
    rope.prepare(batch, state);
    float[] x = new float[DIMENSIONS];
    x[pair] = 1;
    rope.apply(KernelSets.scalar(), x, 0, 1, DIMENSIONS, state.attention, 0);
    return new float[] {x[pair], x[pair + DIMENSIONS / 2]};
  }

  private static void requireTurn(Rope rope, int pair, double angle, double magnitude) {
    float[] turned = turned(rope, pair);
    assertThat((double) turned[0]).isCloseTo(magnitude * Math.cos(angle), within(1e-6));
    assertThat((double) turned[1]).isCloseTo(magnitude * Math.sin(angle), within(1e-6));
  }

  private static double plain(int pair) {
    return Math.pow(BASE, -2.0 * pair / DIMENSIONS);
  }

  @Test
  void yarnKeepsFastPairsInterpolatesSlowOnesAndMixesThoseBetween() {
    var yarn = new Rope.Yarn(4, 4096, 32, 1, Rope.Yarn.recommendedAttentionFactor(4), true);
    Rope rope = Rope.of(Rope.Order.HALVES, BASE, DIMENSIONS, yarn);
    double magnitude = 0.1 * Math.log(4) + 1;
    requireTurn(rope, 0, 1, magnitude);
    // 4096 / (2 pi 32) turns: pair 20.9; 4096 / (2 pi): pair 45.03
    requireTurn(rope, 20, plain(20), magnitude);
    requireTurn(rope, 46, plain(46) / 4, magnitude);
    requireTurn(rope, 63, plain(63) / 4, magnitude);
    double share = (33 - 20) / (46.0 - 20);
    requireTurn(rope, 33, plain(33) * (1 - share) + plain(33) / 4 * share, magnitude);
  }

  @Test
  void whatYarnMixesMayBeginAndEndBetweenPairs() {
    var yarn = new Rope.Yarn(4, 4096, 32, 1, 1, false);
    Rope rope = Rope.of(Rope.Order.HALVES, BASE, DIMENSIONS, yarn);
    double low = DIMENSIONS * Math.log(4096 / (32 * 2 * Math.PI)) / (2 * Math.log(BASE));
    double high = DIMENSIONS * Math.log(4096 / (2 * Math.PI)) / (2 * Math.log(BASE));
    requireTurn(rope, 20, plain(20), 1); // low is 20.9
    requireTurn(rope, 46, plain(46) / 4, 1); // high is 45.03
    for (int pair = 21; pair < 46; pair++) {
      double share = (pair - low) / (high - low);
      requireTurn(rope, pair, plain(pair) * (1 - share) + plain(pair) / 4 * share, 1);
    }
  }

  @Test
  void aContextThatDoesNotGrowNeedsNoAttentionFactor() {
    assertThat(Rope.Yarn.recommendedAttentionFactor(1)).isEqualTo(1);
    assertThat(Rope.Yarn.recommendedAttentionFactor(0.5)).isEqualTo(1);
  }

  @Test
  void eachPairMayHaveItsOwnDivisor() {
    float[] factors = new float[DIMENSIONS / 2];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = 1 + i;
    }
    Rope rope = Rope.of(Rope.Order.HALVES, BASE, DIMENSIONS, factors);
    for (int pair = 0; pair < factors.length; pair++) {
      requireTurn(rope, pair, plain(pair) / (1 + pair), 1);
    }
  }
}
