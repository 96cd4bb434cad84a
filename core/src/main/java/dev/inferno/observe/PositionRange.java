package dev.inferno.observe;

/// Positions of the text that lie side by side. Immutable.
///
/// @param first the first absolute position, counted from 0
/// @param end the one behind the last; `Integer.MAX_VALUE` means all from the first on
public record PositionRange(int first, int end) {
  /// Checks the bounds.
  ///
  /// @throws IllegalArgumentException if the first is negative, or the end is not behind it
  public PositionRange {
    if (first < 0) {
      throw new IllegalArgumentException("a position must be at least 0, but is " + first);
    }
    if (end <= first) {
      throw new IllegalArgumentException(
          "positions from %d must end behind it, but end before %d".formatted(first, end));
    }
  }

  /// One position alone.
  public static PositionRange of(int position) {
    return new PositionRange(position, position + 1);
  }

  /// All positions from one on, those to come included.
  public static PositionRange from(int first) {
    return new PositionRange(first, Integer.MAX_VALUE);
  }

  /// Whether it ends.
  public boolean isBounded() {
    return end < Integer.MAX_VALUE;
  }

  /// Such as `5 to 19`, `5`, or `5 on`.
  @Override
  public String toString() {
    if (!isBounded()) {
      return first + " on";
    }
    return end - first == 1 ? Integer.toString(first) : first + " to " + (end - 1);
  }
}
