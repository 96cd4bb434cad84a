package dev.inferno.observe;

import java.util.Arrays;
import java.util.Objects;

/// A tensor with an array of its own, which is never changed.
final class CopiedTensor implements TensorView {
  private final String name;
  private final int[] shape;
  private final float[] values; // row-major

  CopiedTensor(String name, int[] shape, float[] values) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  static CopiedTensor of(TensorView view) {
    return new CopiedTensor(view.name(), view.shape(), view.copy());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int[] shape() {
    return shape.clone();
  }

  @Override
  public float get(int i) {
    requireRank(1);
    return values[Objects.checkIndex(i, shape[0])];
  }

  @Override
  public float get(int i, int j) {
    requireRank(2);
    return values[at(0, i, 0) * shape[1] + Objects.checkIndex(j, shape[1])];
  }

  @Override
  public float get(int i, int j, int k) {
    requireRank(3);
    return values[at(1, j, at(0, i, 0)) * shape[2] + Objects.checkIndex(k, shape[2])];
  }

  @Override
  public float get(int i, int j, int k, int l) {
    requireRank(4);
    int row = at(2, k, at(1, j, at(0, i, 0)));
    return values[row * shape[3] + Objects.checkIndex(l, shape[3])];
  }

  private int at(int axis, int index, int row) {
    return row * shape[axis] + Objects.checkIndex(index, shape[axis]);
  }

  private void requireRank(int rank) {
    if (rank != shape.length) {
      throw new IndexOutOfBoundsException(
          "%s has %d axes, but %d indices are given".formatted(name, shape.length, rank));
    }
  }

  @Override
  public void copyRow(int row, float[] target) {
    int length = shape[shape.length - 1];
    if (target.length < length) {
      throw new IllegalArgumentException(
          "a row of %s has %d values, but the target has %d"
              .formatted(name, length, target.length));
    }
    int rows = 1;
    for (int axis = 0; axis < shape.length - 1; axis++) {
      rows *= shape[axis];
    }
    System.arraycopy(values, Objects.checkIndex(row, rows) * length, target, 0, length);
  }

  @Override
  public float[] copy() {
    return values.clone();
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
