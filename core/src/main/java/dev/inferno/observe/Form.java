package dev.inferno.observe;

import java.util.List;

/// In which form a point is delivered. Of a row of attention all but the view count only the keys
/// that the row sees. Immutable.
public sealed interface Form {

  /// The values themselves.
  record View() implements Form {}

  /// The L2 norm of each row (of each head's part of it): the last axis is gone.
  record Norm() implements Form {}

  /// Four numbers of each row (of each head's part of it) instead of its values: the last axis is
  /// the mean, the standard deviation (of all values, not of a sample), the smallest, the largest.
  record Statistics() implements Form {}

  /// The entropy of each row of probabilities, in nats: the last axis is gone.
  record Entropy() implements Form {}

  /// How much of each row of a pattern falls on each group of key positions: the last axis has one
  /// sum per group, in the order given. Groups may overlap; one of which a row sees nothing has the
  /// sum 0.
  record Mass(List<PositionRange> groups) implements Form {
    /// Copies the list.
    ///
    /// @throws IllegalArgumentException if there is no group
    public Mass {
      groups = List.copyOf(groups);
      if (groups.isEmpty()) {
        throw new IllegalArgumentException("no group of positions is named");
      }
    }
  }

  /// The n largest values of each row with their indices, ties by lowest index: the last axis has
  /// length n.
  record Top(int n) implements Form {
    /// Checks n.
    public Top {
      if (n < 1) {
        throw new IllegalArgumentException("top must be at least 1, but is " + n);
      }
    }
  }
}
