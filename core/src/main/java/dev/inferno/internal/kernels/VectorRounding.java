package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.RoundedRows.SMALLEST;
import static dev.inferno.internal.kernels.RoundedRows.TO_INTEGER;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// Makes {@link RoundedRows}, four columns at a time whatever the machine's width, since a word's
/// halves are four columns apart.
final class VectorRounding {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_128;
  private static final int INTEGER_BITS = Float.floatToRawIntBits(TO_INTEGER);

  private VectorRounding() {}

  /// See {@link LaneKernels#round}.
  static void round(float[] x, int xAt, RoundedRows out, int row) {
    int columns = out.columns();
    int pair = row * columns / 2;
    int scaleAt = row * columns / 32;
    int sumAt = row * columns / 16;
    for (int i = xAt; i < xAt + columns; i += 32, pair += 16, scaleAt++, sumAt += 2) {
      FloatVector largest = FloatVector.fromArray(FLOATS, x, i).abs();
      for (int k = i + 4; k < i + 32; k += 4) {
        largest = FloatVector.fromArray(FLOATS, x, k).abs().max(largest);
      }
      float max = largest.reduceLanes(MAX);
      float scale = max < SMALLEST ? 0 : max / 127;
      float inverse = max < SMALLEST ? 0 : 127 / max;
      out.scales()[scaleAt] = scale;
      for (int half = 0; half < 2; half++) {
        int from = i + 16 * half;
        IntVector sum = IntVector.zero(IntVector.SPECIES_128);
        for (int w = 0; w < 16; w += 8) {
          IntVector first =
              FloatVector.fromArray(FLOATS, x, from + w)
                  .mul(inverse)
                  .add(TO_INTEGER)
                  .reinterpretAsInts();
          IntVector second =
              FloatVector.fromArray(FLOATS, x, from + w + 4)
                  .mul(inverse)
                  .add(TO_INTEGER)
                  .reinterpretAsInts();
          sum = sum.add(first).add(second);
          first
              .and(0xFFFF)
              .or(second.lanewise(LSHL, 16))
              .intoArray(out.pairs(), pair + 8 * half + w / 2);
        }
        out.sums()[sumAt + half] = scale * (sum.reduceLanes(ADD) - 16 * INTEGER_BITS);
      }
    }
  }
}
