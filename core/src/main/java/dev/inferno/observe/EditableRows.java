package dev.inferno.observe;

import java.util.List;
import java.util.OptionalInt;

/// What a callback that changes the computation receives, see {@link Point#edit}: the rows of one
/// forward pass that its intervention means, and where they are.
public final class EditableRows {
  private final Hook hook;
  private final int layer;
  private final int step;
  private final int[] positions;
  private final List<Integer> heads;
  private final EditableTensor tensor;

  /// For the engine.
  ///
  /// @param layer the layer, or -1 outside the blocks
  public EditableRows(
      Hook hook, int layer, int step, int[] positions, List<Integer> heads, EditableTensor tensor) {
    this.hook = hook;
    this.layer = layer;
    this.step = step;
    this.positions = positions.clone();
    this.heads = List.copyOf(heads);
    this.tensor = tensor;
  }

  /// Which point.
  public Hook hook() {
    return hook;
  }

  /// The layer, empty for a point outside the blocks.
  public OptionalInt layer() {
    return layer < 0 ? OptionalInt.empty() : OptionalInt.of(layer);
  }

  /// The step of the generation: 0 is the prompt, n the forward pass of the n-th generated token.
  public int step() {
    return step;
  }

  /// The absolute position of each row, a fresh copy.
  public int[] positions() {
    return positions.clone();
  }

  /// The heads that the tensor holds, in its order; empty for a point without heads.
  public List<Integer> heads() {
    return heads;
  }

  /// The values, `[rows, length]` or at a point with heads `[rows, heads, length]`; valid during
  /// the callback only.
  public EditableTensor tensor() {
    return tensor;
  }
}
