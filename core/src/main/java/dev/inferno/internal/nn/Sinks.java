package dev.inferno.internal.nn;

/// Learned sinks of attention: of each query head a score that belongs to no key. It takes its
/// share of the softmax, and there is no value to it, so that a head can attend to nothing.
/// <https://arxiv.org/abs/2508.10925>
public final class Sinks {
  /// For attention that keys have to themselves.
  public static final Sinks NONE = new Sinks(new float[0]);

  private final float[] scores; // one per query head

  private Sinks(float[] scores) {
    this.scores = scores;
  }

  /// Sinks with these scores, one of each query head. Nobody changes them.
  public static Sinks of(float... scores) {
    return new Sinks(scores);
  }

  /// Whether there are any.
  boolean apply() {
    return scores.length > 0;
  }

  /// The score of a head's sink.
  float score(int head) {
    return scores[head];
  }

  /// What a head's sink weighs where keys weigh `exp(score - max)`: infinite if it is so far above
  /// them that they count for nothing, 0 without sinks.
  float weight(int head, float max) {
    return apply() ? (float) Math.exp((double) scores[head] - max) : 0;
  }

  /// The share of a head's sink beside the scores `keys[from]` to `keys[to]` (exclusive), all of
  /// which may be minus infinity.
  float share(int head, float[] keys, int from, int to) {
    double max = scores[head];
    for (int i = from; i < to; i++) {
      max = Math.max(max, keys[i]);
    }
    double own = Math.exp(scores[head] - max);
    double sum = own;
    for (int i = from; i < to; i++) {
      sum += Math.exp(keys[i] - max);
    }
    return (float) (own / sum);
  }
}
