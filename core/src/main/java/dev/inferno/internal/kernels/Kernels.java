package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;

/// The arithmetic of a transformer on float arrays. Two implementations say the same:
/// `ScalarKernels` what is computed, the vector twin how to do it fast. Stateless and thread-safe;
/// nothing here allocates.
public interface Kernels {

  /// What a log line calls this set: `vector, 512 bits` or `scalar`.
  String name();

  /// This set's own implementation of a block format, whose decode gives the reference's bits.
  BlockFormat format(BlockFormat reference);

  /// This set's arithmetic over rows that lie side by side.
  LaneKernels lanes();

  /// The sum of `x[i] * y[i]` over n elements.
  float dot(float[] x, int xAt, float[] y, int yAt, int n);

  /// How many floats the unfinished sum of {@link #accumulate} takes.
  int PARTIAL_SUMS = 32;

  /// Parts of several long {@link #dot}s: `valueRows` rows of values, row v at `v * valueStride`,
  /// times `xRows` rows of x, row r at `xAt + r * xStride`, n elements of each. Product (v, r) is
  /// added to the unfinished sum at `partial[(r * valueRows + v) * PARTIAL_SUMS]`, which began as
  /// {@link #PARTIAL_SUMS} zeros. Once all parts are in, {@link #total} gives the very bits of the
  /// one long dot, provided that every part but the last has a multiple of 32 elements.
  void accumulate(
      float[] values,
      int valueStride,
      int valueRows,
      float[] x,
      int xAt,
      int xStride,
      int xRows,
      int n,
      float[] partial);

  /// What an unfinished sum comes to.
  float total(float[] partial, int at);

  /// `x += y`.
  void add(float[] x, int xAt, float[] y, int yAt, int n);

  /// `x *= y`, element by element.
  void multiply(float[] x, int xAt, float[] y, int yAt, int n);

  /// `x *= factor`.
  void scale(float[] x, int at, float factor, int n);

  /// `out = x / sqrt(mean(x^2) + epsilon) * gain`. `out` may be `x`.
  void rmsNorm(float[] x, int xAt, float[] gain, float epsilon, float[] out, int outAt, int n);

  /// `out = (x - mean(x)) / sqrt(variance(x) + epsilon) * gain + bias`, the variance being the mean
  /// square of what is centred. `out` may be `x`.
  void layerNorm(
      float[] x, int xAt, float[] gain, float[] bias, float epsilon, float[] out, int outAt, int n);

  /// `x = gelu(x)` with the hyperbolic tangent, see {@link Gelu}.
  void gelu(float[] x, int at, int n);

  /// `x = gelu(x)` with the distribution of normal numbers, see {@link ExactGelu}.
  void exactGelu(float[] x, int at, int n);

  /// `x = cap * tanh(x / cap)`: close to x where it is small, never beyond the cap.
  void softcap(float[] x, int at, float cap, int n);

  /// `gate = silu(gate) * up`, silu(x) = x / (1 + exp(-x)).
  void swiglu(float[] gate, int gateAt, float[] up, int upAt, int n);

  /// `out[0..3]` = maximum, its index (the lowest of equals), log of the sum of exponentials, and
  /// entropy in nats of the softmax, of n > 0 logits. A NaN among the logits makes all but the
  /// index NaN.
  void statistics(float[] logits, int at, int n, double[] out);

  /// The softmax of n scores, in place; scores of minus infinity become 0.
  void softmax(float[] scores, int at, int n);

  /// One block of an online softmax (<https://arxiv.org/abs/1805.02867>): the scores of `rows`
  /// rows, row r at `r * n`, n a multiple of 16, come behind others of which only `maxima[r]` and
  /// `sums[r]` are kept, at first `-Float.MAX_VALUE` and 0. Each score s becomes `exp(s - m)`, m
  /// being the maximum so far; minus infinity becomes 0. What was computed with the old maximum is
  /// to be multiplied by `factors[r] = exp(old - m)`, as the sum is.
  void softmaxBlock(float[] scores, int rows, int n, float[] maxima, float[] sums, float[] factors);

  /// Turns each pair `(x[at + i], x[at + pairs + i])` by its angle: `(a cos - b sin, a sin + b
  /// cos)`; cosines and sines of pair i at `angles + i`.
  void rotateHalves(float[] x, int at, int pairs, float[] cosines, float[] sines, int angles);

  /// The same for n numbers of which neighbours are a pair: `x[i] = x[i] cos[i] + x[neighbour of i]
  /// sin[i]`. Each pair's cosine stands twice, and its sine first negated, then as it is.
  void rotateNeighbours(float[] x, int at, int n, float[] cosines, float[] sines, int angles);

  /// How many numbers that lie one behind the other share a scale.
  int SCALED_BLOCK = 32;

  /// `out = x * scales` for `rows` rows of `width` bytes each: every row is multiplied with the
  /// same scales, one per column.
  void scaleColumns(byte[] x, int at, float[] scales, int rows, int width, float[] out, int outAt);

  /// `out = x * scale` for `rows` rows of `width` bytes each, every {@link #SCALED_BLOCK} of a row
  /// with a scale of their own; rows of `out` begin `outStride` apart.
  void scaleBlocks(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outStride);

  /// `out[i] = half(x[i])`, rounded to nearest even.
  void toHalf(float[] x, int xAt, short[] out, int outAt, int n);

  /// `out[i] = float(x[i])`.
  void fromHalf(short[] x, int xAt, float[] out, int outAt, int n);

  /// How many rows a product's tile has.
  int tileHeight();

  /// How many rows the smaller tile has, which is used where no more than that are left.
  int smallTileHeight();

  /// A product's tile, the inner loop of prefill: `out[r][j] = from[r][j] + sum over k of x[k][r] *
  /// panel[k][j]`, added up in rising k.
  ///
  /// @param x `[k][height]`, from xAt on
  /// @param height {@link #tileHeight} or {@link #smallTileHeight}
  /// @param panel `[k][Layout.PANEL]`
  /// @param from `[height][Layout.PANEL]`, rows `fromStride` apart, which may be 0; or `out`
  ///   itself, at the same place with the same stride
  /// @param out `[height][Layout.PANEL]`, rows `outStride` apart
  void tile(
      float[] x,
      int xAt,
      int height,
      float[] panel,
      int k,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride);

  /// The product of rows with a page of keys or values, the inner loop of attention. For `rows`
  /// rows (any number) of `x`, row r at `xAt + r * xStride`, and a panel `[k][panelWidth]`
  /// (panelWidth a multiple of 16): `out[outAt + r * outStride + j] (+)= sum over k of x[r][k] *
  /// panel[k][j]` for `j < columns <= panelWidth`; adds to what is there if `accumulate`. A row has
  /// the same bits whatever its company.
  void pageProduct(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate);

  /// This set's loops that load the machine.
  MachineLoops machineLoops();
}
