package dev.inferno.observe;

import java.util.Arrays;

/// A declared change of the computation: at a point (layers, heads, positions) do an operation.
/// Made from a {@link Point}: `Hook.Z.layer(5).head(3).zero()`. It acts in the prompt and in every
/// generated token alike, before any listener sees the value; several at one point act in the order
/// they were registered. Immutable.
///
/// @param point where
/// @param operation what
public record Intervention(Point point, Operation operation) {

  /// What is done to the values of a point.
  public sealed interface Operation {}

  /// Sets them to zero.
  public record Zero() implements Operation {}

  /// Multiplies them by a factor.
  public record Scale(float factor) implements Operation {
    /// Checks the factor.
    public Scale {
      requireFinite("factor", factor);
    }
  }

  /// Adds a vector to each row.
  ///
  /// @param vector already multiplied by its factor
  public record Add(Vector vector) implements Operation {
    static Add of(float[] vector, float factor) {
      requireFinite("factor", factor);
      float[] scaled = new float[vector.length];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = requireFinite("vector[" + i + "]", vector[i] * factor);
      }
      return new Add(new Vector(scaled));
    }
  }

  /// An immutable vector of floats.
  public static final class Vector {
    private final float[] values;

    private Vector(float[] values) {
      this.values = values;
    }

    /// Its length.
    public int length() {
      return values.length;
    }

    /// The value at index i.
    public float get(int i) {
      return values[i];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Vector vector && Arrays.equals(values, vector.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "vector of " + values.length;
    }
  }

  /// Refuses points that cannot be changed.
  ///
  /// @throws IllegalArgumentException if the point is read-only
  public Intervention {
    if (!point.hook().editable()) {
      throw new IllegalArgumentException(
          point + " can be watched but not changed; change one of " + Catalogue.editable());
    }
  }

  private static float requireFinite(String name, float value) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, but is " + value);
    }
    return value;
  }

  /// The same at generated positions only.
  public Intervention onlyGenerated() {
    return new Intervention(point.onlyGenerated(), operation);
  }

  /// The same at prompt positions only.
  public Intervention onlyPrompt() {
    return new Intervention(point.onlyPrompt(), operation);
  }

  /// What it does and where, in one line.
  @Override
  public String toString() {
    return switch (operation) {
      case Zero() -> "zero " + point;
      case Scale(float factor) -> "scale " + point + " by " + factor;
      case Add(Vector vector) -> "add a " + vector + " to " + point;
    };
  }
}
