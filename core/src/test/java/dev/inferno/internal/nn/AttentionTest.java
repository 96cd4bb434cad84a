package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Attention in all its variants against its definition in doubles, over the decode and the prefill
/// class; the text is longer than two pages of keys and than a tile of queries.
class AttentionTest {
  private static final int LENGTH = 150;
  private static final int WIDTH = 12;
  private static final Attention.Heads HEADS = new Attention.Heads(4, 2, 8, 6);
  private static final int QKV = HEADS.queryKeyValueWidth();

  private final Kernels kernels = KernelSets.best();
  private final Matrices random = new Matrices(7, kernels);
  private final float[] qkvMatrix = random.floats(QKV * WIDTH);
  private final float[] outputMatrix = random.floats(WIDTH * HEADS.zWidth());
  private final float[] text = random.floats(LENGTH * WIDTH);

  /// What the rows of the text get, passed through in pieces of these lengths.
  private float[] attend(
      Attention.Scoring scoring, Rope rope, Optional<QueryKeyNorm> norm, int... pieces) {
    var attention =
        new Attention(
            random.linear(qkvMatrix, QKV, WIDTH),
            norm,
            rope,
            HEADS,
            scoring,
            random.linear(outputMatrix, WIDTH, HEADS.zWidth()),
            kernels);
    KvCache cache = KvCache.empty(kernels, KeyValueType.F32, 1, HEADS);
    var segment = new Segment(cache, Observer.NOBODY, new float[0]);
    var batch = new Batch();
    var state = new State(WIDTH, QKV, HEADS.zWidth(), 1, 1);
    var out = new Rows(1, WIDTH);
    float[] all = new float[LENGTH * WIDTH];
    int first = 0;
    for (int rows : pieces) {
      segment.prepare(new int[rows], new boolean[rows], 0, rows, rows);
      batch.begin(List.of(segment), 2, () -> false);
      rope.prepare(batch, state);
      float[] part = Arrays.copyOfRange(text, first * WIDTH, (first + rows) * WIDTH);
      attention.apply(0, batch, Matrices.rows(part, rows), out, state, new Probe(batch));
      System.arraycopy(out.data(), 0, all, first * WIDTH, rows * WIDTH);
      cache.complete(first + rows);
      first += rows;
    }
    assertThat(first).isEqualTo(LENGTH);
    return all;
  }

  private static int[] repeated(int length) {
    int[] pieces = new int[LENGTH / length];
    Arrays.fill(pieces, length);
    return pieces;
  }

  private interface Step {
    /// Changes queries or keys of a position, `[heads, keySize]`.
    void apply(double[] heads, int position, boolean isQuery);
  }

  private double[] definition(Attention.Scoring scoring, Step step) {
    double[][] queries = new double[LENGTH][];
    double[][] keys = new double[LENGTH][];
    double[][] values = new double[LENGTH][];
    for (int t = 0; t < LENGTH; t++) {
      double[] qkv = Matrices.product(qkvMatrix, QKV, text, t);
      int keysAt = HEADS.queryWidth();
      queries[t] = Arrays.copyOf(qkv, keysAt);
      keys[t] = Arrays.copyOfRange(qkv, keysAt, keysAt + HEADS.keyWidth());
      values[t] = Arrays.copyOfRange(qkv, keysAt + HEADS.keyWidth(), QKV);
      step.apply(queries[t], t, true);
      step.apply(keys[t], t, false);
    }
    double[] all = new double[LENGTH * WIDTH];
    for (int t = 0; t < LENGTH; t++) {
      double[] z = new double[HEADS.zWidth()];
      for (int head = 0; head < HEADS.heads(); head++) {
        int shared = head / 2;
        double[] shares = new double[LENGTH];
        double sum = 0;
        for (int k = 0; k <= t; k++) {
          if (scoring.window() > 0 && k <= t - scoring.window()) {
            continue;
          }
          double score = 0;
          for (int i = 0; i < 8; i++) {
            score += queries[t][head * 8 + i] * keys[k][shared * 8 + i];
          }
          score *= scoring.scale();
          if (scoring.softcap() > 0) {
            score = scoring.softcap() * Math.tanh(score / scoring.softcap());
          }
          if (scoring.alibi().applies()) {
            score -= scoring.alibi().slope(head) * (t - k);
          }
          shares[k] = Math.exp(score);
          sum += shares[k];
        }
        sum += scoring.sinks().apply() ? Math.exp(scoring.sinks().score(head)) : 0;
        for (int k = 0; k <= t; k++) {
          for (int i = 0; i < 6; i++) {
            z[head * 6 + i] += shares[k] / sum * values[k][shared * 6 + i];
          }
        }
      }
      System.arraycopy(Matrices.product(outputMatrix, WIDTH, z), 0, all, t * WIDTH, WIDTH);
    }
    return all;
  }

  private static void requireClose(float[] actual, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("row %d, column %d", i / WIDTH, i % WIDTH)
          .isCloseTo(expected[i], within(2e-4));
    }
  }

  static List<Attention.Scoring> scorings() {
    List<Attention.Scoring> all = new ArrayList<>();
    for (int window : new int[] {0, 1, 2, 20, 63, 64, 65, 128, 149, 150, 1000}) {
      all.add(new Attention.Scoring(0.2f, 0, window));
    }
    all.add(new Attention.Scoring(0.3f, 2, 0));
    all.add(new Attention.Scoring(0.3f, 2, 70));
    all.add(new Attention.Scoring(0.3f, 0, 0).with(Alibi.of(HEADS.heads(), 8)));
    all.add(new Attention.Scoring(0.3f, 2, 70).with(Alibi.of(HEADS.heads(), 5)));
    // far below the scores of keys, among them, and so far above that nothing is left to keys
    all.add(new Attention.Scoring(0.1f, 0, 0).with(Sinks.of(-80, 0.5f, 6, 150)));
    all.add(new Attention.Scoring(0.1f, 2, 70).with(Sinks.of(3, -1, 150, 0)));
    return all;
  }

  @ParameterizedTest
  @MethodSource("scorings")
  void eachQueryWeighsTheValuesItSeesByTheSoftmaxOfItsScores(Attention.Scoring scoring) {
    double[] expected = definition(scoring, (_, _, _) -> {});
    for (int[] pieces : new int[][] {{LENGTH}, {70, 80}, repeated(15), repeated(1)}) {
      requireClose(attend(scoring, Rope.none(), Optional.empty(), pieces), expected);
    }
  }

  @ParameterizedTest
  @MethodSource("scorings")
  void aRowHasTheSameBitsHoweverItsTextIsCutWithinAClass(Attention.Scoring scoring) {
    assertThat(attend(scoring, Rope.none(), Optional.empty(), 17, 33, 100))
        .isEqualTo(attend(scoring, Rope.none(), Optional.empty(), LENGTH));
    assertThat(attend(scoring, Rope.none(), Optional.empty(), repeated(10)))
        .isEqualTo(attend(scoring, Rope.none(), Optional.empty(), repeated(1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void queriesAndKeysAreNormedByTheHeadOrAsAWhole(boolean perHead) {
    float[] queryGain = random.floats(perHead ? 8 : 32);
    float[] keyGain = random.floats(perHead ? 8 : 16);
    var norm =
        new QueryKeyNorm(
            new RmsNorm(queryGain, 1e-6f, kernels), new RmsNorm(keyGain, 1e-6f, kernels));
    var scoring = new Attention.Scoring(0.3f, 0, 0);
    double[] expected =
        definition(
            scoring,
            (heads, _, isQuery) -> {
              float[] gain = isQuery ? queryGain : keyGain;
              for (int piece = 0; piece < heads.length; piece += gain.length) {
                double sum = 0;
                for (int i = 0; i < gain.length; i++) {
                  sum += heads[piece + i] * heads[piece + i];
                }
                for (int i = 0; i < gain.length; i++) {
                  heads[piece + i] *= gain[i] / Math.sqrt(sum / gain.length + 1e-6);
                }
              }
            });
    requireClose(attend(scoring, Rope.none(), Optional.of(norm), LENGTH), expected);
    requireClose(attend(scoring, Rope.none(), Optional.of(norm), repeated(3)), expected);
  }

  @ParameterizedTest
  @EnumSource
  void ropeTurnsPairsOfTheFirstDimensionsByTheirAngles(Rope.Order order) {
    for (int dimensions : new int[] {2, 4, 8}) {
      float[] factors = new float[dimensions / 2];
      Arrays.fill(factors, 2);
      Rope rope = Rope.of(order, 100, dimensions, factors);
      var scoring = new Attention.Scoring(0.2f, 0, 0);
      double[] expected =
          definition(
              scoring,
              (heads, position, _) -> {
                for (int i = 0; i < dimensions / 2; i++) {
                  double angle = position * Math.pow(100, -2.0 * i / dimensions) / 2;
                  int first = order == Rope.Order.NEIGHBOURS ? 2 * i : i;
                  int second = order == Rope.Order.NEIGHBOURS ? 2 * i + 1 : i + dimensions / 2;
                  for (int head = 0; head < heads.length; head += 8) {
                    double a = heads[head + first];
                    double b = heads[head + second];
                    heads[head + first] = a * Math.cos(angle) - b * Math.sin(angle);
                    heads[head + second] = b * Math.cos(angle) + a * Math.sin(angle);
                  }
                }
              });
      requireClose(attend(scoring, rope, Optional.empty(), LENGTH), expected);
      requireClose(attend(scoring, rope, Optional.empty(), repeated(5)), expected);
    }
  }
}
