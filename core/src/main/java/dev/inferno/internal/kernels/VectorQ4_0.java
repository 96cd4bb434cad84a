package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Q4_0: nibbles less 8, times the scale.
final class VectorQ4_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_0;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 16; j += LANES) {
        low(blocks, offset + 2 + j, d).intoArray(values, at + i + j);
        high(blocks, offset + 2 + j, d).intoArray(values, at + i + j + 16);
      }
    }
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 16; j += LANES) {
        even = Simd.fma(low(blocks, offset + 2 + j, d), Simd.load(x, at + i + j), even);
        odd = Simd.fma(high(blocks, offset + 2 + j, d), Simd.load(x, at + i + j + 16), odd);
      }
    }
    return Simd.sum(even.add(odd));
  }

  /// Values j and on of a block.
  private static FloatVector low(MemorySegment blocks, long at, float d) {
    return Simd.floats(Simd.unsigned(blocks, at).and(15).sub(8)).mul(d);
  }

  /// Values j + 16 and on.
  private static FloatVector high(MemorySegment blocks, long at, float d) {
    return Simd.floats(Simd.unsigned(blocks, at).lanewise(VectorOperators.LSHR, 4).sub(8)).mul(d);
  }
}
