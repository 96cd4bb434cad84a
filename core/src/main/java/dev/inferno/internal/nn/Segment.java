package dev.inferno.internal.nn;

import java.util.Arrays;

/// The rows of one session in a batch: its tokens, where they stand, its cache, and who looks on.
/// Used again for every forward pass. For one thread at a time.
public final class Segment {
  private final KvCache cache;
  private final Observer observer;
  private final float[] own;
  private float[] logits; // where those of the sampled rows go
  private int[] tokens = new int[1];
  private int rows;
  private int firstPosition;
  private int stepEnd;
  private int sampledRows; // the last ones
  private boolean[] generated = new boolean[1];

  int firstRow; // where its rows begin in the batch
  int count; // how many rows it has in the batch's present layout
  int[] rowIndex = new int[1]; // where each of them lies in a Rows
  int[] rowPosition = new int[1]; // and its absolute position, rising

  /// A segment that writes to this cache and is watched by this observer; `logits` receives those
  /// of the sampled row, unless a pass has a place of its own for them.
  public Segment(KvCache cache, Observer observer, float[] logits) {
    this.cache = cache;
    this.observer = observer;
    this.own = logits;
    this.logits = logits;
  }

  /// Says what the next forward pass is about: `rows` tokens from `tokens[at]` on, behind all
  /// positions of the cache.
  ///
  /// @param generated of each token, whether it was generated
  /// @param end where the tokens of the step end, of which these may be a part; the last one is
  ///   sampled from
  public void prepare(int[] tokens, boolean[] generated, int at, int rows, int end) {
    reserve(rows);
    System.arraycopy(tokens, at, this.tokens, 0, rows);
    System.arraycopy(generated, at, this.generated, 0, rows);
    this.rows = rows;
    this.firstPosition = cache.length();
    this.stepEnd = firstPosition + end - at;
    this.sampledRows = at + rows == end ? 1 : 0;
    this.logits = own;
  }

  /// The same for a generated token and those that are expected to follow it, all of which are
  /// sampled from.
  ///
  /// @param draft the tokens that are expected; with the first one they make a short segment
  /// @param drafted how many there are
  /// @param logits receives those of each row, `[1 + drafted, vocabulary]`
  public void prepareDraft(int token, int[] draft, int drafted, float[] logits) {
    reserve(1 + drafted);
    this.tokens[0] = token;
    System.arraycopy(draft, 0, this.tokens, 1, drafted);
    Arrays.fill(this.generated, 0, 1 + drafted, true);
    this.rows = 1 + drafted;
    this.firstPosition = cache.length();
    this.stepEnd = 0; // each token counts as if it came alone
    this.sampledRows = rows;
    this.logits = logits;
  }

  private void reserve(int rows) {
    if (tokens.length < rows) {
      tokens = new int[rows];
      generated = new boolean[rows];
      rowIndex = new int[rows];
      rowPosition = new int[rows];
    }
  }

  /// The cache that holds its past.
  public KvCache cache() {
    return cache;
  }

  Observer observer() {
    return observer;
  }

  /// The logits of the sampled rows, one after the other.
  public float[] logits() {
    return logits;
  }

  /// How many tokens pass through the model.
  public int rows() {
    return rows;
  }

  /// The absolute position of the first of them.
  public int firstPosition() {
    return firstPosition;
  }

  /// How long the text is that a position passes through the model with: to the end of its step.
  public int textLength(int position) {
    return Math.max(position + 1, stepEnd);
  }

  /// Whether the token at an absolute position was generated.
  public boolean generated(int position) {
    return generated[position - firstPosition];
  }

  /// The token of its row-th row, counted from the first position.
  public int token(int row) {
    return tokens[row];
  }

  /// Whether a row is one that is sampled from.
  public boolean isSampled(int position) {
    return sampledIndex(position) >= 0;
  }

  /// Which of the rows that are sampled from it is, counted from 0; negative if it is none.
  int sampledIndex(int position) {
    return position - (firstPosition + rows - sampledRows);
  }

  /// How many rows it has where the model is now: all of them, or after the last block's attention
  /// the wanted ones.
  public int count() {
    return count;
  }

  /// Where its i-th row lies in the `Rows` of this moment.
  public int rowIndex(int i) {
    return rowIndex[i];
  }

  /// The absolute position of its i-th row.
  public int rowPosition(int i) {
    return rowPosition[i];
  }

  boolean wanted(int position) {
    return isSampled(position) || observer.wantsRow(this, position);
  }

  boolean wantsLogits(int position) {
    return isSampled(position) || observer.wantsLogits(this, position);
  }

  /// Its rows moved; those whose target is `dropped` are gone.
  void move(int[] target, int dropped) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (target[rowIndex[i]] != dropped) {
        rowPosition[kept] = rowPosition[i];
        rowIndex[kept++] = target[rowIndex[i]];
      }
    }
    count = kept;
  }

  @Override
  public String toString() {
    return "%d rows from position %d: %s"
        .formatted(rows, firstPosition, Arrays.toString(Arrays.copyOf(tokens, rows)));
  }
}
