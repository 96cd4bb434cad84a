package dev.inferno.internal.nn;

/// Rotary position embedding: turns each pair of a query's or key's numbers by an angle that grows
/// with the position. <https://arxiv.org/abs/2104.09864>
///
/// The pairs are neighbours (2i, 2i + 1), which is how GGUF files of the llama family order their
/// rows.
public final class Rope {
  private final float[] frequencies; // one per pair, radians per position

  private Rope(float[] frequencies) {
    this.frequencies = frequencies;
  }

  /// Frequencies `base^(-2i / dimensions)`, each divided by its factor.
  ///
  /// @param dimensions how many numbers of a head are turned, an even number
  /// @param factors one divisor per pair: all 1, all the factor of linear scaling
  ///   (<https://arxiv.org/abs/2306.15595>), or those of Llama 3.1, which the file carries
  public static Rope of(double base, int dimensions, float[] factors) {
    float[] frequencies = new float[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (1 / Math.pow(base, 2.0 * i / dimensions)) / factors[i];
    }
    return new Rope(frequencies);
  }

  /// The cosine and sine of every pair at every row's position: `[rows, pairs]` each. Once per
  /// forward pass.
  public void prepare(Batch batch, State state) {
    AttentionScratch scratch = state.attention;
    int pairs = frequencies.length;
    scratch.requireAngles(batch.rows() * pairs);
    for (int row = 0; row < batch.rows(); row++) {
      int position = batch.positions()[row];
      for (int i = 0; i < pairs; i++) {
        float angle = position * frequencies[i]; // rounded to float, as the reference does
        scratch.cosines[row * pairs + i] = (float) Math.cos(angle);
        scratch.sines[row * pairs + i] = (float) Math.sin(angle);
      }
    }
  }

  /// Copies heads from the order of the file, pairs as neighbours, to the one in which the two of a
  /// pair are half of the turned dimensions apart.
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
  void apply(float[] x, int at, int heads, int headSize, AttentionScratch scratch, int row) {
    int pairs = frequencies.length;
    int angle = row * pairs;
    for (int head = 0; head < heads; head++, at += headSize) {
      for (int i = 0; i < pairs; i++) {
        float even = x[at + 2 * i];
        float odd = x[at + 2 * i + 1];
        float cosine = scratch.cosines[angle + i];
        float sine = scratch.sines[angle + i];
        x[at + 2 * i] = even * cosine - odd * sine;
        x[at + 2 * i + 1] = even * sine + odd * cosine;
      }
    }
  }
}
