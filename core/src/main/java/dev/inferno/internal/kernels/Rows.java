package dev.inferno.internal.kernels;

/// A row-major block of floats, `[rows, width]`, that is used again for every forward pass: it
/// grows when it must and never shrinks. The first {@link #longRows} rows belong to segments of
/// more than {@link #SHORT_SEGMENT} rows (prefill), the others to short ones (decode): the two
/// classes of kernel, see docs/ARCHITECTURE.md. For one thread at a time.
public final class Rows {
  /// A segment of at most this many rows is computed by the decode kernels.
  public static final int SHORT_SEGMENT = 16;

  /// How many rows of short segments share what lanes hold, unpacked once for all of them.
  static final int SHARING = 4;

  /// How many floats more an array of rows has, so that a vector that begins in a row ends in the
  /// array, too: a masked access across its end is right, but may leave its mask as garbage.
  public static final int SPARE = 16;

  private final int width;
  private float[] data;
  private int rows;
  private int longRows;
  private int threads = Integer.MAX_VALUE;
  private float[] sums = {}; // [rows, width / 16]
  private final float[][] arranged = new float[9][0]; // for lanes of so many bits
  private final RoundedRows rounded;

  /// Room for `capacity` rows; holds none yet.
  public Rows(int capacity, int width) {
    this.width = width;
    this.data = new float[Math.multiplyExact(capacity, width) + SPARE];
    this.rounded = new RoundedRows(width);
  }

  /// Makes this `rows` rows of undefined content, the first `longRows` of them of long segments.
  public Rows resize(int rows, int longRows) {
    int size = Math.multiplyExact(rows, width) + SPARE;
    if (size > data.length) {
      data = new float[size];
    }
    this.rows = rows;
    this.longRows = longRows;
    return this;
  }

  /// The floats; row i begins at `i * width()`. Valid until the next {@link #resize}.
  public float[] data() {
    return data;
  }

  /// How many rows there are.
  public int rows() {
    return rows;
  }

  /// The length of a row.
  public int width() {
    return width;
  }

  /// How many of the rows, the first ones, are of long segments.
  public int longRows() {
    return longRows;
  }

  /// Lets products with these rows use at most `threads` threads, the caller being one of them; the
  /// team's size is a limit anyway. Results do not depend on it. Stays until it is set again.
  public Rows threads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, but is " + threads);
    }
    this.threads = threads;
    return this;
  }

  /// Computes {@link #sums} of the rows of short segments.
  void sumUp() {
    int stride = width / LaneFormat.SUM_COLUMNS;
    if (sums.length < rows * stride) {
      sums = new float[rows * stride];
    }
    for (int row = longRows; row < rows; row++) {
      LaneKernels.sums(data, row * width, width, sums, row * stride);
    }
  }

  /// The sums of each 16 columns, `[rows, width / 16]`, as {@link #sumUp} found them.
  float[] sums() {
    return sums;
  }

  /// Arranges the rows of short segments for lanes of so many bits, see {@link LaneColumns}.
  void arrange(int bits) {
    int count = rows - longRows;
    int shared = count / SHARING * SHARING;
    if (arranged[bits].length < count * width) {
      arranged[bits] = new float[count * width];
    }
    for (int i = 0; i < count; i++) {
      boolean alone = i >= shared;
      LaneColumns.arrange(
          data,
          (longRows + i) * width,
          width,
          bits,
          arranged[bits],
          alone ? i * width : i / SHARING * SHARING * width + i % SHARING,
          alone ? 1 : SHARING);
    }
  }

  /// The rows of short segments alone, as {@link #arrange} has arranged them: each four with their
  /// columns in turn, `[4 rows, width]` as `[width, 4 rows]`, the last ones that are fewer row by
  /// row.
  float[] arranged(int bits) {
    return arranged[bits];
  }

  /// Rounds the rows of short segments.
  void round(LaneKernels kernels) {
    rounded.resize(rows);
    for (int row = longRows; row < rows; row++) {
      kernels.round(data, row * width, rounded, row);
    }
  }

  /// The rows of short segments as {@link #round} has rounded them.
  RoundedRows rounded() {
    return rounded;
  }

  /// How many threads products with these rows may use.
  public int threads() {
    return threads;
  }
}
