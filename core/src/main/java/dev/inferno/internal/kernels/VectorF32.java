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

  @Override
  public void products(
      MemorySegment blocks,
      long offset,
      long stride,
      float[] x,
      int xAt,
      int count,
      float[] partial,
      int at,
      int partialStride) {
    long offset1 = offset + stride;
    long offset2 = offset + 2 * stride;
    long offset3 = offset + 3 * stride;
    FloatVector even0 = FloatVector.zero(FLOATS);
    FloatVector odd0 = FloatVector.zero(FLOATS);
    FloatVector even1 = FloatVector.zero(FLOATS);
    FloatVector odd1 = FloatVector.zero(FLOATS);
    FloatVector even2 = FloatVector.zero(FLOATS);
    FloatVector odd2 = FloatVector.zero(FLOATS);
    FloatVector even3 = FloatVector.zero(FLOATS);
    FloatVector odd3 = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 2 * HALF) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector y = FloatVector.fromArray(FLOATS, x, xAt + i + j);
        even0 =
            FloatVector.fromMemorySegment(FLOATS, blocks, offset + 4L * (i + j), LITTLE_ENDIAN)
                .fma(y, even0);
        even1 =
            FloatVector.fromMemorySegment(FLOATS, blocks, offset1 + 4L * (i + j), LITTLE_ENDIAN)
                .fma(y, even1);
        even2 =
            FloatVector.fromMemorySegment(FLOATS, blocks, offset2 + 4L * (i + j), LITTLE_ENDIAN)
                .fma(y, even2);
        even3 =
            FloatVector.fromMemorySegment(FLOATS, blocks, offset3 + 4L * (i + j), LITTLE_ENDIAN)
                .fma(y, even3);
        y = FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF);
        odd0 =
            FloatVector.fromMemorySegment(
                    FLOATS, blocks, offset + 4L * (i + j + HALF), LITTLE_ENDIAN)
                .fma(y, odd0);
        odd1 =
            FloatVector.fromMemorySegment(
                    FLOATS, blocks, offset1 + 4L * (i + j + HALF), LITTLE_ENDIAN)
                .fma(y, odd1);
        odd2 =
            FloatVector.fromMemorySegment(
                    FLOATS, blocks, offset2 + 4L * (i + j + HALF), LITTLE_ENDIAN)
                .fma(y, odd2);
        odd3 =
            FloatVector.fromMemorySegment(
                    FLOATS, blocks, offset3 + 4L * (i + j + HALF), LITTLE_ENDIAN)
                .fma(y, odd3);
      }
    }
    even0.intoArray(partial, at);
    odd0.intoArray(partial, at + HALF);
    even1.intoArray(partial, at + partialStride);
    odd1.intoArray(partial, at + partialStride + HALF);
    even2.intoArray(partial, at + 2 * partialStride);
    odd2.intoArray(partial, at + 2 * partialStride + HALF);
    even3.intoArray(partial, at + 3 * partialStride);
    odd3.intoArray(partial, at + 3 * partialStride + HALF);
  }
}
