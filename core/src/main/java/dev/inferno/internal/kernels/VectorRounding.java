package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.RoundedRows.BLOCK;
import static dev.inferno.internal.kernels.RoundedRows.SMALLEST;
import static dev.inferno.internal.kernels.RoundedRows.TO_INTEGER;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;

/// Makes {@link RoundedRows}. Vectors of another width than those of the products would be handier
/// for a word's halves, but the compiler then no longer knows which ones come to methods that all
/// share, and boxes them everywhere.
final class VectorRounding {
  private static final int INTEGER_BITS = Float.floatToRawIntBits(TO_INTEGER);

  private VectorRounding() {}

  /// See {@link LaneKernels#round}.
  static void round(float[] x, int xAt, RoundedRows out, int row) {
    int columns = out.columns();
    int[] pairs = out.pairs();
    int[] q = out.block();
    int pair = row * columns / 2;
    int scaleAt = row * columns / BLOCK;
    int sumAt = row * columns / LaneFormat.SUM_COLUMNS;
    for (int i = xAt; i < xAt + columns; i += BLOCK) {
      FloatVector largest = FloatVector.fromArray(FLOATS, x, i).abs();
      for (int k = LANES; k < BLOCK; k += LANES) {
        largest = FloatVector.fromArray(FLOATS, x, i + k).abs().max(largest);
      }
      float max = largest.reduceLanes(MAX);
      float scale = max < SMALLEST ? 0 : max / 127;
      float inverse = max < SMALLEST ? 0 : 127 / max;
      for (int k = 0; k < BLOCK; k += LANES) {
        FloatVector.fromArray(FLOATS, x, i + k)
            .mul(inverse)
            .add(TO_INTEGER)
            .reinterpretAsInts()
            .sub(INTEGER_BITS)
            .intoArray(q, k);
      }
      out.scales()[scaleAt++] = scale;
      for (int from = 0; from < BLOCK; from += LaneFormat.SUM_COLUMNS) {
        int sum = 0;
        for (int word = from; word < from + LaneFormat.SUM_COLUMNS; word += 8) {
          for (int k = word; k < word + 4; k++) {
            pairs[pair++] = (q[k] & 0xFFFF) | (q[k + 4] << 16);
            sum += q[k] + q[k + 4];
          }
        }
        out.sums()[sumAt++] = scale * sum;
      }
    }
  }
}
