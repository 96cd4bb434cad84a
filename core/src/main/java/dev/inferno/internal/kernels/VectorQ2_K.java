package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorOperators;

/// Q2_K: pairs of bits times the group's scale, less its minimum. Decoded block by block.
final class VectorQ2_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q2_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 84) {
      float d = BlockBytes.half(blocks, offset + 80);
      float dmin = BlockBytes.half(blocks, offset + 82);
      for (int group = 0; group < 16; group++) {
        int packed = BlockBytes.unsigned(blocks, offset + group);
        float scale = d * (packed & 15);
        float minimum = dmin * (packed >>> 4);
        long quants = offset + 16 + (group >>> 3) * 32L + (group & 1) * 16L;
        int shift = ((group >>> 1) & 3) * 2;
        for (int j = 0; j < 16; j += LANES) {
          Simd.floats(
                  Simd.unsigned(blocks, quants + j).lanewise(VectorOperators.LSHR, shift).and(3))
              .mul(scale)
              .sub(minimum)
              .intoArray(values, at + i + group * 16 + j);
        }
      }
    }
  }
}
