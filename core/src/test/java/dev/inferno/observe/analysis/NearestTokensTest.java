package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.analysis.NearestTokens.Neighbour;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestTokensTest {
  private static List<Neighbour> nearest(float[] vector, float[][] rows, int n) {
    return NearestTokens.of(
        vector,
        (row, target) -> System.arraycopy(rows[row], 0, target, 0, target.length),
        rows.length,
        n);
  }

  @Test
  void theDirectionCountsAndNotTheLength() {
    float[][] rows = {{0, 1}, {0.1f, 0}, {-5, 0}, {3, 3}, {0, 0}};
    List<Neighbour> nearest = nearest(new float[] {2, 0}, rows, 9);
    assertThat(nearest).extracting(Neighbour::id).containsExactly(1, 3, 0, 4, 2);
    assertThat(nearest.get(0).cosine()).isCloseTo(1, within(1e-12));
    assertThat(nearest.get(1).cosine()).isCloseTo(Math.sqrt(0.5), within(1e-12));
    assertThat(nearest.get(2).cosine()).isZero();
    assertThat(nearest.get(3).cosine()).isZero(); // a row of zeros
    assertThat(nearest.get(4).cosine()).isCloseTo(-1, within(1e-12));
  }

  @Test
  void theFirstOfAFullOrderAreKept() {
    var random = new SplittableRandom(8);
    float[][] rows = new float[200][6];
    for (float[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(-2, 3); // small, so that there are ties
      }
    }
    float[] vector = {1, -1, 2, 0, 1, 1};
    List<Neighbour> all = nearest(vector, rows, rows.length);
    assertThat(all).extracting(Neighbour::id).doesNotHaveDuplicates().hasSize(rows.length);
    IntStream.range(1, all.size())
        .forEach(i -> {
          Neighbour before = all.get(i - 1);
          Neighbour behind = all.get(i);
          assertThat(before.cosine()).isGreaterThanOrEqualTo(behind.cosine());
          assertThat(before.cosine() > behind.cosine() || before.id() < behind.id()).isTrue();
        });
    assertThat(nearest(vector, rows, 17)).isEqualTo(all.subList(0, 17));
  }

  @Test
  void aVectorWithoutADirectionIsRefused() {
    float[][] rows = {{1, 2}, {Float.NaN, 1}};
    assertThatThrownBy(() -> nearest(new float[2], rows, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the vector has 2 numbers, all 0, and so no direction");
    assertThatThrownBy(() -> nearest(new float[] {1, 1}, rows, 1))
        .hasMessage("the embedding of token 1 must be finite, but number 0 is NaN");
    assertThatThrownBy(() -> nearest(new float[] {1, 1}, rows, 0))
        .hasMessage("n must be at least 1, but is 0");
  }
}
