package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.util.Arrays;

/// Rotary position embedding: turns each pair of a query's or key's numbers by an angle that grows
/// with the position. <https://arxiv.org/abs/2104.09864>
///
/// It may turn the first dimensions of a head only, and leaves the others as they are. LongRoPE
/// turns all positions of a text otherwise once it is longer than what the model was trained for
/// first. <https://arxiv.org/abs/2402.13753>
///
/// Where its base grows (dynamic NTK), what is beyond the context that the model was trained for is
/// turned by frequencies of the text's length when it passed through the model: those of a prompt
/// by its end, those that are generated each by its own. Keys that are cached stay as they are.
public final class Rope {
  private static final Rope NONE = new Rope(Order.HALVES, new float[0], 1);

  private final Order order;
  private final float[] frequencies; // one per pair, radians per position
  private final float[] longFrequencies; // those of long texts
  private final int shortText; // the length of the longest text that is not long
  private final float magnitude; // what cosines and sines are multiplied by
  private final boolean still; // whether no pair turns
  private final Growth growth;

  /// Which numbers of a head are a pair.
  public enum Order {
    /// 2i and 2i + 1, as in the paper; GGUF files of the llama family order their rows for it.
    NEIGHBOURS,
    /// i and i + dimensions / 2, as most other models do.
    HALVES
  }

  /// YaRN: fast pairs stay, slow ones are interpolated as in linear scaling, those between are
  /// mixed. <https://arxiv.org/abs/2309.00071>
  ///
  /// @param factor how many times longer the context becomes
  /// @param originalContext the context length that the model was trained for first
  /// @param betaFast pairs that turn more often than this in the original context stay
  /// @param betaSlow pairs that turn less often than this are interpolated
  /// @param attentionFactor what rotated queries and keys are multiplied by, called mscale
  /// @param truncated whether those between begin and end at whole pairs
  public record Yarn(
      double factor,
      int originalContext,
      double betaFast,
      double betaSlow,
      double attentionFactor,
      boolean truncated) {

    /// The attention factor that the paper recommends: `0.1 ln(factor) + 1`.
    public static double recommendedAttentionFactor(double factor) {
      return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
    }

    /// The same where those between begin and end at whole pairs, or not.
    public Yarn truncated(boolean other) {
      return new Yarn(factor, originalContext, betaFast, betaSlow, attentionFactor, other);
    }

    /// How much of a pair's own frequency stays, 0 to 1.
    private double stays(int pair, double base, int dimensions) {
      double first = pairThatTurns(betaFast, base, dimensions);
      double last = pairThatTurns(betaSlow, base, dimensions);
      double low = Math.max(0, truncated ? Math.floor(first) : first);
      double high = Math.min(dimensions - 1, truncated ? Math.ceil(last) : last);
      double width = high == low ? 0.001 : high - low; // as the reference avoids to divide by 0
      return 1 - Math.clamp((pair - low) / width, 0, 1);
    }

    /// Which pair turns so many times in the original context; a fraction.
    private double pairThatTurns(double times, double base, int dimensions) {
      return dimensions * Math.log(originalContext / (times * 2 * Math.PI)) / (2 * Math.log(base));
    }
  }

  /// Dynamic NTK: the base grows with a text that is longer than the context that the model was
  /// trained for, so that its slowest pair is scaled as in linear scaling and its fastest not at
  /// all. <https://arxiv.org/abs/2309.00071>
  ///
  /// @param base that of texts that are not longer
  /// @param factor how fast it grows
  private record Growth(double base, int dimensions, double factor, int trainedContext) {
    static final Growth NONE = new Growth(1, 2, 1, Integer.MAX_VALUE);

    double base(int length) {
      double times = factor * length / trainedContext - (factor - 1);
      return base * Math.pow(times, dimensions / (dimensions - 2.0));
    }
  }

  private Rope(Order order, float[] frequencies, float magnitude) {
    this(order, frequencies, frequencies, Integer.MAX_VALUE, magnitude, Growth.NONE);
  }

  private Rope(
      Order order,
      float[] frequencies,
      float[] longFrequencies,
      int shortText,
      float magnitude,
      Growth growth) {
    this.growth = growth;
    this.order = order;
    this.frequencies = frequencies;
    this.longFrequencies = longFrequencies;
    this.shortText = shortText;
    this.magnitude = magnitude;
    boolean still = true;
    for (float frequency : frequencies) {
      still &= frequency == 0;
    }
    this.still = still;
  }

  /// Turns nothing: for models that add an embedding of the position instead.
  public static Rope none() {
    return NONE;
  }

  /// One that leaves heads of the same layout as they are: for the layers without positions of
  /// models that have both. <https://arxiv.org/abs/2501.18795>
  public Rope still() {
    return new Rope(order, new float[frequencies.length], 1);
  }

  /// The divisors of frequencies that are not scaled.
  public static float[] unscaled(int dimensions) {
    float[] factors = new float[dimensions / 2];
    Arrays.fill(factors, 1);
    return factors;
  }

  /// Frequencies `base^(-2i / dimensions)`, each divided by its factor.
  ///
  /// @param dimensions how many numbers of a head are turned, an even number
  /// @param factors one divisor per pair: all 1, all the factor of linear scaling
  ///   (<https://arxiv.org/abs/2306.15595>), or those of Llama 3.1, which the file carries
  public static Rope of(Order order, double base, int dimensions, float[] factors) {
    return new Rope(order, divided(base, dimensions, factors), 1);
  }

  /// LongRoPE: frequencies `base^(-2i / dimensions)`, each divided by its factor, of which long
  /// texts have others.
  ///
  /// @param shortText the length of the longest text that is not long
  /// @param magnitude what rotated queries and keys are multiplied by
  public static Rope of(
      Order order,
      double base,
      int dimensions,
      float[] factors,
      float[] longFactors,
      int shortText,
      float magnitude) {
    return new Rope(
        order,
        divided(base, dimensions, factors),
        divided(base, dimensions, longFactors),
        shortText,
        magnitude,
        Growth.NONE);
  }

  /// Dynamic NTK: frequencies `base^(-2i / dimensions)`, of a base that grows with texts that are
  /// longer than the trained context.
  ///
  /// @param dimensions how many numbers of a head are turned, an even number of at least 4
  /// @param factor how fast it grows, at least 1
  public static Rope dynamic(
      Order order, double base, int dimensions, double factor, int trainedContext) {
    float[] frequencies = divided(base, dimensions, unscaled(dimensions));
    return new Rope(
        order,
        frequencies,
        frequencies,
        Integer.MAX_VALUE,
        1,
        new Growth(base, dimensions, factor, trainedContext));
  }

  private static float[] divided(double base, int dimensions, float[] factors) {
    float[] frequencies = new float[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) frequency(base, dimensions, i) / factors[i];
    }
    return frequencies;
  }

  /// Frequencies `base^(-2i / dimensions)`, scaled by YaRN.
  public static Rope of(Order order, double base, int dimensions, Yarn yarn) {
    float[] frequencies = new float[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double frequency = frequency(base, dimensions, i);
      double stays = yarn.stays(i, base, dimensions);
      frequencies[i] = (float) (frequency / yarn.factor * (1 - stays) + frequency * stays);
    }
    return new Rope(order, frequencies, (float) yarn.attentionFactor);
  }

  private static double frequency(double base, int dimensions, int pair) {
    return 1 / Math.pow(base, 2.0 * pair / dimensions);
  }

  /// The cosine and sine of every pair at every row's position. Once per forward pass.
  public void prepare(Batch batch, State state) {
    if (still) {
      return;
    }
    AttentionScratch scratch = state.attention;
    scratch.requireAngles(batch.rows() * angles());
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      float[] turning = frequencies(segment.cache().isLongText());
      int grownFor = 0; // the rows of a prompt have one length
      for (int row = segment.firstRow; row < segment.firstRow + segment.rows(); row++) {
        int position = batch.positions()[row];
        int length = segment.textLength(position);
        if (length > growth.trainedContext() && length != grownFor) {
          turning = grown(length, scratch);
          grownFor = length;
        }
        for (int i = 0; i < frequencies.length; i++) {
          float angle = position * turning[i]; // rounded to float, as the reference does
          put(angle, magnitude, scratch.cosines, scratch.sines, row * angles(), i);
        }
      }
    }
  }

  /// The frequencies of a text that is longer than the trained context.
  private float[] grown(int length, AttentionScratch scratch) {
    scratch.requireFrequencies(frequencies.length);
    double base = growth.base(length);
    for (int i = 0; i < frequencies.length; i++) {
      scratch.frequencies[i] = (float) frequency(base, growth.dimensions(), i);
    }
    return scratch.frequencies;
  }

  private float[] frequencies(boolean longText) {
    return longText ? longFrequencies : frequencies;
  }

  /// The length of the longest text that is not long: in a longer one all positions are turned
  /// otherwise.
  public int shortText() {
    return shortText;
  }

  /// The length of the longest text whose cached keys can move to other positions: of longer ones
  /// it is not known any more what turned them.
  public int longestMovable() {
    return growth.trainedContext();
  }

  /// How many cosines, and sines, a position has: one per pair, or two as the kernel for neighbours
  /// takes them.
  private int angles() {
    return order == Order.NEIGHBOURS ? 2 * frequencies.length : frequencies.length;
  }

  private void put(
      double angle, float magnitude, float[] cosines, float[] sines, int at, int pair) {
    float cosine = (float) Math.cos(angle) * magnitude;
    float sine = (float) Math.sin(angle) * magnitude;
    if (order == Order.HALVES) {
      cosines[at + pair] = cosine;
      sines[at + pair] = sine;
      return;
    }
    cosines[at + 2 * pair] = cosine;
    cosines[at + 2 * pair + 1] = cosine;
    sines[at + 2 * pair] = -sine;
    sines[at + 2 * pair + 1] = sine;
  }

  /// Which numbers are a pair.
  Order order() {
    return order;
  }

  /// Copies heads whose pairs are neighbours so that the two of a pair are half of the turned
  /// dimensions apart.
  void toHalves(float[] from, int at, float[] to, int toAt, int heads, int headSize) {
    int pairs = frequencies.length;
    for (int head = 0; head < heads; head++, at += headSize, toAt += headSize) {
      for (int i = 0; i < pairs; i++) {
        to[toAt + i] = from[at + 2 * i];
        to[toAt + pairs + i] = from[at + 2 * i + 1];
      }
      System.arraycopy(from, at + 2 * pairs, to, toAt + 2 * pairs, headSize - 2 * pairs);
    }
  }

  /// The way back of {@link #toHalves}.
  void fromHalves(float[] from, int at, float[] to, int toAt, int heads, int headSize) {
    int pairs = frequencies.length;
    for (int head = 0; head < heads; head++, at += headSize, toAt += headSize) {
      for (int i = 0; i < pairs; i++) {
        to[toAt + 2 * i] = from[at + i];
        to[toAt + 2 * i + 1] = from[at + pairs + i];
      }
      System.arraycopy(from, at + 2 * pairs, to, toAt + 2 * pairs, headSize - 2 * pairs);
    }
  }

  /// Turns `heads` heads that lie one behind the other from `x[at]` on, all at the position of a
  /// row.
  void apply(
      Kernels kernels,
      float[] x,
      int at,
      int heads,
      int headSize,
      AttentionScratch scratch,
      int row) {
    turn(kernels, x, at, heads, headSize, scratch.cosines, scratch.sines, row * angles());
  }

  /// The cosine and sine of every pair for a turn from one position to another; at most as many as
  /// a head has dimensions.
  ///
  /// It is the difference of the two positions' angles after both were rounded: what is turned by
  /// it lies where a pass at the other position would have put it. The magnitude is not in it, as
  /// what stands at a position has it already.
  void between(int from, int to, boolean longText, float[] cosines, float[] sines) {
    float[] turning = frequencies(longText);
    for (int i = 0; i < turning.length; i++) {
      double angle = (double) (to * turning[i]) - (double) (from * turning[i]);
      put(angle, 1, cosines, sines, 0, i);
    }
  }

  /// Turns `heads` heads that lie one behind the other from `x[at]` on by the angles whose cosines
  /// and sines begin at `angles`.
  void turn(
      Kernels kernels,
      float[] x,
      int at,
      int heads,
      int headSize,
      float[] cosines,
      float[] sines,
      int angles) {
    if (still) {
      return;
    }
    int pairs = frequencies.length;
    for (int head = 0; head < heads; head++, at += headSize) {
      switch (order) {
        case NEIGHBOURS -> kernels.rotateNeighbours(x, at, 2 * pairs, cosines, sines, angles);
        case HALVES -> kernels.rotateHalves(x, at, pairs, cosines, sines, angles);
      }
    }
  }
}
