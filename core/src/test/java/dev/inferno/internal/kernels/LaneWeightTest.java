package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.WeightCases.VECTOR;
import static dev.inferno.internal.kernels.WeightCases.formatsWithLanes;
import static dev.inferno.internal.kernels.WeightCases.kernelSets;
import static dev.inferno.internal.kernels.WeightCases.product;
import static dev.inferno.internal.kernels.WeightCases.row;
import static dev.inferno.internal.kernels.WeightCases.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.WeightCases.Case;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Weights whose rows lie side by side: what {@link WeightTest} does not ask of every layout.
final class LaneWeightTest {
  static List<BlockFormat> roundedFormats() {
    return formatsWithLanes().stream()
        .filter(format -> LaneFormat.of(format.type()).orElseThrow().bits < 8)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("roundedFormats")
  void roundedProductsAreThoseOfTheRoundedNumbers(BlockFormat format) {
    TestData data = TestData.seeded(80 + format.type().id());
    int columns = format.type().blockSize() * 5;
    int n = 19;
    float[] x = data.floats(n * columns);
    Arrays.fill(x, 0, columns, 127); // the largest sums that there can be
    Arrays.fill(x, columns, 2 * columns, -127);
    Arrays.fill(x, 2 * columns, 2 * columns + 40, 0x1p-120f);
    float[] roundedX = rounded(x);
    Case layout = new Case(format, true);
    for (int rows : new int[] {16, 35, 70}) {
      MemorySegment blocks = data.blocks(format, rows * columns);
      fillWithLargest(format, blocks.asSlice(0, 3 * format.type().bytes(columns)));
      float[] values = new float[rows * columns];
      format.decode(blocks, 0, values, 0, values.length);
      for (Kernels kernels : kernelSets()) {
        Weight weight = layout.inLanes(rows, columns, Arrangement.ROUNDED, blocks, kernels);
        Rows out = product(weight, rows(x, n, 0, columns));
        for (int i = 0; i < n; i++) {
          for (int row = 0; row < rows; row++) {
            double exact = 0;
            double tolerance = 0;
            for (int column = 0; column < columns; column++) {
              float y = roundedX[i * columns + column];
              exact += (double) values[row * columns + column] * y;
              tolerance += 4 * Math.ulp(1f) * layout.largest() * Math.abs(y);
            }
            assertThat((double) out.data()[i * rows + row])
                .as("%s %s, %d rows, x %d, row %d, %s", kernels.name(), format, rows, i, row, data)
                .isCloseTo(exact, within(tolerance));
          }
        }
        float[] last = Arrays.copyOfRange(x, (n - 1) * columns, n * columns);
        assertThat(row(product(weight, rows(last, 1, 0, columns).threads(1)), 0))
            .as("%s %s, alone and beside others", kernels.name(), format)
            .isEqualTo(row(out, n - 1));
        assertThat(product(weight, rows(x, n, n, columns)).data())
            .as("%s %s, a long segment is not rounded", kernels.name(), format)
            .isEqualTo(
                product(
                        layout.inLanes(rows, columns, Arrangement.REARRANGED, blocks, kernels),
                        rows(x, n, n, columns))
                    .data());
      }
    }
  }

  /// Each 32 to the nearest of 255 equally far numbers.
  private static float[] rounded(float[] x) {
    float[] rounded = new float[x.length];
    for (int from = 0; from < x.length; from += 32) {
      float max = 0;
      for (int i = from; i < from + 32; i++) {
        max = Math.max(max, Math.abs(x[i]));
      }
      for (int i = from; i < from + 32 && max > 0x1p-100f; i++) {
        rounded[i] = (float) (Math.rint(x[i] * (127 / max)) * (max / 127));
      }
    }
    return rounded;
  }

  /// All bits ones, but for the scales.
  private static void fillWithLargest(BlockFormat format, MemorySegment blocks) {
    LaneFormat lanes = LaneFormat.of(format.type()).orElseThrow();
    int size = format.type().blockBytes();
    for (int block = 0; block < blocks.byteSize(); block += size) {
      for (int i = 0; i < size; i++) {
        boolean isScale = i >= lanes.scalesAt && i < lanes.scalesAt + (lanes.hasMinima() ? 4 : 2);
        if (!isScale) {
          blocks.set(ValueLayout.JAVA_BYTE, block + i, (byte) -1);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#formatsWithLanes")
  void whatIsNotFiniteOrTinyIsTheSameAloneAndBesideOthers(BlockFormat format) {
    TestData data = TestData.seeded(83);
    int columns = 2 * format.type().blockSize();
    MemorySegment blocks = data.blocks(format, 33 * columns);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0x1.8p127f, 0x1.ABCp-125f}) {
      float[] x = data.floats(6 * columns);
      Arrays.fill(x, columns + 3, columns + 19, bad);
      float[] scalar = {};
      for (Kernels kernels : kernelSets()) {
        Weight weight =
            new Case(format, true).inLanes(33, columns, Arrangement.REARRANGED, blocks, kernels);
        Rows together = product(weight, rows(x, 6, 0, columns));
        if (scalar.length == 0) {
          scalar = row(together, 1);
        } else if (Float.isInfinite(bad)) { // sums that overflow do so in another order elsewhere
          for (int i = 0; i < 33; i++) {
            assertThat(Float.isNaN(row(together, 1)[i]))
                .as("%s, row %d is a number", format.type(), i)
                .isEqualTo(Float.isNaN(scalar[i]));
          }
        }
        for (int i = 0; i < 6; i++) {
          float[] one = Arrays.copyOfRange(x, i * columns, (i + 1) * columns);
          assertThat(row(product(weight, rows(one, 1, 0, columns)), 0))
              .as("%s, %s in x", format.type(), bad)
              .isEqualTo(row(together, i));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#kernelSets")
  void whatIsNotFiniteIsNotFiniteWhenItWasRounded(Kernels kernels) {
    TestData data = TestData.seeded(81);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (BlockFormat format : formatsWithLanes()) {
        int columns = format.type().blockSize();
        MemorySegment blocks = data.blocks(format, 16 * columns);
        float[] x = data.floats(columns);
        x[columns - 3] = bad;
        Weight weight =
            new Case(format, true).inLanes(16, columns, Arrangement.ROUNDED, blocks, kernels);
        for (float result : row(product(weight, rows(x, 1, 0, columns)), 0)) {
          assertThat(Float.isFinite(result)).as("%s, %s in x", format.type(), bad).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#formatsWithLanes")
  void gatherGivesTheNumbersOfTheFormatFromLanesToo(BlockFormat format) {
    TestData data = TestData.seeded(90 + format.type().id());
    int columns = format.type().blockSize() * 3;
    int rows = 75;
    MemorySegment blocks = data.blocks(format, rows * columns);
    float[] values = new float[rows * columns];
    format.decode(blocks, 0, values, 0, values.length);
    Weight weight = new Case(format, true).weight(rows, columns, blocks, VECTOR);
    int[] ids = {74, 0, 31, 32, 33, 15, 16, 64};
    Rows out = new Rows(ids.length, columns).resize(ids.length, 0);
    weight.gather(ids, ids.length, out);
    for (int i = 0; i < ids.length; i++) {
      assertThat(row(out, i))
          .as("%s, row %d, %s", format.type(), ids[i], data)
          .isEqualTo(Arrays.copyOfRange(values, ids[i] * columns, (ids[i] + 1) * columns));
    }
  }

  @ParameterizedTest
  @EnumSource(LaneFormat.class)
  void scalesHaveTheBitsOfThePlainLoopAlsoWhereHalvesAreSubnormal(LaneFormat lanes) {
    TestData data = TestData.seeded(97 + lanes.bits);
    int columns = 1024;
    int groups = 3;
    long apart = lanes.scaleBytes(columns) + 64;
    MemorySegment group = Arena.ofAuto().allocate(groups * apart, 64);
    float[] bits = data.floats((int) (group.byteSize() / 2));
    for (int i = 0; i < bits.length; i++) {
      int half = Float.floatToRawIntBits(bits[i]) >> 3 & 0xFFFF;
      boolean isFinite = (half & 0x7C00) != 0x7C00 && i % 3 > 0;
      group.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (isFinite ? half : half & 0x83FF));
    }
    int count = groups * (columns / lanes.scaleColumns) * LaneFormat.ROWS;
    float[][] scales = new float[4][count + 1];
    VECTOR.lanes().scales(lanes, group, 0, apart, groups, columns, scales[0], scales[1]);
    KernelSets.scalar()
        .lanes()
        .scales(lanes, group, 0, apart, groups, columns, scales[2], scales[3]);
    assertThat(scales[0]).isEqualTo(scales[2]);
    assertThat(scales[1]).isEqualTo(scales[3]);
    assertThat(scales[0][count - 1]).isNotZero();
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#formatsWithLanes")
  void aMatrixOfManyPartsIsTheSameInLanes(BlockFormat format) {
    TestData data = TestData.seeded(95 + format.type().id());
    int columns = 512;
    int rows = 4300 - 7; // 1.2 MB and more; the last part ends with one group of four
    MemorySegment blocks = data.exactBlocks(format, rows * columns);
    float[] x = data.integers(5 * columns);
    Weight inLanes = new Case(format, true).weight(rows, columns, blocks, VECTOR);
    Weight inBlocks = new Case(format, false).weight(rows, columns, blocks, VECTOR);
    for (int longRows : new int[] {0, 3, 5}) { // four rows and one, two, none that are short
      Rows expected = product(inBlocks, rows(x, 5, longRows, columns));
      Rows out = product(inLanes, rows(x, 5, longRows, columns));
      assertThat(Arrays.equals(out.data(), 0, 5 * rows, expected.data(), 0, 5 * rows))
          .as("%s, %d long, %s", format.type(), longRows, data)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#formatsWithLanes")
  void rowsThatTheLastFourLackChangeNothingInLongRows(BlockFormat format) {
    TestData data = TestData.seeded(97 + format.type().id());
    int columns = 768; // several times what is unpacked at once
    int rows = 41;
    MemorySegment blocks = data.blocks(format, rows * columns);
    Weight weight = new Case(format, true).weight(rows, columns, blocks, VECTOR);
    for (int n = 2; n <= 7; n++) {
      for (int longRows : new int[] {0, 2}) {
        float[] x = data.floats((longRows + n) * columns);
        Rows out = product(weight, rows(x, longRows + n, longRows, columns));
        for (int i = longRows; i < longRows + n; i++) {
          float[] one = Arrays.copyOfRange(x, i * columns, (i + 1) * columns);
          assertThat(row(out, i))
              .as("%s, row %d of %d after %d long ones, %s", format.type(), i, n, longRows, data)
              .isEqualTo(row(product(weight, rows(one, 1, 0, columns)), 0));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#formatsWithLanes")
  void blocksWithScalesThatAreNotFiniteStayAsTheyAre(BlockFormat format) {
    TestData data = TestData.seeded(98);
    int columns = format.type().blockSize() * 2;
    MemorySegment blocks = data.blocks(format, 20 * columns);
    long last = blocks.byteSize() - format.type().blockBytes();
    int scale = LaneFormat.of(format.type()).orElseThrow().scalesAt;
    blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, last + scale, (short) 0x7C00); // infinite
    float[] x = data.floats(columns);
    Rows expected =
        product(
            new Case(format, false).weight(20, columns, blocks, VECTOR), rows(x, 1, 0, columns));
    Rows out =
        product(new Case(format, true).weight(20, columns, blocks, VECTOR), rows(x, 1, 0, columns));
    assertThat(row(out, 0)).isEqualTo(row(expected, 0));
  }

  @Test
  void rearrangingShowsABlockOnceAndKeepsNoneAndFillsUpFourStreamsOfAPartToPages() {
    TestData data = TestData.seeded(99);
    BlockFormat format = BlockFormats.of(GgmlType.Q4_0).orElseThrow();
    int columns = 1024;
    int rows = 2990; // 1.7 MB; three streams of the last part have a group less
    MemorySegment blocks = data.blocks(format, rows * columns);
    var lent = new AtomicLong();
    var taken = new AtomicLong();
    var parts = new AtomicInteger();
    BlockSource source =
        new BlockSource() {
          @Override
          public long byteSize() {
            return blocks.byteSize();
          }

          @Override
          public MemorySegment keep() {
            throw new AssertionError("kept");
          }

          @Override
          public void lend(long offset, long length, Consumer<MemorySegment> use) {
            lent.addAndGet(length);
            use.accept(blocks.asSlice(offset, length));
          }

          @Override
          public MemorySegment allocate(long bytes) {
            taken.addAndGet(bytes);
            parts.incrementAndGet();
            return Arena.ofAuto().allocate(bytes, ALIGNMENT);
          }
        };
    Weights.of("w", GgmlType.Q4_0, rows, columns, Arrangement.REARRANGED, source, VECTOR);
    assertThat(lent.get()).isEqualTo(blocks.byteSize());
    int groups = (rows + 15) / 16;
    long groupBytes = LaneFormat.Q4_0.groupBytes(columns);
    long needed = groups * groupBytes;
    assertThat(taken.get()).isBetween(needed, needed + parts.get() * 3L * 4096 + 3 * groupBytes);
  }
}
