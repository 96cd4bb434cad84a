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

/// Q5_K: nibbles and their fifth bits times the group's scale, less its minimum.
final class VectorQ5_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q5_K;
  }

  @Override
  public boolean fused() {
    return true;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 176) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int group = 0; group < 8; group++) {
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 48 + (group >>> 1) * 32L;
        long fifths = offset + 16;
        for (int j = 0; j < 32; j += LANES) {
          values(blocks, quants + j, fifths + j, group, scale, minimum)
              .intoArray(values, at + i + group * 32 + j);
        }
      }
    }
  }

  @Override
  public float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 256, offset += 176) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int part = 0; part < 16; part++) { // one body with the sums in turn: two are too much
        int group = part >>> 1;
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 48 + (group >>> 1) * 32L + (part & 1) * 16L;
        long fifths = offset + 16 + (part & 1) * 16L;
        FloatVector sum = even;
        for (int j = 0; j < 16; j += LANES) {
          FloatVector values = values(blocks, quants + j, fifths + j, group, scale, minimum);
          sum = Simd.fma(values, Simd.load(x, at + i + part * 16 + j), sum);
        }
        even = odd;
        odd = sum;
      }
    }
    return Simd.sum(even.add(odd));
  }

  private static FloatVector values(
      MemorySegment blocks, long quants, long fifth, int group, float scale, float minimum) {
    return Simd.floats(
            Simd.unsigned(blocks, quants)
                .lanewise(VectorOperators.LSHR, (group & 1) * 4)
                .and(15)
                .or(
                    Simd.unsigned(blocks, fifth)
                        .lanewise(VectorOperators.LSHR, group)
                        .and(1)
                        .lanewise(VectorOperators.LSHL, 4)))
        .mul(scale)
        .sub(minimum);
  }
}
