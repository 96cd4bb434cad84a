package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// How Q4_K and Q5_K encode the part of a block that they share: d, dmin, and a scale and a minimum
/// of six bits for each of eight groups. For one thread at a time.
final class SixBitGroups {
  private static final int GROUPS = 8;
  private static final int GROUP = 32;
  private static final int LENGTH = GROUPS * GROUP;
  private static final int SEARCHED_BLOCKS = AffineSearch.GROUPS / GROUPS;
  private static final int MOST = 63;

  private final float[] values;
  private final int at;
  private final int blocks;
  private final int greatest;
  private final AffineSearch search;
  private final float[] numbers = new float[GROUPS];
  private final int[] scales = new int[GROUPS];
  private final int[] minima = new int[GROUPS];
  private final int[] quants = new int[LENGTH];

  /// Of `count` values, whose quants are 0 to `greatest`; see {@link AffineSearch} for the last
  /// two.
  SixBitGroups(float[] values, int at, int count, int greatest, float first, int stretches) {
    this.values = values;
    this.at = at;
    this.blocks = count / LENGTH;
    this.greatest = greatest;
    this.search =
        new AffineSearch(GROUP, AffineSearch.Weighting.SQUARES, greatest, first, stretches);
  }

  /// Writes the first 16 bytes of block number `block`, and returns its values' quants, which the
  /// next call overwrites. Blocks are asked for one after the other.
  int[] encode(int block, MemorySegment to, long offset) {
    int searched = block % SEARCHED_BLOCKS;
    if (searched == 0) {
      int ahead = Math.min(SEARCHED_BLOCKS, blocks - block);
      search.run(values, at + block * LENGTH, ahead * GROUPS);
    }
    int firstGroup = searched * GROUPS;
    for (int group = 0; group < GROUPS; group++) {
      numbers[group] = search.scale(firstGroup + group);
    }
    BlockBytes.setHalf(to, offset, sixBits(numbers, scales));
    for (int group = 0; group < GROUPS; group++) {
      numbers[group] = search.minimum(firstGroup + group);
    }
    BlockBytes.setHalf(to, offset + 2, sixBits(numbers, minima));
    SixBitPairs.write(to, offset + 4, scales, minima);
    round(firstGroup, at + block * LENGTH, to, offset);
    return quants;
  }

  /// Six bits and a half are not what was searched for: rounds by what a reader will see.
  private void round(int firstGroup, int from, MemorySegment blocks, long offset) {
    float d = BlockBytes.half(blocks, offset);
    float dmin = BlockBytes.half(blocks, offset + 2);
    for (int group = 0; group < GROUPS; group++) {
      float scale = d * scales[group];
      float minimum = dmin * minima[group];
      for (int i = 0; i < GROUP; i++) {
        int value = group * GROUP + i;
        quants[value] =
            scale == 0
                ? search.quant(firstGroup + group, i)
                : Rounding.nearest((values[from + value] + minimum) / scale, greatest);
      }
    }
  }

  /// Brings numbers to 0 to 63 and returns the scale that brings them back.
  private static float sixBits(float[] numbers, int[] sixBits) {
    float most = Math.max(0, Range.greatest(numbers, 0, GROUPS));
    float inverse = most > 0 ? MOST / most : 0;
    for (int group = 0; group < GROUPS; group++) {
      int nearest = (int) Rounding.nearest(inverse * numbers[group]);
      sixBits[group] = Math.min(MOST, nearest & 0xFF); // a negative one wraps round, as in ggml
    }
    return most / MOST;
  }
}
