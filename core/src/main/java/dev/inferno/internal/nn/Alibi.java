package dev.inferno.internal.nn;

/// Attention with linear biases: a score falls with the distance of its key, in each head at
/// another slope. It takes the place of rotary positions. <https://arxiv.org/abs/2108.12409>
public final class Alibi {
  /// For models that tell positions apart otherwise.
  public static final Alibi NONE = new Alibi(new float[0], false, 1);

  private final float[] slopes; // one per query head
  private final boolean rounded;
  private final float scale; // of what was rounded

  private Alibi(float[] slopes, boolean rounded, float scale) {
    this.slopes = slopes;
    this.rounded = rounded;
    this.scale = scale;
  }

  /// Slopes `2^(-bias / n), 2^(-2 bias / n), ...` for the first n heads, n the largest power of two
  /// among their numbers; those that are left get every other slope of twice as many heads.
  ///
  /// @param bias what the steepest slopes are made of, 8 in the paper
  public static Alibi of(int heads, double bias) {
    int power = Integer.highestOneBit(heads);
    float[] slopes = new float[heads];
    for (int head = 0; head < heads; head++) {
      double exponent =
          head < power ? (head + 1) * bias / power : (2 * (head - power) + 1) * bias / (2 * power);
      slopes[head] = (float) Math.pow(2, -exponent);
    }
    return new Alibi(slopes, false, 1);
  }

  /// The same as Falcon computes it: the slopes, the positions of keys and their products are
  /// rounded to BF16, and multiplied by a scale after that.
  public Alibi rounded(float scale) {
    float[] slopes = this.slopes.clone();
    for (int head = 0; head < slopes.length; head++) {
      slopes[head] = bf16(slopes[head]);
    }
    return new Alibi(slopes, true, scale);
  }

  /// The nearest number with the eight bits of BF16, of two as near the even one.
  private static float bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF_0000);
  }

  /// Whether scores fall with the distance at all.
  public boolean applies() {
    return slopes.length > 0;
  }

  /// How much a head's score falls with each position between query and key.
  public float slope(int head) {
    return slopes[head];
  }

  /// Adds the biases of a head to the scores of `count` keys from the position `first` on.
  ///
  /// @param position of the query
  void apply(int head, int position, float[] scores, int at, int first, int count) {
    float slope = slopes[head];
    if (rounded) {
      float own = bf16(slope * bf16(position));
      for (int i = 0; i < count; i++) {
        scores[at + i] += scale * (bf16(slope * bf16(first + i)) - own);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      scores[at + i] += slope * (first + i - position);
    }
  }
}
