package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// One of the feed-forwards of a {@link MixtureOfExperts}.
public interface Expert {
  /// The inner neurons of every row of `x`, what `down` reads.
  ///
  /// @param gateUp room for `[rows, 2 * feed-forward]`
  /// @param hidden room for them, `[rows, feed-forward]`; is returned
  Rows inner(Rows x, Rows gateUp, Rows hidden);

  /// From the neurons to the residual stream, `[width, feed-forward]`.
  Linear down();
}
