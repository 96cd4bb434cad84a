package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Q5_0: nibbles and their fifth bits less 16, times the scale.
final class VectorQ5_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q5_0;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 22) {
      float d = BlockBytes.half(blocks, offset);
      int fifth = BlockBytes.bits32(blocks, offset + 2);
      for (int j = 0; j < 16; j += LANES) {
        low(blocks, offset + 6 + j, j, fifth, d).intoArray(values, at + i + j);
        high(blocks, offset + 6 + j, j, fifth, d).intoArray(values, at + i + j + 16);
      }
    }
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 32, offset += 22) {
      float d = BlockBytes.half(blocks, offset);
      int fifth = BlockBytes.bits32(blocks, offset + 2);
      for (int j = 0; j < 16; j += LANES) {
        even = Simd.fma(low(blocks, offset + 6 + j, j, fifth, d), Simd.load(x, at + i + j), even);
        odd =
            Simd.fma(high(blocks, offset + 6 + j, j, fifth, d), Simd.load(x, at + i + j + 16), odd);
      }
    }
    return Simd.sum(even.add(odd));
  }

  /// Values j and on of a block.
  private static FloatVector low(MemorySegment blocks, long at, int j, int fifth, float d) {
    return Simd.floats(
            Simd.unsigned(blocks, at).and(15).or(Simd.fifthBits(fifth << 4 >>> j)).sub(16))
        .mul(d);
  }

  /// Values j + 16 and on.
  private static FloatVector high(MemorySegment blocks, long at, int j, int fifth, float d) {
    return Simd.floats(
            Simd.unsigned(blocks, at)
                .lanewise(VectorOperators.LSHR, 4)
                .or(Simd.fifthBits(fifth >>> (12 + j)))
                .sub(16))
        .mul(d);
  }
}
