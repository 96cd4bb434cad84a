package dev.inferno.observe;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A point of the computation has its value. One event per point, layer and forward pass.
public final class Activation {
  private final Hook hook;
  private final int layer;
  private final int step;
  private final int[] positions;
  private final List<Integer> heads;
  private final TensorView tensor;
  private final Optional<TensorView> indices;
  private final int firstKey;
  private final List<Intervention> interventions;

  /// For the engine and for players of recordings.
  ///
  /// @param layer the layer, or -1 outside the blocks
  /// @param firstKey of scores and a pattern, the position of the first key; else 0
  public Activation(
      Hook hook,
      int layer,
      int step,
      int[] positions,
      List<Integer> heads,
      TensorView tensor,
      Optional<TensorView> indices,
      int firstKey,
      List<Intervention> interventions) {
    this.hook = hook;
    this.layer = layer;
    this.step = step;
    this.positions = positions.clone();
    this.heads = List.copyOf(heads);
    this.tensor = tensor;
    this.indices = indices;
    this.firstKey = firstKey;
    this.interventions = List.copyOf(interventions);
  }

  /// Which point.
  public Hook hook() {
    return hook;
  }

  /// The wire name, such as `blocks.3.attn.hook_pattern`.
  public String name() {
    return hook.name(layer);
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

  /// The absolute position of the first row.
  public int firstPosition() {
    return positions[0];
  }

  /// How many rows there are.
  public int rows() {
    return positions.length;
  }

  /// The absolute position of the first key of scores or a pattern: 0, but in a cached step of a
  /// layer with a sliding window, which shows exactly the keys that the position sees.
  public int firstKey() {
    return firstKey;
  }

  /// The query heads the tensor holds, in its order; empty for a point without heads.
  public List<Integer> heads() {
    return heads;
  }

  /// The values; valid during the callback only. With {@link Form.Top} the largest values of each
  /// row.
  public TensorView tensor() {
    return tensor;
  }

  /// With {@link Form.Top}, the index of each value of {@link #tensor}; of a pattern counted from
  /// {@link #firstKey}.
  public Optional<TensorView> indices() {
    return indices;
  }

  /// The interventions that changed this value before it was seen.
  public List<Intervention> interventions() {
    return interventions;
  }
}
