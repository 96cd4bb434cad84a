package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The rows of one forward pass: one or more segments, long ones first, see {@link Rows#longRows}.
/// Dense blocks see all rows alike; attention takes the segments one by one. Used again for every
/// forward pass. For one thread at a time.
public final class Batch {
  /// The most tokens of one session in a forward pass; a longer prompt takes several.
  public static final int CHUNK = 512;

  private static final int DROPPED = -1;

  private final List<Segment> segments = new ArrayList<>();
  private int rows;
  private int longRows;
  private int[] tokens = new int[1];
  private int[] positions = new int[1];
  private int[] target = new int[1]; // where rows move to
  private int threads = Integer.MAX_VALUE;
  private BooleanSupplier cancelled = Batch::never;

  private int wantedUnsampledRows;

  /// Begins a batch of these segments, of which each is prepared.
  ///
  /// @param threads how many threads may work on it
  /// @param cancelled asked before each layer whether to stop
  public Batch begin(List<Segment> members, int threads, BooleanSupplier cancelled) {
    this.threads = threads;
    this.cancelled = cancelled;
    segments.clear();
    rows = 0;
    addAll(members, true);
    longRows = rows;
    addAll(members, false);
    if (tokens.length < rows) {
      tokens = new int[rows];
      positions = new int[rows];
    }
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      segment.count = segment.rows();
      for (int i = 0; i < segment.count; i++) {
        int row = segment.firstRow + i;
        tokens[row] = segment.token(i);
        positions[row] = segment.firstPosition() + i;
        segment.rowIndex[i] = row;
        segment.rowPosition[i] = positions[row];
      }
    }
    return this;
  }

  private void addAll(List<Segment> members, boolean longOnes) {
    for (int i = 0; i < members.size(); i++) {
      Segment segment = members.get(i);
      if (segment.rows() > Rows.SHORT_SEGMENT == longOnes) {
        segment.firstRow = rows;
        rows += segment.rows();
        segments.add(segment);
      }
    }
  }

  /// Ends it: the sessions whose segments it had are not held on to.
  public void end() {
    segments.clear();
    cancelled = Batch::never;
  }

  private static boolean never() {
    return false;
  }

  /// The segments, long ones first.
  public List<Segment> segments() {
    return segments;
  }

  /// How many rows there are before {@link #wanted}.
  public int rows() {
    return rows;
  }

  /// How many of them, the first ones, are of long segments.
  public int longRows() {
    return longRows;
  }

  /// The token of each row.
  public int[] tokens() {
    return tokens;
  }

  /// The absolute position of each row.
  public int[] positions() {
    return positions;
  }

  /// How many threads may work on it.
  public int threads() {
    return threads;
  }

  /// Stops a forward pass that nobody wants any more.
  ///
  /// @throws ForwardCancelled if it was cancelled
  void requireWanted() {
    if (cancelled.getAsBoolean()) {
      throw new ForwardCancelled();
    }
  }

  /// Copies the rows of `x` whose result somebody wants, the sampled ones and those that a plan
  /// asks for, to `kept`: first those of long segments that are not sampled, then the sampled ones
  /// of long segments, then those of short segments. From here on the segments know their rows in
  /// this layout.
  public Rows wanted(Rows x, Rows kept) {
    kept.resize(rows, longRows); // room enough
    for (int s = 0; s < segments.size(); s++) {
      segments.get(s).count = 0;
    }
    int to = keep(x, kept, 0, true, false);
    wantedUnsampledRows = to;
    to = keep(x, kept, to, true, true);
    int wantedLongRows = to;
    to = keep(x, kept, to, false, false);
    to = keep(x, kept, to, false, true);
    return kept.resize(to, wantedLongRows);
  }

  private int keep(Rows x, Rows kept, int to, boolean longOnes, boolean sampledOnes) {
    int width = x.width();
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      if (segment.rows() > Rows.SHORT_SEGMENT != longOnes) {
        continue;
      }
      for (int i = 0; i < segment.rows(); i++) {
        int position = segment.firstPosition() + i;
        if (segment.isSampled(position) == sampledOnes && segment.wanted(position)) {
          System.arraycopy(
              x.data(), (segment.firstRow + i) * width, kept.data(), to * width, width);
          segment.rowIndex[segment.count] = to++;
          segment.rowPosition[segment.count++] = position;
        }
      }
    }
    return to;
  }

  /// Closes the gaps that rows leave whose logits nobody wants: those that a plan asked for at an
  /// earlier point.
  Rows wantedLogits(Rows x) {
    if (target.length < x.rows()) {
      target = new int[x.rows()];
    }
    Arrays.fill(target, 0, x.rows(), DROPPED);
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      for (int i = 0; i < segment.count; i++) {
        if (segment.wantsLogits(segment.rowPosition[i])) {
          target[segment.rowIndex[i]] = 0;
        }
      }
    }
    int to = 0;
    int wantedLongRows = 0;
    int unsampled = 0;
    for (int row = 0; row < x.rows(); row++) {
      if (target[row] != DROPPED) {
        System.arraycopy(x.data(), row * x.width(), x.data(), to * x.width(), x.width());
        target[row] = to++;
        wantedLongRows += row < x.longRows() ? 1 : 0;
        unsampled += row < wantedUnsampledRows ? 1 : 0;
      }
    }
    wantedUnsampledRows = unsampled;
    for (int s = 0; s < segments.size(); s++) {
      segments.get(s).move(target, DROPPED);
    }
    return x.resize(to, wantedLongRows);
  }

  /// How many of the wanted rows, the first ones, are of long segments and not sampled from.
  int wantedUnsampledRows() {
    return wantedUnsampledRows;
  }
}
