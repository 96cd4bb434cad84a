package dev.inferno.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CopiedTensorTest {
  private static CopiedTensor counting(int... shape) {
    int size = 1;
    for (int length : shape) {
      size *= length;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i;
    }
    return new CopiedTensor("counting", shape, values);
  }

  @Test
  void indicesCountInRowMajorOrder() {
    assertThat(counting(5).get(3)).isEqualTo(3);
    assertThat(counting(2, 5).get(1, 3)).isEqualTo(8);
    assertThat(counting(3, 2, 5).get(2, 1, 4)).isEqualTo(29);
    assertThat(counting(2, 3, 2, 5).get(1, 2, 0, 1)).isEqualTo(51);
    float[] row = new float[6];
    counting(2, 3, 2, 5).copyRow(10, row);
    assertThat(row).containsExactly(50, 51, 52, 53, 54, 0);
    counting(5).copyRow(0, row);
    assertThat(row).containsExactly(0, 1, 2, 3, 4, 0);
  }

  @Test
  void whatLiesOutsideIsRefused() {
    CopiedTensor tensor = counting(2, 5);
    assertThatThrownBy(() -> tensor.get(0, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.get(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.get(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.get(0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("counting has 2 axes, but 1 indices are given");
    assertThatThrownBy(() -> tensor.copyRow(2, new float[5]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.copyRow(0, new float[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row of counting has 5 values, but the target has 4");
  }

  @Test
  void nobodyCanChangeIt() {
    CopiedTensor tensor = counting(2, 2);
    tensor.copy()[0] = 9;
    tensor.shape()[0] = 9;
    assertThat(tensor.copy()).containsExactly(0, 1, 2, 3);
    assertThat(tensor).hasToString("counting[2, 2]");
  }
}
