package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What tests of weights go through, and products for them.
final class WeightCases {
  private WeightCases() {}

  static final Kernels VECTOR = KernelSets.vector().orElseGet(KernelSets::scalar);

  /// A format in one of its layouts.
  record Case(BlockFormat format, boolean rearranged) {
    GgmlType type() {
      return format.type();
    }

    Weight weight(int rows, int columns, MemorySegment blocks, Kernels kernels) {
      return rearranged
          ? inLanes(rows, columns, Arrangement.REARRANGED, blocks, kernels)
          : Weights.of("w", type(), rows, columns, blocks, kernels);
    }

    Weight inLanes(
        int rows, int columns, Arrangement arrangement, MemorySegment blocks, Kernels kernels) {
      BlockSource source = BlockSource.of(blocks, Arena.ofAuto());
      return Weights.of("w", type(), rows, columns, arrangement, source, kernels);
    }

    /// The largest number that lanes compute with, scales being at most 0.01 and their factors at
    /// most 128: all q with what is set above them, which is taken off once per scale.
    double largest() {
      LaneFormat lanes = LaneFormat.of(type()).orElseThrow();
      double scale = type().blockSize() == 256 ? 0.01 * 128 : 0.01;
      return scale * (1 << lanes.bits);
    }

    @Override
    public String toString() {
      return type() + (rearranged ? " in lanes" : "");
    }
  }

  static List<Case> cases() {
    return BlockFormats.all().stream()
        .flatMap(format ->
            Stream.of(new Case(format, false), new Case(format, true))
                .filter(each -> !each.rearranged() || hasLanes(format)))
        .toList();
  }

  static List<BlockFormat> formatsWithLanes() {
    return BlockFormats.all().stream().filter(WeightCases::hasLanes).toList();
  }

  static boolean hasLanes(BlockFormat format) {
    return LaneFormat.of(format.type()).isPresent();
  }

  static List<Kernels> kernelSets() {
    return List.of(KernelSets.scalar(), VECTOR);
  }

  static Rows rows(float[] x, int rows, int longRows, int width) {
    Rows result = new Rows(rows, width).resize(rows, longRows);
    System.arraycopy(x, 0, result.data(), 0, rows * width);
    return result;
  }

  static Rows product(Weight weight, Rows x) {
    Rows out = new Rows(1, weight.rows());
    weight.multiply(x, out);
    assertThat(out.rows()).isEqualTo(x.rows());
    assertThat(out.longRows()).isEqualTo(x.longRows());
    return out;
  }

  static float[] row(Rows rows, int i) {
    return Arrays.copyOfRange(rows.data(), i * rows.width(), (i + 1) * rows.width());
  }
}
