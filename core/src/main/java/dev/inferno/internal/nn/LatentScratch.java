package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// The buffers of a {@link LatentProjection}; they grow to the largest batch and are used again.
public final class LatentScratch {
  final Rows queryLatent;
  final Rows queries;
  final Rows down; // the latent of keys and values, and the key that all heads share
  final Rows latent;
  final Rows keys;
  final Rows values;

  LatentScratch(int queryLatent, int queries, int down, int latent, int keys, int values) {
    this.queryLatent = new Rows(1, queryLatent);
    this.queries = new Rows(1, queries);
    this.down = new Rows(1, down);
    this.latent = new Rows(1, latent);
    this.keys = new Rows(1, keys);
    this.values = new Rows(1, values);
  }

  /// Products of these take so many threads.
  void threads(int threads) {
    queryLatent.threads(threads);
    latent.threads(threads);
  }
}
