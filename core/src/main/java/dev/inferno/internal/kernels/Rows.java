package dev.inferno.internal.kernels;

import java.util.Arrays;

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
  private final RowTiles tiles;

  /// Room for `capacity` rows; holds none yet.
  public Rows(int capacity, int width) {
    this(capacity, width, new RowTiles());
  }

  /// The same with tiles that products with other rows use at other times.
  public Rows(int capacity, int width, RowTiles tiles) {
    this.width = width;
    this.data = new float[Math.multiplyExact(capacity, width) + SPARE];
    this.rounded = new RoundedRows(width);
    this.tiles = tiles;
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
    int size = Math.max(rows, longRows + shared(rows - longRows)) * stride;
    if (sums.length < size) {
      sums = new float[size];
    }
    for (int row = longRows; row < rows; row++) {
      LaneKernels.sums(data, row * width, width, sums, row * stride);
    }
  }

  /// The sums of each 16 columns, `[rows, width / 16]`, as {@link #sumUp} found them; behind them
  /// is room for those of rows that the last four lack, of any content.
  float[] sums() {
    return sums;
  }

  /// Arranges the rows of short segments for lanes of so many bits, see {@link LaneColumns}.
  void arrange(int bits) {
    int count = rows - longRows;
    int shared = shared(count);
    int size = Math.max(count, shared) * width;
    if (arranged[bits].length < size) {
      arranged[bits] = new float[size];
    }
    if (shared > count) { // rows that the last four lack
      Arrays.fill(arranged[bits], (shared - SHARING) * width, shared * width, 0);
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

  /// How many of so many rows are multiplied with lanes four at a time, which is more than there
  /// are where rows of zeros cost less than the last ones alone: each alone takes more than half as
  /// long as four, and unpacking for them about as long as one.
  static int shared(int count) {
    int last = count % SHARING;
    return last == 3 || (last == 2 && count > SHARING) ? count - last + SHARING : count - last;
  }

  /// The rows of short segments alone, as {@link #arrange} has arranged them: {@link #shared} of
  /// them with the columns of each four in turn, `[4 rows, width]` as `[width, 4 rows]`, the others
  /// row by row.
  float[] arranged(int bits) {
    return arranged[bits];
  }

  /// The rows of long segments as tiles, as the product that runs has arranged them.
  RowTiles tiles() {
    return tiles;
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
