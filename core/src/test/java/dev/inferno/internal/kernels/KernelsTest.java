package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The vector twin against the plain one: on small whole numbers, where sums are exact, to the bit
/// over all remainders; on random numbers within rounding.
final class KernelsTest {
  private static final int LONGEST = 70; // more than four of the widest vectors, and a remainder
  private static final double EPSILON = Math.ulp(1f);

  private final Kernels scalar = KernelSets.scalar();
  private final Kernels vector = KernelSets.vector().orElseGet(KernelSets::scalar);

  /// Runs something with both sets on equal copies of an array, which must come out equal.
  private void assertSame(float[] array, BiConsumer<Kernels, float[]> use, String what) {
    float[] expected = array.clone();
    float[] actual = array.clone();
    use.accept(scalar, expected);
    use.accept(vector, actual);
    assertThat(actual).as(what).isEqualTo(expected);
  }

  @Test
  void dotProductsOfWholeNumbersAreExact() {
    TestData data = TestData.seeded(1);
    for (int n = 0; n <= 3 * LONGEST; n++) {
      float[] x = data.integers(n + 3);
      float[] y = data.integers(n + 5);
      assertThat(vector.dot(x, 3, y, 5, n)).as("n %d", n).isEqualTo(scalar.dot(x, 3, y, 5, n));
    }
  }

  @Test
  void aLongDotProductIsAsExactAsItsTerms() {
    TestData data = TestData.seeded(2);
    int n = 1_000;
    float[] x = data.floats(n);
    float[] y = data.floats(n);
    double exact = 0;
    double absolute = 0;
    for (int i = 0; i < n; i++) {
      exact += (double) x[i] * y[i];
      absolute += Math.abs((double) x[i] * y[i]);
    }
    assertThat((double) vector.dot(x, 0, y, 0, n)).isCloseTo(exact, within(4 * EPSILON * absolute));
  }

  @Test
  void dotProductsInPartsHaveTheBitsOfTheWholeForAnyNumberOfRows() {
    TestData data = TestData.seeded(3);
    int stride = 200;
    float[] x = data.floats(10 * stride);
    float[] y = data.floats(10 * stride);
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      for (int xRows = 1; xRows <= 9; xRows++) {
        for (int yRows = 1; yRows <= 5; yRows++) {
          int n = 64 + 15 * xRows + yRows;
          float[] partial = new float[xRows * yRows * Kernels.PARTIAL_SUMS];
          kernels.accumulate(y, stride, yRows, x, 1, stride, xRows, 32, partial);
          float[] rest = Arrays.copyOfRange(y, 32, y.length);
          kernels.accumulate(rest, stride, yRows, x, 33, stride, xRows, n - 32, partial);
          for (int i = 0; i < xRows * yRows; i++) {
            assertThat(kernels.total(partial, i * Kernels.PARTIAL_SUMS))
                .as("%s, %d x %d rows, n %d, sum %d", kernels.name(), xRows, yRows, n, i)
                .isEqualTo(kernels.dot(x, 1 + i / yRows * stride, y, i % yRows * stride, n));
          }
        }
      }
    }
  }

  @Test
  void elementwiseKernelsAgreeToTheBit() {
    TestData data = TestData.seeded(4);
    for (int n = 0; n <= LONGEST; n++) {
      int length = n;
      float[] x = data.floats(n + 4);
      float[] y = data.floats(n + 4);
      assertSame(x, (kernels, a) -> kernels.add(a, 2, y, 1, length), "add " + n);
      assertSame(x, (kernels, a) -> kernels.scale(a, 2, 1.7f, length), "scale " + n);
      assertSame(x, (kernels, a) -> kernels.swiglu(a, 2, y, 1, length), "swiglu " + n);
      assertSame(x, (kernels, a) -> kernels.multiply(a, 2, y, 1, length), "multiply " + n);
      assertSame(x, (kernels, a) -> kernels.gelu(a, 2, length), "gelu " + n);
      assertSame(x, (kernels, a) -> kernels.exactGelu(a, 2, length), "exact gelu " + n);
      assertSame(x, (kernels, a) -> kernels.softcap(a, 2, 1.5f, length), "softcap " + n);
    }
  }

  @Test
  void swigluIsGateTimesItsLogisticTimesUp() {
    float[] gate = {-1e30f, -100, -10, -1, 0, 1, 10, 100, 1e30f, Float.NaN};
    float[] up = new float[gate.length];
    Arrays.fill(up, 2);
    float[] actual = gate.clone();
    vector.swiglu(actual, 0, up, 0, gate.length);
    for (int i = 0; i < gate.length; i++) {
      double expected = 2 * (gate[i] / (1 + Math.exp(-gate[i])));
      double tolerance = Math.abs(expected) * 4 * EPSILON + 1e-30;
      if (Double.isNaN(expected)) {
        assertThat(actual[i]).isNaN();
      } else {
        assertThat((double) actual[i]).as("%s", gate[i]).isCloseTo(expected, within(tolerance));
      }
    }
  }

  /// Numbers around those where the tangent changes its method, and those beyond all bounds.
  private static float[] aroundTheTangentsCorners() {
    float[] special = {
      -0f, 1e-30f, 0.62499994f, 0.625f, -0.625f, 1e30f, -1e30f, 3e38f, -3e38f, Float.NaN
    };
    float[] x = Arrays.copyOf(special, 2_000);
    for (int i = special.length; i < x.length; i++) {
      x[i] = -12f + 24f * i / x.length;
    }
    return x;
  }

  @Test
  void softcapIsTheCapTimesTheTangentOfTheShare() {
    float[] x = aroundTheTangentsCorners();
    for (float cap : new float[] {1, 4, 30}) {
      assertSame(x, (kernels, a) -> kernels.softcap(a, 0, cap, a.length), "cap " + cap);
      float[] actual = x.clone();
      vector.softcap(actual, 0, cap, x.length);
      for (int i = 0; i < x.length; i++) {
        double expected = cap * Math.tanh((double) x[i] / cap);
        if (Double.isNaN(expected)) {
          assertThat(actual[i]).isNaN();
        } else {
          assertThat((double) actual[i])
              .as("%s with cap %s", x[i], cap)
              .isCloseTo(expected, within(Math.abs(expected) * 4 * EPSILON));
        }
      }
    }
  }

  @Test
  void exactGeluIsCloseToTheLastPlacesOfItsInput() {
    float[] x = aroundTheTangentsCorners();
    assertSame(x, (kernels, a) -> kernels.exactGelu(a, 0, a.length), "exact gelu");
    float[] actual = new float[] {-4, -2, -1, -0.5f, -0f, 0.5f, 1, 2, 4, 20, -20};
    double[] expected = { // x * (1 + erf(x / sqrt(2))) / 2, by Python's math.erf
      -0.00012668496733247991,
      -0.04550026389635842,
      -0.15865525393145707,
      -0.15426876936299344,
      0.0,
      0.34573123063700656,
      0.8413447460685429,
      1.9544997361036416,
      3.9998733150326675,
      20.0,
      -0.0
    };
    float[] inputs = actual.clone();
    vector.exactGelu(actual, 0, actual.length);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("%s", inputs[i])
          .isCloseTo(expected[i], within(Math.abs(inputs[i]) * 4 * EPSILON));
    }
  }

  @Test
  void geluIsExactToTheLastPlacesOfItsInput() {
    float[] x = aroundTheTangentsCorners();
    assertSame(x, (kernels, a) -> kernels.gelu(a, 0, a.length), "gelu");
    float[] actual = x.clone();
    vector.gelu(actual, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double v = x[i];
      double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
      double expected = v / 2 * (1 + Math.tanh(inner));
      if (Double.isNaN(expected)) {
        assertThat(actual[i]).isNaN();
      } else {
        assertThat((double) actual[i]) // 1 + tanh is a small difference where x is negative
            .as("%s", x[i])
            .isCloseTo(expected, within(Math.abs(v) * 4 * EPSILON));
      }
    }
  }

  @Test
  void layerNormCentresAndDividesByTheStandardDeviation() {
    TestData data = TestData.seeded(9);
    for (int n = 1; n <= LONGEST; n++) {
      float[] x = data.floats(n + 1);
      float[] gain = data.floats(n);
      float[] bias = data.floats(n);
      double mean = 0;
      for (int i = 1; i <= n; i++) {
        mean += x[i] / (double) n;
      }
      double variance = 0;
      for (int i = 1; i <= n; i++) {
        variance += (x[i] - mean) * (x[i] - mean) / n;
      }
      for (Kernels kernels : new Kernels[] {scalar, vector}) {
        float[] out = new float[n + 2];
        kernels.layerNorm(x, 1, gain, bias, 1e-5f, out, 2, n);
        float[] inPlace = x.clone();
        kernels.layerNorm(inPlace, 1, gain, bias, 1e-5f, inPlace, 1, n);
        for (int i = 0; i < n; i++) {
          double factor = gain[i] / Math.sqrt(variance + 1e-5);
          double expected = (x[i + 1] - mean) * factor + bias[i];
          double terms = Math.abs(factor) * (Math.abs(x[i + 1]) + 1) + Math.abs(bias[i]);
          assertThat((double) out[i + 2])
              .as("%s, n %d, %d", kernels.name(), n, i)
              .isCloseTo(expected, within(terms * 16 * EPSILON));
          assertThat(inPlace[i + 1]).isEqualTo(out[i + 2]);
        }
      }
    }
  }

  @Test
  void rmsNormDividesByTheRootOfTheMeanSquare() {
    TestData data = TestData.seeded(5);
    for (int n = 1; n <= LONGEST; n++) {
      float[] x = data.floats(n + 1);
      float[] gain = data.floats(n);
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += (double) x[i + 1] * x[i + 1];
      }
      float[] out = new float[n + 2];
      for (Kernels kernels : new Kernels[] {scalar, vector}) {
        kernels.rmsNorm(x, 1, gain, 1e-5f, out, 2, n);
        for (int i = 0; i < n; i++) {
          double expected = x[i + 1] / Math.sqrt(sum / n + 1e-5) * gain[i];
          assertThat((double) out[i + 2])
              .isCloseTo(expected, within(Math.abs(expected) * 8 * EPSILON));
        }
      }
    }
  }

  @Test
  void exponentialsAgreeToTheBitAndAreExactToTheLastPlaces() {
    float[] special = {
      0,
      -0f,
      1,
      -1,
      88.7f,
      88.73f,
      89,
      -86.5f,
      -86.7f,
      -104,
      1e-30f,
      3e38f,
      -3e38f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    float[] x = Arrays.copyOf(special, 4_096);
    for (int i = special.length; i < x.length; i++) {
      x[i] = -87f + 175f * i / x.length;
    }
    float[] all = new float[x.length];
    VectorExponential.apply(x, 0, 1, 0, all, 0, x.length - 1);
    for (int i = 0; i < x.length - 1; i++) {
      float plain = Exponential.of(x[i]);
      assertThat(Float.floatToIntBits(all[i]))
          .as("e^%s", x[i])
          .isEqualTo(Float.floatToIntBits(plain));
      double exact = x[i] < Exponential.LOWEST ? 0 : Math.exp(x[i]);
      if (Double.isNaN(exact)) {
        assertThat(plain).isNaN();
      } else if (exact > Float.MAX_VALUE) {
        assertThat(plain).isGreaterThan(3.4e38f);
      } else {
        assertThat((double) plain).as("e^%s", x[i]).isCloseTo(exact, within(exact * 2 * EPSILON));
      }
    }
  }

  @Test
  void softmaxAddsUpToOneAndIgnoresMinusInfinity() {
    TestData data = TestData.seeded(6);
    for (int n = 1; n <= LONGEST; n++) {
      float[] scores = data.floats(n + 1);
      scores[0] = 99; // not part of it
      if (n > 2) {
        scores[2] = Float.NEGATIVE_INFINITY;
      }
      double sum = 0;
      for (int i = 1; i <= n; i++) {
        sum += Math.exp(scores[i]);
      }
      for (Kernels kernels : new Kernels[] {scalar, vector}) {
        float[] actual = scores.clone();
        kernels.softmax(actual, 1, n);
        assertThat(actual[0]).isEqualTo(99);
        for (int i = 1; i <= n; i++) {
          double expected = Math.exp(scores[i]) / sum;
          assertThat((double) actual[i]).isCloseTo(expected, within(expected * 16 * EPSILON));
        }
      }
    }
  }

  @Test
  void statisticsOfLogits() {
    TestData data = TestData.seeded(7);
    for (int n : new int[] {1, 2, 15, 16, 17, 1_000, 1_024, 5_000}) {
      float[] logits = data.floats(n + 1);
      logits[0] = 100; // not part of it
      logits[1 + (n >> 1)] = 9;
      logits[n] = 9; // the lowest of equals wins
      if (n > 4) {
        logits[2] = Float.NEGATIVE_INFINITY;
      }
      double sum = 0;
      double weighted = 0;
      for (int i = 1; i <= n; i++) {
        double e = Math.exp(logits[i] - 9);
        sum += e;
        weighted += e == 0 ? 0 : e * (logits[i] - 9);
      }
      for (Kernels kernels : new Kernels[] {scalar, vector}) {
        double[] out = new double[4];
        kernels.statistics(logits, 1, n, out);
        assertThat(out[0]).isEqualTo(9);
        assertThat(out[1]).as("%s, n %d", kernels.name(), n).isEqualTo((double) (n >> 1));
        assertThat(out[2]).isCloseTo(9 + Math.log(sum), within(1e-6));
        assertThat(out[3]).isCloseTo(Math.log(sum) - weighted / sum, within(1e-6));
      }
    }
  }

  @Test
  void aNumberThatIsNoneSpoilsTheStatistics() {
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      for (int bad : new int[] {0, 5, 36}) {
        float[] logits = new float[37];
        logits[bad] = Float.NaN;
        double[] out = new double[4];
        kernels.statistics(logits, 0, logits.length, out);
        assertThat(out[0]).isNaN();
        assertThat(out[2]).isNaN();
        assertThat(out[3]).isNaN();
        assertThat(out[1]).isBetween(0.0, 36.0);
      }
    }
  }

  @Test
  void productsWithPagesAreExactOnWholeNumbersForFewAndForManyRows() {
    TestData data = TestData.seeded(9);
    for (int columns : new int[] {1, 7, 16, 32, 48, 64, 65, 80, 96, 100, 128}) {
      int width = (columns + 15) / 16 * 16;
      for (int rows = 0; rows <= 27; rows++) {
        int m = rows;
        int k = 1 + rows % 5;
        float[] x = data.integers(2 + 27 * (k + 1));
        float[] panel = data.integers(5 + k * width);
        float[] out = data.integers(3 + 27 * (columns + 2));
        boolean accumulate = rows % 2 == 0;
        assertSame(
            out,
            (set, a) ->
                set.pageProduct(
                    x, 2, k + 1, m, panel, 5, width, k, a, 3, columns + 2, columns, accumulate),
            rows + " rows, " + columns + " columns");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 16, 45, 48, 100, 128})
  void aRowOfAProductWithAPageHasTheSameBitsWhateverItsCompany(int columns) {
    TestData data = TestData.seeded(10);
    int k = 40;
    float[] x = data.floats(23 * k);
    float[] panel = data.floats(k * 128);
    float[] many = new float[23 * columns];
    vector.pageProduct(x, 0, k, 23, panel, 0, 128, k, many, 0, columns, columns, false);
    for (int rows = 1; rows < 23; rows++) {
      float[] out = new float[rows * columns];
      vector.pageProduct(x, 0, k, rows, panel, 0, 128, k, out, 0, columns, columns, false);
      assertThat(out).as("%d rows", rows).isEqualTo(Arrays.copyOf(many, rows * columns));
    }
  }

  @Test
  void aSoftmaxBlockByBlockIsTheSoftmax() {
    TestData data = TestData.seeded(11);
    int rows = 5;
    int n = 48;
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      float[] maxima = new float[rows];
      float[] sums = new float[rows];
      float[] factors = new float[rows];
      Arrays.fill(maxima, -Float.MAX_VALUE);
      double[] exact = new double[rows]; // sums of exponentials of the scores as they are
      double[] weighted = new double[rows]; // what a result would be, of values 0, 1, 2 ...
      float[] results = new float[rows];
      for (int block = 0; block < 6; block++) {
        float[] scores = data.floats(rows * n);
        for (int row = 0; row < rows; row++) {
          if (block % 3 == row % 3) { // a row that does not see the block
            Arrays.fill(scores, row * n, (row + 1) * n, Float.NEGATIVE_INFINITY);
          }
          scores[row * n + 3] = row == 1 ? 20 * block : Float.NEGATIVE_INFINITY;
          for (int i = 0; i < n; i++) {
            exact[row] += Math.exp(scores[row * n + i]);
            weighted[row] += i * Math.exp(scores[row * n + i]);
          }
        }
        kernels.softmaxBlock(scores, rows, n, maxima, sums, factors);
        for (int row = 0; row < rows; row++) {
          results[row] *= factors[row];
          for (int i = 0; i < n; i++) {
            results[row] += i * scores[row * n + i];
          }
          assertThat(scores[row * n + 3]).isEqualTo(row == 1 ? scores[row * n + 3] : 0);
        }
      }
      for (int row = 0; row < rows; row++) {
        String what = kernels.name() + ", row " + row;
        assertThat(sums[row] * Math.exp(maxima[row])).as(what).isCloseTo(exact[row], withinShare());
        assertThat((double) results[row] / sums[row])
            .as(what)
            .isCloseTo(weighted[row] / exact[row], withinShare());
      }
    }
  }

  private static Percentage withinShare() {
    return Percentage.withPercentage(1e-3);
  }

  @Test
  void aBlockThatARowDoesNotSeeChangesNoBit() {
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      float[] scores = new float[32];
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
      float[] maxima = {1.5f, -Float.MAX_VALUE};
      float[] sums = {3.25f, 0};
      float[] factors = new float[2];
      kernels.softmaxBlock(scores, 2, 16, maxima, sums, factors);
      assertThat(scores).containsOnly(0);
      assertThat(maxima).containsExactly(1.5f, -Float.MAX_VALUE);
      assertThat(sums).containsExactly(3.25f, 0);
      assertThat(factors).containsExactly(1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 16, 20, 32, 64})
  void pairsTurnAlikeInBothSetsToTheBit(int pairs) {
    TestData data = TestData.seeded(pairs);
    float[] x = data.floats(3 + 2 * pairs);
    float[] cosines = data.floats(5 + 2 * pairs);
    float[] sines = data.floats(5 + 2 * pairs);
    assertSame(x, (k, a) -> k.rotateHalves(a, 2, pairs, cosines, sines, 5), pairs + " halves");
    assertSame(
        x, (k, a) -> k.rotateNeighbours(a, 2, 2 * pairs, cosines, sines, 5), pairs + " neighbours");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 31, 32, 33, 64, 80, 100})
  void bytesAreMultipliedByTheirScalesAlikeToTheBit(int width) {
    TestData data = TestData.seeded(width);
    byte[] bytes = new byte[3 + 5 * width];
    float[] numbers = data.integers(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i % 2 == 0 ? numbers[i] * 31 : -i);
    }
    float[] scales = data.floats(5 * width);
    float[] out = new float[5 * (width + 2)];
    assertSame(out, (k, a) -> k.scaleColumns(bytes, 3, scales, 5, width, a, 2), width + " columns");
    assertSame(
        out,
        (k, a) -> k.scaleBlocks(bytes, 3, scales, 5, width, a, width + 2),
        width + " in blocks");
  }

  @Test
  void everyHalfBecomesItsFloatAndBack() {
    short[] halves = new short[65_536];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = (short) i;
    }
    float[] floats = new float[halves.length];
    vector.fromHalf(halves, 0, floats, 0, halves.length);
    short[] back = new short[halves.length];
    vector.toHalf(floats, 0, back, 0, halves.length);
    for (int i = 0; i < halves.length; i++) {
      float expected = Float.float16ToFloat(halves[i]);
      assertThat(Float.floatToIntBits(floats[i])).isEqualTo(Float.floatToIntBits(expected));
      if (!Float.isNaN(expected)) {
        assertThat(back[i]).isEqualTo(halves[i]);
      }
    }
  }

  @Test
  void floatsAreRoundedToTheNearestEvenHalf() {
    float[] x = {
      1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519.996f, 65520, 0x1p-25f, 0x1.8p-25f, -0f, 1e9f
    };
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      short[] half = new short[x.length];
      kernels.toHalf(x, 0, half, 0, x.length);
      assertThat(half).containsExactly(0x3C00, 0x3C02, 0x7BFF, 0x7C00, 0, 1, 0x8000, 0x7C00);
    }
  }
}
