package dev.inferno.internal.observe;

import dev.inferno.observe.TensorView;
import java.util.Objects;

/// A tensor that lies in a float array of the engine. Along the last axis its values are
/// neighbours; where a run begins is the sum of one offset per other axis, so that chosen rows and
/// heads need no copy.
final class BorrowedTensor implements TensorView {
  private final String name;
  private final float[] data;
  private final int[][] offsets; // [axis but the last][index]
  private final int last; // the length of the last axis
  private boolean returned;

  BorrowedTensor(String name, float[] data, int last, int[]... offsets) {
    this.name = name;
    this.data = data;
    this.last = last;
    this.offsets = offsets;
  }

  /// A view of an array that is filled row by row.
  static BorrowedTensor dense(String name, float[] data, int... shape) {
    int last = shape[shape.length - 1];
    int[][] offsets = new int[shape.length - 1][];
    int stride = last;
    for (int axis = shape.length - 2; axis >= 0; axis--) {
      offsets[axis] = new int[shape[axis]];
      for (int i = 0; i < shape[axis]; i++) {
        offsets[axis][i] = i * stride;
      }
      stride *= shape[axis];
    }
    return new BorrowedTensor(name, data, last, offsets);
  }

  /// The same of a copy of its values, for when what lies under them is used again before they are
  /// seen.
  BorrowedTensor lasting() {
    return dense(name, copy(), shape());
  }

  /// The callback returned: from now on every access throws.
  void giveBack() {
    returned = true;
  }

  private void require(int rank) {
    requireBorrowed();
    if (rank != offsets.length + 1) {
      throw new IndexOutOfBoundsException(
          "%s has %d axes, but %d indices are given".formatted(name, offsets.length + 1, rank));
    }
  }

  private void requireBorrowed() {
    if (returned) {
      throw new IllegalStateException(
          "the view of %s is used after the callback that received it returned; copy() what must last"
              .formatted(name));
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int[] shape() {
    requireBorrowed();
    return axes();
  }

  private int[] axes() {
    int[] shape = new int[offsets.length + 1];
    for (int axis = 0; axis < offsets.length; axis++) {
      shape[axis] = offsets[axis].length;
    }
    shape[offsets.length] = last;
    return shape;
  }

  @Override
  public float get(int i) {
    require(1);
    return data[Objects.checkIndex(i, last)];
  }

  @Override
  public float get(int i, int j) {
    require(2);
    return data[offsets[0][i] + Objects.checkIndex(j, last)];
  }

  @Override
  public float get(int i, int j, int k) {
    require(3);
    return data[offsets[0][i] + offsets[1][j] + Objects.checkIndex(k, last)];
  }

  @Override
  public float get(int i, int j, int k, int l) {
    require(4);
    return data[offsets[0][i] + offsets[1][j] + offsets[2][k] + Objects.checkIndex(l, last)];
  }

  void set(int i, int j, float value) {
    require(2);
    data[offsets[0][i] + Objects.checkIndex(j, last)] = value;
  }

  void set(int i, int j, int k, float value) {
    require(3);
    data[offsets[0][i] + offsets[1][j] + Objects.checkIndex(k, last)] = value;
  }

  void setRow(int row, float[] source) {
    require(offsets.length + 1);
    if (source.length < last) {
      throw new IllegalArgumentException(
          "a row of %s has %d values, but the source has %d".formatted(name, last, source.length));
    }
    Objects.checkIndex(row, rows());
    System.arraycopy(source, 0, data, offset(row), last);
  }

  @Override
  public void copyRow(int row, float[] target) {
    require(offsets.length + 1);
    if (target.length < last) {
      throw new IllegalArgumentException(
          "a row of %s has %d values, but the target has %d".formatted(name, last, target.length));
    }
    Objects.checkIndex(row, rows());
    System.arraycopy(data, offset(row), target, 0, last);
  }

  @Override
  public float[] copy() {
    require(offsets.length + 1);
    int rows = rows();
    float[] copy = new float[Math.multiplyExact(rows, last)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(data, offset(row), copy, row * last, last);
    }
    return copy;
  }

  private int rows() {
    int rows = 1;
    for (int[] axis : offsets) {
      rows *= axis.length;
    }
    return rows;
  }

  private int offset(int row) {
    int offset = 0;
    for (int axis = offsets.length - 1; axis >= 0; axis--) {
      offset += offsets[axis][row % offsets[axis].length];
      row /= offsets[axis].length;
    }
    return offset;
  }

  @Override
  public String toString() {
    return name + java.util.Arrays.toString(axes());
  }
}
