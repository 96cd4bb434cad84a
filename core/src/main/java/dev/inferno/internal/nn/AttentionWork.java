package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Team;
import java.util.ArrayList;
import java.util.List;

/// The arithmetic of {@link Attention} for all segments in one layer, as tasks for the team. One
/// object, used again for every layer.
///
/// {@link SegmentAttention} cuts a segment's rows into tiles and its past into runs of pages,
/// {@link AttentionTile} takes in a run, {@link AttentionRuns} puts the runs together, and {@link
/// WatchedAttention} does it all where somebody looks on.
///
/// A row's bits depend on neither tile nor company: in a page that it does not see its scores are
/// minus infinity, and change nothing, as long as the values there are numbers.
final class AttentionWork implements Team.Tasks {
  private final AttentionRuns runs = new AttentionRuns();
  private final List<SegmentAttention> parts = new ArrayList<>(); // as many as there ever were
  private final List<AttentionTile> tiles = new ArrayList<>(); // that no task works with
  private int segments;

  /// Attends from all queries in `qkv` to what the caches hold, into `z`.
  void attend(Attention attention, int layer, Batch batch, Rows qkv, Rows z) {
    segments = batch.segments().size();
    while (parts.size() < segments) {
      parts.add(new SegmentAttention());
    }
    try {
      int tasks = 0;
      int results = 0;
      for (int s = 0; s < segments; s++) {
        SegmentAttention part = parts.get(s);
        part.begin(attention, layer, batch.segments().get(s), qkv, z);
        part.number(tasks, results);
        tasks = part.lastTask();
        results += part.results();
      }
      runs.require(results, attention.heads.valueSize());
      Team.shared().run(batch.threads(), tasks, this);
      AttentionTile tile = take();
      for (int s = 0; s < segments; s++) {
        SegmentAttention part = parts.get(s);
        if (!part.isWatched() && part.runs() > 1) {
          int rows = part.segment().rows();
          runs.combine(part, 0, rows, 0, attention.heads.heads(), tile.room);
        }
      }
      giveBack(tile);
    } finally {
      for (int s = 0; s < segments; s++) {
        parts.get(s).end();
      }
    }
  }

  @Override
  public void run(int task) {
    int s = 0;
    while (task >= parts.get(s).lastTask()) {
      s++;
    }
    SegmentAttention of = parts.get(s);
    // from the end: the tiles with the longest past first, so that no thread is left with one
    int number = of.lastTask() - 1 - task;
    int keyValueHeads = of.attention().heads.keyValueHeads();
    int part = number / keyValueHeads;
    AttentionTile tile = take();
    tile.begin(of, part / of.parts(), number % keyValueHeads);
    if (of.isWatched()) {
      new WatchedAttention(tile).attend(runs);
    } else {
      int run = part % of.parts();
      tile.takeIn(run, false);
      runs.store(tile, run);
    }
    giveBack(tile);
  }

  /// A tile that nobody else uses; to be given back.
  private AttentionTile take() {
    synchronized (tiles) {
      return tiles.isEmpty() ? new AttentionTile() : tiles.removeLast();
    }
  }

  private void giveBack(AttentionTile tile) {
    synchronized (tiles) {
      tiles.add(tile);
    }
  }
}
