package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.WeightCases.VECTOR;
import static dev.inferno.internal.kernels.WeightCases.kernelSets;
import static dev.inferno.internal.kernels.WeightCases.product;
import static dev.inferno.internal.kernels.WeightCases.row;
import static dev.inferno.internal.kernels.WeightCases.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgmlType;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.kernels.WeightCases.Case;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightTest {
  private static Weight weight(
      BlockFormat format, int rows, int columns, MemorySegment blocks, Kernels kernels) {
    return new Case(format, false).weight(rows, columns, blocks, kernels);
  }

  @ParameterizedTest
  @MethodSource("dev.inferno.internal.kernels.WeightCases#cases")
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
  @MethodSource("dev.inferno.internal.kernels.WeightCases#cases")
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
  @MethodSource("dev.inferno.internal.kernels.WeightCases#cases")
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
  @MethodSource("dev.inferno.internal.kernels.WeightCases#cases")
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
  @MethodSource("dev.inferno.internal.kernels.WeightCases#kernelSets")
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
  @MethodSource("dev.inferno.internal.kernels.WeightCases#kernelSets")
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
