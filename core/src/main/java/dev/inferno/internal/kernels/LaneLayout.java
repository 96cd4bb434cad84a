package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// One tensor whose rows lie side by side in groups of sixteen, see {@link LaneFormat}; rows that
/// the last group lacks are zeros. Immutable.
///
/// Groups that follow each other lie in four streams, in turn, a whole number of pages apart: what
/// is multiplied together then comes to the end of its page together. There a processor's
/// prefetching ends, and the next page's first lines are waited for; all streams wait at once.
///
/// @param format the format that the file has it in
/// @param lanes how it is rearranged
/// @param rounded whether a row of x of a short segment is rounded to 8 bits before its product
/// @param parts the groups, in several pieces of memory
/// @param partRows how many rows each part has but the last, a multiple of {@link #TURN}
record LaneLayout(
    BlockFormat format,
    LaneFormat lanes,
    boolean rounded,
    List<MemorySegment> parts,
    int partRows,
    int rows,
    int columns)
    implements Layout {
  private static final int ROWS = LaneFormat.ROWS;

  private static final int STREAMS = LaneKernels.TOGETHER;

  /// So many rows are a group of each stream; a multiple of {@link Layout#PANEL}.
  static final int TURN = STREAMS * ROWS;

  private static final long PAGE_BYTES = 4096;

  /// How many columns of a panel lie in memory at once; 256 KB, which a second-level cache holds.
  private static final int PANEL_COLUMNS = 2048;

  /// About how large a part is at least, and how many there are at most: enough for all threads to
  /// rearrange them, few enough for the system, which has a limit on separate pieces of memory.
  private static final long PART_BYTES = 1 << 18;

  private static final int PARTS = 16;

  /// About how many bytes of blocks each thread looks at at once.
  private static final long LENT_BYTES = 1 << 21;

  /// Rearranges a matrix, with the whole team, a part at a time: memory that the system has just
  /// given is filled while it is still in the cache, and no more of the blocks than that is in
  /// memory beside it.
  ///
  /// @return nothing if the scales of some block are not finite; what memory it took is lost then
  static Optional<Layout> pack(
      BlockFormat format,
      LaneFormat lanes,
      boolean rounded,
      BlockSource blocks,
      int rows,
      int columns) {
    long groups = (rows + ROWS - 1L) / ROWS;
    long turns = (rows + TURN - 1L) / TURN;
    long most = groups * lanes.groupBytes(columns) / PART_BYTES;
    long count = Math.clamp(most, 1, Math.min(PARTS, turns));
    int partRows = Math.toIntExact((turns + count - 1) / count * TURN);
    int parts = (int) ((rows + partRows - 1L) / partRows);
    var memory = new AtomicReferenceArray<MemorySegment>(parts);
    var finite = new AtomicBoolean(true);
    Team.shared()
        .run(
            Integer.MAX_VALUE,
            parts,
            part -> {
              int from = part * partRows;
              int to = (int) Math.min(rows, (long) from + partRows);
              long groupBytes = lanes.groupBytes(columns);
              long streams = Math.min(STREAMS, (to - from + ROWS - 1L) / ROWS);
              long last = (to - from + TURN - 1L) / TURN * groupBytes;
              MemorySegment data =
                  blocks.allocate((streams - 1) * streamBytes(to - from, groupBytes) + last);
              memory.set(part, data);
              if (!pack(lanes, blocks, from, to, columns, data)) {
                finite.set(false);
              }
            });
    if (!finite.get()) {
      return Optional.empty();
    }
    List<MemorySegment> all = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      all.add(memory.get(part));
    }
    return Optional.of(
        new LaneLayout(format, lanes, rounded, List.copyOf(all), partRows, rows, columns));
  }

  /// Rearranges the rows of a part, some megabytes at a time.
  private static boolean pack(
      LaneFormat lanes, BlockSource blocks, int from, int to, int columns, MemorySegment data) {
    long rowBytes = lanes.type().bytes(columns);
    long groupBytes = lanes.groupBytes(columns);
    long streamBytes = streamBytes(to - from, groupBytes);
    int groups = (int) Math.max(1, LENT_BYTES / (ROWS * rowBytes));
    var finite = new AtomicBoolean(true);
    for (int row = from; row < to && finite.get(); row += groups * ROWS) {
      int first = row;
      int count = Math.min(groups * ROWS, to - row);
      blocks.lend(
          first * rowBytes,
          count * rowBytes,
          lent -> {
            for (int i = 0; i < count; i++) {
              long group = group(first - from + i, groupBytes, streamBytes);
              if (!LanePacking.pack(lanes, lent, i * rowBytes, columns, data, group, i % ROWS)) {
                finite.set(false);
              }
            }
          });
    }
    return finite.get();
  }

  /// How far apart the streams of a part are that has so many rows.
  private static long streamBytes(int rows, long groupBytes) {
    long bytes = (rows + TURN - 1L) / TURN * groupBytes;
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  /// Where the group of a part's row begins.
  private static long group(int row, long groupBytes, long streamBytes) {
    int group = row / ROWS;
    return group % STREAMS * streamBytes + group / STREAMS * groupBytes;
  }

  private MemorySegment part(int row) {
    return parts.get(row / partRows);
  }

  /// How far apart the streams of a row's part are.
  private long streamBytes(int row) {
    int first = row / partRows * partRows;
    return streamBytes(Math.min(partRows, rows - first), lanes.groupBytes(columns));
  }

  /// Where a row's group begins in its part.
  private long group(int row) {
    return group(row % partRows, lanes.groupBytes(columns), streamBytes(row));
  }

  @Override
  public void decode(int row, float[] out, int at) {
    MemorySegment data = part(row);
    long group = group(row);
    int lane = row % ROWS;
    int blocks = columns / lanes.type().blockSize();
    long cells = group + lanes.scaleBytes(columns);
    int per = lanes.scaleColumns;
    int center = lanes.center();
    for (int i = 0; i < columns / per; i++) {
      float d = lanes.d(data, group, blocks, i, lane);
      // adding -0 keeps a zero's sign
      float m = lanes.hasMinima() ? lanes.m(data, group, blocks, i, lane) : -0f;
      for (int column = i * per; column < (i + 1) * per; column++) {
        long cell = cells + (long) (column / LaneFormat.CELL) * lanes.cellBytes();
        int q = lanes.quant(data, cell, lane, column % LaneFormat.CELL);
        out[at + column] = d * (q - center) + m;
      }
    }
  }

  @Override
  public void multiplyShort(
      int from, int to, Rows x, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    int count = x.rows() - x.longRows();
    int scales = columns / lanes.scaleColumns * ROWS;
    float[] d = scratch.scales(STREAMS * scales);
    float[] m = scratch.minima(STREAMS * scales);
    float[] panel = scratch.band(LaneKernels.PANEL_FLOATS);
    int end; // where those end that are multiplied together, all in one turn
    for (int row = from; row < to; row = end) {
      end = Math.min(row - row % TURN + TURN, to);
      int groups = (end - row + ROWS - 1) / ROWS;
      MemorySegment data = part(row);
      long streamBytes = streamBytes(row);
      long group = group(row);
      kernels.lanes().scales(lanes, data, group, streamBytes, groups, columns, d, m);
      boolean whole = row + TURN == end;
      float[] target = whole ? out.data() : scratch.partial(count * TURN);
      int targetAt = whole ? x.longRows() * out.width() + outAt + row : 0;
      int targetStride = whole ? out.width() : TURN;
      long cells = group + lanes.scaleBytes(columns);
      if (rounded) {
        kernels
            .lanes()
            .roundedProduct(
                lanes,
                data,
                cells,
                streamBytes,
                groups,
                columns,
                d,
                m,
                x,
                target,
                targetAt,
                targetStride);
      } else {
        kernels
            .lanes()
            .product(
                lanes,
                data,
                cells,
                streamBytes,
                groups,
                columns,
                d,
                m,
                x,
                target,
                targetAt,
                targetStride,
                panel);
      }
      for (int i = 0; !whole && i < count; i++) {
        int at = (x.longRows() + i) * out.width() + outAt + row;
        System.arraycopy(target, i * TURN, out.data(), at, end - row);
      }
    }
  }

  @Override
  public void multiplyLong(
      int from, int to, RowTiles x, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    float[] panel = scratch.panel(PANEL * Math.min(columns, PANEL_COLUMNS));
    int scales = columns / lanes.scaleColumns * ROWS;
    float[] d = scratch.scales(scales);
    float[] m = scratch.minima(scales);
    MemorySegment data = part(from);
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int k = Math.min(PANEL_COLUMNS, columns - column);
      for (int row = from; row < to; row += ROWS) {
        kernels.lanes().scales(lanes, data, group(row), streamBytes(row), 1, columns, d, m);
        kernels
            .lanes()
            .panel(
                lanes,
                data,
                group(row)
                    + lanes.scaleBytes(columns)
                    + (long) column / LaneFormat.CELL * lanes.cellBytes(),
                k,
                d,
                m,
                column / lanes.scaleColumns,
                panel,
                row - from,
                PANEL);
      }
      x.multiply(panel, column, k, out, outAt + from, to - from, kernels, scratch);
    }
  }
}
