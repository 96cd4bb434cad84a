package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.Arrays;

/// What the runs of pages of all short segments come to, in one layer, and how they are put
/// together in their order. Grows and is used again; tasks write to places of their own.
final class AttentionRuns {
  // Of each run, row and head: the values' weighted sum, the highest score, the weights' sum.
  private float[] results = new float[0];
  private float[] maxima = new float[0];
  private float[] sums = new float[0];

  void require(int count, int valueSize) {
    if (maxima.length < count) {
      maxima = new float[count];
      sums = new float[count];
    }
    int size = count * valueSize + Rows.SPARE; // a product reads whole vectors
    if (results.length < size) {
      results = new float[size];
    }
  }

  /// Brings what a tile took in to where it belongs: to the results of attention if there is no
  /// other run.
  void store(AttentionTile tile, int run) {
    SegmentAttention of = tile.of();
    AttentionRoom room = tile.room;
    int valueSize = of.attention().heads.valueSize();
    Sinks sinks = of.attention().scoring.sinks();
    for (int i = 0; i < tile.queries(); i++) {
      int row = tile.row(i);
      int head = tile.head(i);
      if (of.runs() == 1) {
        float sum = room.sums[i] + sinks.weight(head, room.maxima[i]);
        of.write(room.results, i * valueSize, sum, row, head);
        continue;
      }
      int result = of.result(run, row, head);
      System.arraycopy(room.results, i * valueSize, results, result * valueSize, valueSize);
      maxima[result] = room.maxima[i];
      sums[result] = room.sums[i];
    }
  }

  /// Puts the runs of some rows and heads together, as if each run were a key with a value, the
  /// run's highest score and its result; a sink joins the sum at last.
  void combine(
      SegmentAttention of,
      int firstRow,
      int endRow,
      int firstHead,
      int endHead,
      AttentionRoom room) {
    Kernels kernels = of.attention().kernels;
    int runs = of.runs();
    int size = of.attention().heads.valueSize();
    room.require(1, of.attention().heads);
    float[] weights = room.requireRuns(runs);
    for (int row = firstRow; row < endRow; row++) {
      for (int head = firstHead; head < endHead; head++) {
        int result = of.result(0, row, head);
        Arrays.fill(weights, Float.NEGATIVE_INFINITY);
        for (int run = 0; run < runs; run++) {
          weights[run] = maxima[result + run * of.toNextRun()];
        }
        room.maxima[0] = -Float.MAX_VALUE;
        kernels.softmaxBlock(weights, 1, weights.length, room.maxima, room.sums, room.factors);
        float sum = 0;
        for (int run = 0; run < runs; run++) {
          sum += weights[run] * sums[result + run * of.toNextRun()];
        }
        sum += of.attention().scoring.sinks().weight(head, room.maxima[0]);
        kernels.scale(weights, 0, SegmentAttention.inverse(sum), runs);
        kernels.pageProduct(
            weights,
            0,
            runs,
            1,
            results,
            result * size,
            of.toNextRun() * size,
            runs,
            of.z(),
            of.zAt(row, head),
            size,
            size,
            false);
      }
    }
  }
}
