package dev.inferno.internal.kernels;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The width of vectors. Widths are 4, 8 or 16 floats; a wider machine is used at 16, half of the
/// smallest block.
final class Simd {
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = ofBits(int.class, FLOATS.vectorBitSize());

  /// As many shorts as there are floats.
  static final VectorSpecies<Short> SHORTS = ofBits(short.class, FLOATS.vectorBitSize() / 2);

  /// As many bits as the floats have.
  static final VectorSpecies<Short> WIDE_SHORTS = ofBits(short.class, FLOATS.vectorBitSize());

  /// As many bytes as there are floats; twice as many where there are 4, since no shape is smaller.
  static final VectorSpecies<Byte> BYTES =
      ofBits(byte.class, Math.max(64, FLOATS.vectorBitSize() / 4));

  static final int LANES = FLOATS.length();

  /// Sixteen columns go in turn to two sums.
  static final int HALF = Kernels.PARTIAL_SUMS / 2;

  static final IntVector LANE_NUMBERS = IntVector.zero(INTS).addIndex(1);

  /// Lanes turned by some places.
  static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(FLOATS, 8, 1, true);

  static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(FLOATS, 4, 1, true);
  static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
  static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(FLOATS, 1, 1, true);

  private static final List<VectorMask<Float>> FIRST_LANES =
      IntStream.rangeClosed(0, LANES).mapToObj(count -> FLOATS.indexInRange(0, count)).toList();

  private Simd() {}

  /// The first lanes, all of them if as many are there.
  static VectorMask<Float> first(int count) {
    return FIRST_LANES.get(Math.min(count, LANES));
  }

  private static <E> VectorSpecies<E> ofBits(Class<E> type, int bits) {
    return VectorSpecies.of(type, VectorShape.forBitSize(bits));
  }
}
