package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TensorTest {
  private static final Tensor TENSOR =
      new Tensor(
          "t",
          List.of("layer", "head", "key"),
          new int[] {2, 2, 3},
          7,
          new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});

  @Test
  void anIndexOfAnAxisIsAPart() {
    Tensor part = TENSOR.select("head", 1);
    assertThat(part.axes()).containsExactly("layer", "key");
    assertThat(part.shape()).containsExactly(2, 3);
    assertThat(part.values()).containsExactly(3, 4, 5, 9, 10, 11);
    assertThat(part.firstPosition()).isEqualTo(7);
    assertThat(part.select("key", 2).select("layer", 1).values()).containsExactly(11);
  }

  @Test
  void theMeanIsOverOneAxis() {
    assertThat(TENSOR.mean("layer").values()).containsExactly(3, 4, 5, 6, 7, 8);
    assertThat(TENSOR.mean("head").shape()).containsExactly(2, 3);
    assertThat(TENSOR.mean("key").values()).containsExactly(1, 4, 7, 10);
  }

  @Test
  void stackedRowsAreFilledUpWithZeros() {
    List<String> axes = List.of("query", "key");
    var prompt = new Tensor("p", axes, new int[] {2, 2}, 5, new float[] {1, 0, 2, 3});
    var step = new Tensor("p", axes, new int[] {1, 3}, 7, new float[] {4, 5, 6});
    Tensor all = Tensor.stack(List.of(prompt, step));
    assertThat(all.shape()).containsExactly(3, 3);
    assertThat(all.values()).containsExactly(1, 0, 0, 2, 3, 0, 4, 5, 6);
    assertThat(all.firstPosition()).isEqualTo(5);
    assertThatThrownBy(() -> Tensor.stack(List.of(TENSOR)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("[layer, head, key]");
  }

  @Test
  void bytesAreLittleEndian() {
    var one = new Tensor("t", List.of("token"), new int[] {1}, 0, new float[] {1});
    assertThat(one.littleEndian()).containsExactly(0, 0, 0x80, 0x3f);
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() -> TENSOR.select("query", 0))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("t has no axis 'query'; it has [layer, head, key]");
    assertThatThrownBy(() -> TENSOR.select("head", 2))
        .hasMessage("head of t must be 0 to 1, but is 2");
    assertThatThrownBy(() -> TENSOR.select("head", -1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> TENSOR.mean("query")).isInstanceOf(BadRequestException.class);
  }
}
