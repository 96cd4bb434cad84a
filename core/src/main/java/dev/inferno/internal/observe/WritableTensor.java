package dev.inferno.internal.observe;

import dev.inferno.observe.EditableTensor;

/// A tensor of the engine that a callback may change. Apart from {@link BorrowedTensor}, which
/// listeners receive and could cast.
final class WritableTensor implements EditableTensor {
  private final BorrowedTensor view;

  WritableTensor(BorrowedTensor view) {
    this.view = view;
  }

  @Override
  public void set(int i, int j, float value) {
    view.set(i, j, value);
  }

  @Override
  public void set(int i, int j, int k, float value) {
    view.set(i, j, k, value);
  }

  @Override
  public void setRow(int row, float[] source) {
    view.setRow(row, source);
  }

  @Override
  public String name() {
    return view.name();
  }

  @Override
  public int[] shape() {
    return view.shape();
  }

  @Override
  public float get(int i) {
    return view.get(i);
  }

  @Override
  public float get(int i, int j) {
    return view.get(i, j);
  }

  @Override
  public float get(int i, int j, int k) {
    return view.get(i, j, k);
  }

  @Override
  public float get(int i, int j, int k, int l) {
    return view.get(i, j, k, l);
  }

  @Override
  public void copyRow(int row, float[] target) {
    view.copyRow(row, target);
  }

  @Override
  public float[] copy() {
    return view.copy();
  }

  @Override
  public String toString() {
    return view.toString();
  }
}
