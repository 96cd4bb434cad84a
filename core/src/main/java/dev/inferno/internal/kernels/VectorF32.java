package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/// F32 straight from the file. Rows whose length is no multiple of 32 are left to others.
final class VectorF32 implements BlockFormat {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public GgmlType type() {
    return GgmlType.F32;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    MemorySegment.copy(blocks, FLOAT, offset, values, at, count);
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    if (count % 32 != 0) {
      return BlockFormat.super.dot(blocks, offset, x, at, count);
    }
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 32) {
      for (int j = i; j < i + 16; j += LANES) {
        even = Simd.fma(Simd.singles(blocks, offset + 4L * j), Simd.load(x, at + j), even);
        odd =
            Simd.fma(Simd.singles(blocks, offset + 4L * (j + 16)), Simd.load(x, at + j + 16), odd);
      }
    }
    return Simd.sum(even.add(odd));
  }
}
