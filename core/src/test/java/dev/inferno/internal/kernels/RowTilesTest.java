package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The arrangement of x for tiles and their products, the scalar and the vector twin.
final class RowTilesTest {
  private static final int MOST_ROWS = 41; // three tiles of 13 and a small one
  private final Kernels scalar = KernelSets.scalar();
  private final Kernels vector = KernelSets.vector().orElseGet(KernelSets::scalar);
  private final Scratch scratch = Scratch.ofThisThread();

  /// Multiplies with a panel whose columns are taken in two parts.
  private float[] product(
      Kernels kernels, float[] x, int rows, int k, float[] panel, int columns, int outAt) {
    RowTiles tiles = new RowTiles();
    tiles.resize(MOST_ROWS, k + 3, kernels); // what another product has left is there
    Arrays.fill(tiles.data(), Float.NaN);
    tiles.resize(rows, k, kernels);
    for (int tile = 0; tile < tiles.count(); tile++) {
      tiles.arrange(x, tile);
      for (int column = 0; column < k; column++) {
        for (int row = tiles.rows(tile); row < tiles.height(tile); row++) {
          assertThat(tiles.data()[tiles.at(tile, column) + row]).isZero();
        }
      }
    }
    Rows out = new Rows(rows, outAt + columns + 1).resize(rows, rows);
    Arrays.fill(out.data(), 7);
    int first = k / 3;
    if (first > 0) {
      tiles.multiply(panel, 0, first, out, outAt, columns, kernels, scratch);
    }
    float[] rest = Arrays.copyOfRange(panel, first * Layout.PANEL, panel.length);
    tiles.multiply(rest, first, k - first, out, outAt, columns, kernels, scratch);
    return Arrays.copyOf(out.data(), rows * out.width());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9, 130, 300})
  void productsOfWholeNumbersAreExactForAnyNumberOfRowsAndColumns(int k) {
    TestData data = TestData.seeded(k);
    float[] panel = data.integers(k * Layout.PANEL);
    for (int rows = 1; rows <= MOST_ROWS; rows++) {
      float[] x = data.integers(rows * k);
      int outAt = rows % 3;
      for (int columns = Layout.PANEL; columns >= 1; columns -= rows % 5 == 0 ? 1 : 7) {
        int width = outAt + columns + 1;
        float[] expected = new float[rows * width];
        Arrays.fill(expected, 7);
        for (int row = 0; row < rows; row++) {
          for (int j = 0; j < columns; j++) {
            float sum = 0;
            for (int i = 0; i < k; i++) {
              sum += x[row * k + i] * panel[i * Layout.PANEL + j];
            }
            expected[row * width + outAt + j] = sum;
          }
        }
        for (Kernels kernels : new Kernels[] {scalar, vector}) {
          assertThat(product(kernels, x, rows, k, panel, columns, outAt))
              .as("%s, %d rows, %d columns, k %d", kernels.name(), rows, columns, k)
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 50, 129})
  void aRowHasTheSameBitsWhateverItsCompany(int k) {
    TestData data = TestData.seeded(8);
    float[] x = data.floats(MOST_ROWS * k);
    float[] panel = data.floats(k * Layout.PANEL);
    for (Kernels kernels : new Kernels[] {scalar, vector}) {
      float[] together = product(kernels, x, MOST_ROWS, k, panel, Layout.PANEL, 0);
      int width = Layout.PANEL + 1;
      for (int row = 0; row < MOST_ROWS; row++) {
        float[] own = Arrays.copyOfRange(x, row * k, (row + 1) * k);
        assertThat(product(kernels, own, 1, k, panel, Layout.PANEL, 0))
            .isEqualTo(Arrays.copyOfRange(together, row * width, (row + 1) * width));
        float[] narrow = new float[31];
        narrow[0] = 7;
        System.arraycopy(together, row * width, narrow, 1, 29);
        narrow[30] = 7;
        assertThat(product(kernels, own, 1, k, panel, 29, 1)).isEqualTo(narrow);
      }
    }
  }
}
