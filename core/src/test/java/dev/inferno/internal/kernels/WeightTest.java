package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgmlType;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightTest {
  private static final Kernels VECTOR = KernelSets.vector().orElseGet(KernelSets::scalar);

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
    return BlockFormats.all().stream().filter(WeightTest::hasLanes).toList();
  }

  static List<BlockFormat> roundedFormats() {
    return formatsWithLanes().stream()
        .filter(format -> LaneFormat.of(format.type()).orElseThrow().bits < 8)
        .toList();
  }

  private static boolean hasLanes(BlockFormat format) {
    return LaneFormat.of(format.type()).isPresent();
  }

  static List<Kernels> kernelSets() {
    return List.of(KernelSets.scalar(), VECTOR);
  }

  private static Weight weight(
      BlockFormat format, int rows, int columns, MemorySegment blocks, Kernels kernels) {
    return new Case(format, false).weight(rows, columns, blocks, kernels);
  }

  private static Rows rows(float[] x, int rows, int longRows, int width) {
    Rows result = new Rows(rows, width).resize(rows, longRows);
    System.arraycopy(x, 0, result.data(), 0, rows * width);
    return result;
  }

  private static Rows product(Weight weight, Rows x) {
    Rows out = new Rows(1, weight.rows());
    weight.multiply(x, out);
    assertThat(out.rows()).isEqualTo(x.rows());
    assertThat(out.longRows()).isEqualTo(x.longRows());
    return out;
  }

  private static float[] row(Rows rows, int i) {
    return Arrays.copyOfRange(rows.data(), i * rows.width(), (i + 1) * rows.width());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsOfWholeNumbersAreExactInBothClassesAndSets(Case layout) {
    BlockFormat format = layout.format();
    TestData data = TestData.seeded(format.type().id());
    for (int rows : new int[] {1, 15, 16, 33, 70}) {
      int columns = format.type().blockSize() * (1 + rows % 4);
      MemorySegment blocks = data.exactBlocks(format, rows * columns);
      float[] values = new float[rows * columns];
      format.decode(blocks, 0, values, 0, values.length);
      for (Kernels kernels : kernelSets()) {
        Weight weight = layout.weight(rows, columns, blocks, kernels);
        for (int n : new int[] {1, 3, 4, 6, 19, 30}) {
          float[] x = data.integers(n * columns);
          for (int longRows : new int[] {0, n / 2, n}) {
            Rows out = product(weight, rows(x, n, longRows, columns));
            for (int i = 0; i < n; i++) {
              for (int row = 0; row < rows; row++) {
                float expected =
                    KernelSets.scalar().dot(values, row * columns, x, i * columns, columns);
                if (out.data()[i * rows + row] != expected) {
                  assertThat(out.data()[i * rows + row])
                      .as(
                          "%s %s, %d rows, %d x, %d long: x %d, row %d, %s",
                          kernels.name(), layout, rows, n, longRows, i, row, data)
                      .isEqualTo(expected);
                }
              }
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsOfWholeNumbersAreExactForAllRemainders(Case layout) {
    BlockFormat format = layout.format();
    TestData data = TestData.seeded(100 + format.type().id());
    int mostBlocks = format.type().blockSize() == 1 ? 35 : 4;
    int mostX = 7;
    for (int rows = 1; rows <= 18; rows++) {
      for (int blockCount = 1; blockCount <= mostBlocks; blockCount++) {
        int columns = blockCount * format.type().blockSize();
        MemorySegment blocks = data.exactBlocks(format, rows * columns);
        float[] values = new float[rows * columns];
        format.decode(blocks, 0, values, 0, values.length);
        float[] x = data.integers(mostX * columns);
        float[] expected = products(values, rows, x, mostX, columns);
        for (Kernels kernels : kernelSets()) {
          Weight weight = layout.weight(rows, columns, blocks, kernels);
          for (int n = 1; n <= mostX; n++) {
            for (int longRows : new int[] {0, n}) {
              float[] some = Arrays.copyOf(x, n * columns);
              float[] out = product(weight, rows(some, n, longRows, columns)).data();
              assertThat(Arrays.copyOf(out, n * rows))
                  .as("%s %s, %d x %d, %d x", kernels.name(), layout, rows, columns, n)
                  .isEqualTo(Arrays.copyOf(expected, n * rows));
            }
          }
        }
      }
    }
  }

  /// All rows of x times all rows of weights, `[n, rows]`.
  private static float[] products(float[] values, int rows, float[] x, int n, int columns) {
    float[] products = new float[n * rows];
    for (int i = 0; i < products.length; i++) {
      int xAt = i / rows * columns;
      products[i] = KernelSets.scalar().dot(values, i % rows * columns, x, xAt, columns);
    }
    return products;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRowOfXHasTheSameResultAloneBesideOthersAndOnAnyNumberOfThreads(Case layout) {
    BlockFormat format = layout.format();
    TestData data = TestData.seeded(50 + format.type().id());
    int columns = format.type().blockSize() * (format.type().blockSize() == 1 ? 100 : 3);
    int rows = 100;
    MemorySegment blocks = data.blocks(format, rows * columns);
    int n = 23;
    float[] x = data.floats(n * columns);
    for (Kernels kernels : kernelSets()) {
      Weight weight = layout.weight(rows, columns, blocks, kernels);
      for (boolean isLong : new boolean[] {false, true}) {
        Rows together = product(weight, rows(x, n, isLong ? n : 0, columns));
        for (int i = 0; i < n; i++) {
          float[] alone = Arrays.copyOfRange(x, i * columns, (i + 1) * columns);
          Rows one = rows(alone, 1, isLong ? 1 : 0, columns).threads(1 + i % 4);
          assertThat(row(product(weight, one), 0))
              .as("%s %s, row %d, %s", kernels.name(), layout, i, data)
              .isEqualTo(row(together, i));
        }
        for (int count = 2; count <= 8; count++) {
          float[] some = Arrays.copyOfRange(x, 0, count * columns);
          Rows few = rows(some, count, isLong ? count : 0, columns).threads(1 + count % 4);
          assertThat(row(product(weight, few), count - 1))
              .as("%s %s, the last of %d, %s", kernels.name(), layout, count, data)
              .isEqualTo(row(together, count - 1));
        }
        Rows mixed = product(weight, rows(x, n, isLong ? 20 : 3, columns).threads(3));
        int i = isLong ? 19 : 3;
        assertThat(row(mixed, i)).isEqualTo(row(together, i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsOfRealNumbersAreCloseInBothClassesAndSets(Case layout) {
    BlockFormat format = layout.format();
    TestData data = TestData.seeded(70 + format.type().id());
    int columns = format.type().blockSize() * (format.type().blockSize() == 1 ? 96 : 5);
    int rows = 35;
    int n = 9;
    MemorySegment blocks = data.blocks(format, rows * columns);
    float[] values = new float[rows * columns];
    format.decode(blocks, 0, values, 0, values.length);
    float[] x = data.floats(n * columns);
    for (Kernels kernels : kernelSets()) {
      Weight weight = layout.weight(rows, columns, blocks, kernels);
      for (int longRows : new int[] {0, n}) {
        Rows out = product(weight, rows(x, n, longRows, columns));
        for (int i = 0; i < n; i++) {
          for (int row = 0; row < rows; row++) {
            double exact = 0;
            double tolerance = 0;
            for (int column = 0; column < columns; column++) {
              double value = values[row * columns + column];
              exact += value * x[i * columns + column];
              double size = layout.rearranged() ? layout.largest() : Math.abs(value);
              tolerance += 4 * Math.ulp(1f) * size * Math.abs(x[i * columns + column]);
            }
            assertThat((double) out.data()[i * rows + row])
                .as("%s %s, x %d, row %d, %s", kernels.name(), layout, i, row, data)
                .isCloseTo(exact, within(tolerance));
          }
        }
      }
    }
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
  @MethodSource("formatsWithLanes")
  void whatIsNotFiniteIsTheSameAloneAndBesideOthers(BlockFormat format) {
    TestData data = TestData.seeded(83);
    int columns = 2 * format.type().blockSize();
    MemorySegment blocks = data.blocks(format, 33 * columns);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0x1.8p127f}) {
      float[] x = data.floats(6 * columns);
      Arrays.fill(x, columns + 3, columns + 19, bad);
      for (Kernels kernels : kernelSets()) {
        Weight weight =
            new Case(format, true).inLanes(33, columns, Arrangement.REARRANGED, blocks, kernels);
        Rows together = product(weight, rows(x, 6, 0, columns));
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
  @MethodSource("kernelSets")
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
  @MethodSource("formatsWithLanes")
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
  @MethodSource("formatsWithLanes")
  void aMatrixOfManyPartsIsTheSameInLanes(BlockFormat format) {
    TestData data = TestData.seeded(95 + format.type().id());
    int columns = 512;
    int rows = 5000 - 7; // 1.3 MB and more
    MemorySegment blocks = data.exactBlocks(format, rows * columns);
    float[] x = data.integers(2 * columns);
    Weight inLanes = new Case(format, true).weight(rows, columns, blocks, VECTOR);
    Weight inBlocks = new Case(format, false).weight(rows, columns, blocks, VECTOR);
    for (int longRows : new int[] {0, 2}) {
      Rows expected = product(inBlocks, rows(x, 2, longRows, columns));
      Rows out = product(inLanes, rows(x, 2, longRows, columns));
      assertThat(Arrays.equals(out.data(), expected.data()))
          .as("%s, %d long, %s", format.type(), longRows, data)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("formatsWithLanes")
  void blocksWithScalesThatAreNotFiniteStayAsTheyAre(BlockFormat format) {
    TestData data = TestData.seeded(98);
    int columns = format.type().blockSize() * 2;
    MemorySegment blocks = data.blocks(format, 20 * columns);
    long last = blocks.byteSize() - format.type().blockBytes();
    int scale = LaneFormat.of(format.type()).orElseThrow().scalesAt;
    blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, last + scale, (short) 0x7C00); // infinite
    float[] x = data.floats(columns);
    Rows expected = product(weight(format, 20, columns, blocks, VECTOR), rows(x, 1, 0, columns));
    Rows out =
        product(new Case(format, true).weight(20, columns, blocks, VECTOR), rows(x, 1, 0, columns));
    assertThat(row(out, 0)).isEqualTo(row(expected, 0));
  }

  @Test
  void rearrangingShowsABlockOnceAndKeepsNone() {
    TestData data = TestData.seeded(99);
    BlockFormat format = BlockFormats.of(GgmlType.Q4_0).orElseThrow();
    int columns = 1024;
    int rows = 3000; // 1.7 MB
    MemorySegment blocks = data.blocks(format, rows * columns);
    var lent = new AtomicLong();
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
            return Arena.ofAuto().allocate(bytes, ALIGNMENT);
          }
        };
    Weights.of("w", GgmlType.Q4_0, rows, columns, Arrangement.REARRANGED, source, VECTOR);
    assertThat(lent.get()).isEqualTo(blocks.byteSize());
  }

  @ParameterizedTest
  @MethodSource("kernelSets")
  void aLongMatrixIsCutIntoPanelsThatAddUp(Kernels kernels) {
    TestData data = TestData.seeded(9);
    BlockFormat format = BlockFormats.of(GgmlType.Q8_0).orElseThrow();
    int columns = 32 * 133; // more than two panels of columns
    MemorySegment blocks = data.exactBlocks(format, 3 * columns);
    float[] values = new float[3 * columns];
    format.decode(blocks, 0, values, 0, values.length);
    float[] x = data.integers(20 * columns);
    Rows out = product(weight(format, 3, columns, blocks, kernels), rows(x, 20, 20, columns));
    for (int i = 0; i < 20; i++) {
      for (int row = 0; row < 3; row++) {
        assertThat(out.data()[i * 3 + row])
            .isEqualTo(KernelSets.scalar().dot(values, row * columns, x, i * columns, columns));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernelSets")
  void aStackGivesTheResultsOfItsPartsOneAfterTheOther(Kernels kernels) {
    TestData data = TestData.seeded(4);
    int columns = 256;
    Weight q = any(GgmlType.Q4_K, 40, columns, data, kernels);
    Weight k = any(GgmlType.Q8_0, 8, columns, data, kernels);
    Weight v = any(GgmlType.F16, 17, columns, data, kernels);
    Weight stack = Weights.stack(q, Weights.stack(k, v));
    assertThat(stack.rows()).isEqualTo(65);
    for (int longRows : new int[] {0, 4, 5}) {
      Rows x = rows(data.floats(5 * columns), 5, longRows, columns);
      Rows out = product(stack, x);
      for (int i = 0; i < 5; i++) {
        float[] expected =
            concatenated(row(product(q, x), i), row(product(k, x), i), row(product(v, x), i));
        assertThat(row(out, i)).isEqualTo(expected);
      }
    }
    Rows rows = new Rows(3, columns).resize(3, 0);
    stack.gather(new int[] {41, 0, 64}, 3, rows);
    Rows expected = new Rows(1, columns).resize(1, 0);
    k.gather(new int[] {1}, 1, expected);
    assertThat(row(rows, 0)).isEqualTo(row(expected, 0));
    q.gather(new int[] {0}, 1, expected);
    assertThat(row(rows, 1)).isEqualTo(row(expected, 0));
    v.gather(new int[] {16}, 1, expected);
    assertThat(row(rows, 2)).isEqualTo(row(expected, 0));
  }

  private static Weight any(GgmlType type, int rows, int columns, TestData data, Kernels kernels) {
    BlockFormat format = BlockFormats.of(type).orElseThrow();
    return weight(format, rows, columns, data.blocks(format, rows * columns), kernels);
  }

  private static float[] concatenated(float[]... parts) {
    float[] all = new float[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  @Test
  void eachBlockIsDecodedOnceForAllRowsOfAChunk() {
    TestData data = TestData.seeded(11);
    CountingKernels counting = new CountingKernels(VECTOR);
    int rows = 77;
    int columns = 96;
    BlockFormat format = BlockFormats.of(GgmlType.Q4_1).orElseThrow();
    Weight weight =
        weight(format, rows, columns, data.blocks(format, rows * columns), counting.kernels());
    product(weight, rows(data.floats(100 * columns), 100, 100, columns));
    assertThat(counting.decoded()).isEqualTo((long) rows * columns);
    product(weight, rows(data.floats(12 * columns), 12, 0, columns));
    assertThat(counting.decoded()).as("decode class, several rows").isEqualTo(2L * rows * columns);
  }

  @Test
  void gatherRefusesIdsThatThereAreNot() {
    Weight weight = any(GgmlType.F32, 5, 4, TestData.seeded(1), VECTOR);
    Rows out = new Rows(1, 4).resize(1, 0);
    assertThatThrownBy(() -> weight.gather(new int[] {5}, 1, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id 5 is out of range: there are 5 rows");
    assertThatThrownBy(() -> weight.gather(new int[] {-1}, 1, out))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sizesThatDoNotFitAreRefusedWithTheTensorsName() {
    MemorySegment data = Arena.ofAuto().allocate(100);
    assertThatThrownBy(() -> Weights.of("blk.0.ffn_up", GgmlType.Q8_0, 3, 32, data, VECTOR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "tensor 'blk.0.ffn_up', 3 rows of 32 columns in Q8_0, takes 102 bytes, but has 100");
    assertThatThrownBy(() -> Weights.of("w", GgmlType.Q8_0, 3, 33, data, VECTOR))
        .hasMessageContaining("no multiple of the 32 values");
    assertThatThrownBy(() -> Weights.of("w", GgmlType.F32, 0, 33, data, VECTOR))
        .hasMessageContaining("0 rows");
    assertThatThrownBy(() -> Weights.of("w", GgmlType.Q8_K, 1, 256, data, VECTOR))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageStartingWith("unsupported: tensor 'w' is Q8_K; supported are F32, F16, ");
    Weight one = any(GgmlType.F32, 5, 4, TestData.seeded(1), VECTOR);
    Weight other = any(GgmlType.F32, 5, 8, TestData.seeded(1), VECTOR);
    assertThatThrownBy(() -> Weights.stack(one, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weight 1 of a stack has 8 columns");
    assertThatThrownBy(() -> Weights.stack()).isInstanceOf(IllegalArgumentException.class);
    Rows wrong = new Rows(1, 9).resize(1, 0);
    assertThatThrownBy(() -> one.multiply(wrong, new Rows(1, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows of 9");
  }
}
