package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/// F32: plain floats.
final class VectorF32 implements BlockFormat, FusedProduct {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public GgmlType type() {
    return GgmlType.F32;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    MemorySegment.copy(blocks, FLOAT, offset, values, at, count);
  }

  @Override
  public void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += HALF) {
      FloatVector sum = even; // the sums take turns
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector values =
            FloatVector.fromMemorySegment(FLOATS, blocks, offset + 4L * (i + j), LITTLE_ENDIAN);
        sum = values.fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), sum);
      }
      even = odd;
      odd = sum;
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
