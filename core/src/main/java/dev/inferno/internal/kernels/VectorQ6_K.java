package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Q6_K: nibbles and their fifth and sixth bits less 32, times the group's scale.
final class VectorQ6_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q6_K;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 210) {
      float d = BlockBytes.half(blocks, offset + 208);
      for (int group = 0; group < 16; group++) {
        float scale = d * BlockBytes.signed(blocks, offset + 192 + group);
        for (int j = 0; j < 16; j += LANES) {
          values(blocks, offset + j, group, scale).intoArray(values, at + i + group * 16 + j);
        }
      }
    }
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 256, offset += 210) {
      float d = BlockBytes.half(blocks, offset + 208);
      for (int group = 0; group < 16; group++) { // one body with the sums in turn: two are too much
        float scale = d * BlockBytes.signed(blocks, offset + 192 + group);
        FloatVector sum = even;
        for (int j = 0; j < 16; j += LANES) {
          FloatVector values = values(blocks, offset + j, group, scale);
          sum = Simd.fma(values, Simd.load(x, at + i + group * 16 + j), sum);
        }
        even = odd;
        odd = sum;
      }
    }
    return Simd.sum(even.add(odd));
  }

  private static FloatVector values(MemorySegment blocks, long offset, int group, float scale) {
    int half = group >>> 3;
    IntVector low =
        Simd.unsigned(blocks, offset + half * 64L + (group & 3) * 16L)
            .lanewise(VectorOperators.LSHR, ((group >>> 2) & 1) * 4)
            .and(15);
    IntVector high =
        Simd.unsigned(blocks, offset + 128 + half * 32L + (group & 1) * 16L)
            .lanewise(VectorOperators.LSHR, ((group >>> 1) & 3) * 2)
            .and(3)
            .lanewise(VectorOperators.LSHL, 4);
    return Simd.floats(low.or(high).sub(32)).mul(scale);
  }
}
