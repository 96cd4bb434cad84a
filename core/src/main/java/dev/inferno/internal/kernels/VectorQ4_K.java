package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.SixBitPairs;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Q4_K: nibbles times the group's scale, less its minimum.
final class VectorQ4_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_K;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 144) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int group = 0; group < 8; group++) {
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 16 + (group >>> 1) * 32L;
        for (int j = 0; j < 32; j += LANES) {
          values(blocks, quants + j, group, scale, minimum)
              .intoArray(values, at + i + group * 32 + j);
        }
      }
    }
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 256, offset += 144) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int group = 0; group < 8; group++) {
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 16 + (group >>> 1) * 32L;
        int xAt = at + i + group * 32;
        for (int j = 0; j < 16; j += LANES) {
          even =
              Simd.fma(
                  values(blocks, quants + j, group, scale, minimum), Simd.load(x, xAt + j), even);
          odd =
              Simd.fma(
                  values(blocks, quants + j + 16, group, scale, minimum),
                  Simd.load(x, xAt + j + 16),
                  odd);
        }
      }
    }
    return Simd.sum(even.add(odd));
  }

  private static FloatVector values(
      MemorySegment blocks, long quants, int group, float scale, float minimum) {
    return Simd.floats(
            Simd.unsigned(blocks, quants).lanewise(VectorOperators.LSHR, (group & 1) * 4).and(15))
        .mul(scale)
        .sub(minimum);
  }
}
