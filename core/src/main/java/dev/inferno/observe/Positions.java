package dev.inferno.observe;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/// Which positions of the text a point is asked for at, or an intervention acts at. Immutable.
///
/// A position is *generated* if its token was sampled by {@link dev.inferno.Session#generate}, and
/// *prompt* otherwise.
public sealed interface Positions {

  /// Every position.
  record All() implements Positions {}

  /// The position that the next token is chosen from: the last row of each step.
  record Last() implements Positions {}

  /// The positions that were given.
  record Prompt() implements Positions {}

  /// The positions that were generated.
  record Generated() implements Positions {}

  /// Chosen absolute positions, counted from 0, rising and without repetition.
  record Chosen(List<Integer> positions) implements Positions {
    /// Sorts and copies.
    ///
    /// @throws IllegalArgumentException if one is negative
    public Chosen {
      for (int position : positions) {
        if (position < 0) {
          throw new IllegalArgumentException("a position must be at least 0, but is " + position);
        }
      }
      positions = List.copyOf(new TreeSet<>((Collection<Integer>) positions));
    }
  }

  /// Whether a row is meant.
  ///
  /// @param position the row's absolute position
  /// @param last whether the next token is chosen from it
  /// @param generated whether its token was generated
  default boolean contains(int position, boolean last, boolean generated) {
    return switch (this) {
      case All() -> true;
      case Last() -> last;
      case Prompt() -> !generated;
      case Generated() -> generated;
      case Chosen(List<Integer> positions) -> positions.contains(position);
    };
  }
}
