package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.RowTiles;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What each head writes to the residual stream, `[T, H, M]`, computed beside attention when
/// somebody wants it: the output projection of its own part of z. Their sum and the bias are the
/// output of attention. A head that nobody names is left out, unless some result may be changed:
/// then the sum takes all.
final class HeadResults {
  private final Rows one; // z of one head, those of the others zero; of the wanted rows
  private final Rows product;
  private @Nullable Rows results; // [rows, heads * width], from the first use on
  private final Snapshot before = new Snapshot();
  private int[] wanted = new int[1]; // rows

  HeadResults(int width, int zWidth, RowTiles tiles) {
    this.one = new Rows(1, zWidth, tiles);
    this.product = new Rows(1, width);
  }

  /// Shows the results of a layer. Rows of `out` whose results are changed are summed again.
  ///
  /// @param z `[rows, zWidth]`
  /// @param out `[rows, width]`, the output projection of z
  void show(
      int layer, Linear output, Attention.Heads heads, Rows z, Rows out, Batch batch, Probe probe) {
    boolean edited = probe.edits(Hook.RESULT, layer);
    Rows results = compute(layer, output, heads, z, out, batch, edited);
    before.take(results, edited);
    probe.at(Hook.RESULT, layer, results);
    int width = out.width();
    for (int row = 0; row < out.rows(); row++) {
      if (before.differs(results, row)) {
        for (int i = 0; i < width; i++) {
          double sum = 0;
          for (int head = 0; head < heads.heads(); head++) {
            sum += results.data()[row * results.width() + head * width + i];
          }
          out.data()[row * width + i] = (float) sum;
        }
        output.addBias(out, row);
      }
    }
  }

  private Rows compute(
      int layer,
      Linear output,
      Attention.Heads heads,
      Rows z,
      Rows out,
      Batch batch,
      boolean allHeads) {
    int width = out.width();
    if (results == null) {
      results = new Rows(1, Math.multiplyExact(heads.heads(), width));
    }
    results.resize(z.rows(), z.longRows());
    int count = findWanted(layer, batch, z.rows());
    int longRows = 0;
    while (longRows < count && wanted[longRows] < z.longRows()) {
      longRows++;
    }
    one.threads(batch.threads()).resize(count, longRows);
    for (int head = 0; count > 0 && head < heads.heads(); head++) {
      if (!allHeads && !isWanted(layer, head, batch)) {
        continue;
      }
      Arrays.fill(one.data(), 0, count * z.width(), 0);
      int at = head * heads.valueSize();
      for (int i = 0; i < count; i++) {
        System.arraycopy(
            z.data(),
            wanted[i] * z.width() + at,
            one.data(),
            i * z.width() + at,
            heads.valueSize());
      }
      output.applyWithoutBias(one, product);
      for (int i = 0; i < count; i++) {
        System.arraycopy(
            product.data(),
            i * width,
            results.data(),
            wanted[i] * results.width() + head * width,
            width);
      }
    }
    return results;
  }

  private static boolean isWanted(int layer, int head, Batch batch) {
    for (int s = 0; s < batch.segments().size(); s++) {
      if (batch.segments().get(s).observer().wantsPart(Hook.RESULT, layer, head)) {
        return true;
      }
    }
    return false;
  }

  /// The rows that somebody wants, rising.
  private int findWanted(int layer, Batch batch, int rows) {
    if (wanted.length < rows) {
      wanted = new int[rows];
    }
    int count = 0;
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      for (int i = 0; i < segment.count(); i++) {
        if (segment.observer().wantsAt(Hook.RESULT, layer, segment, segment.rowPosition(i))) {
          wanted[count++] = segment.rowIndex(i);
        }
      }
    }
    return count;
  }
}
