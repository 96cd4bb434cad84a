package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.Q3Scales;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Q3_K: pairs of bits and their third bits less 4, times the group's scale. Decoded block by
/// block.
final class VectorQ3_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q3_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = BlockBytes.half(blocks, offset + 108);
      for (int group = 0; group < 16; group++) {
        float scale = d * (Q3Scales.of(blocks, offset + 96, group) - 32);
        long thirds = offset + (group & 1) * 16L;
        long quants = offset + 32 + (group >>> 3) * 32L + (group & 1) * 16L;
        int shift = ((group >>> 1) & 3) * 2;
        for (int j = 0; j < 16; j += LANES) {
          values(blocks, quants + j, shift, thirds + j, group >>> 1)
              .mul(scale)
              .intoArray(values, at + i + group * 16 + j);
        }
      }
    }
  }

  private static FloatVector values(
      MemorySegment blocks, long quants, int shift, long thirds, int thirdShift) {
    IntVector low = Simd.unsigned(blocks, quants).lanewise(VectorOperators.LSHR, shift).and(3);
    IntVector third =
        Simd.unsigned(blocks, thirds)
            .lanewise(VectorOperators.LSHR, thirdShift)
            .and(1)
            .lanewise(VectorOperators.LSHL, 2);
    return Simd.floats(low.or(third).sub(4));
  }
}
