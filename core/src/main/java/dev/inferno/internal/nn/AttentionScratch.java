package dev.inferno.internal.nn;

import java.util.Arrays;

/// What attention needs beside its rows: the angles of RoPE, for each task room for a tile of
/// queries and a page, and the results of parts of long pasts. Grows and is used again.
final class AttentionScratch {
  float[] cosines = new float[0]; // [rows, angles], as Rope has them
  float[] sines = new float[0];
  private Room[] rooms = new Room[4];
  private int free;
  final AttentionWork work = new AttentionWork(this);

  // Of each run of pages, row and head: the values' weighted sum, the highest score, the weights'
  // sum.
  float[] runResults = new float[0];
  float[] runMaxima = new float[0];
  float[] runSums = new float[0];

  /// The room of one task.
  static final class Room {
    float[] queries = new float[0]; // [queries, keySize]
    float[] scores = new float[0]; // [queries, PAGE]
    float[] results = new float[0]; // [queries, valueSize]
    float[] maxima = new float[0]; // [queries], like the others
    float[] sums = new float[0];
    float[] factors = new float[0];
    float[] panel = new float[0]; // of one head and page
    float[] scales = new float[0];
    float[] wholeRows = new float[0]; // [queries, keys], where somebody looks on
    final float[] onSink = new float[1]; // what falls on the sink, of one row that is looked at
    private float[] row = new float[0];
    private float[] runs = new float[0];

    /// Makes room for so many queries.
    void require(int queries, Attention.Heads heads) {
      int panelWidth = KvLayout.valuePanelWidth(heads.valueSize());
      int largest = Math.max(heads.keySize(), panelWidth);
      if (panel.length < largest * KvCache.PAGE) {
        panel = new float[largest * KvCache.PAGE];
        scales = new float[largest * KvCache.PAGE];
      }
      if (this.queries.length < queries * heads.keySize()) {
        this.queries = new float[queries * heads.keySize()];
      }
      if (results.length < queries * heads.valueSize()) {
        results = new float[queries * heads.valueSize()];
      }
      if (scores.length < queries * KvCache.PAGE) {
        scores = new float[queries * KvCache.PAGE];
        maxima = new float[queries];
        sums = new float[queries];
        factors = new float[queries];
      }
    }

    /// One float for each of so many runs, and some more up to a multiple of 16.
    float[] requireRuns(int count) {
      if (runs.length < count) {
        runs = new float[(count + 15) / 16 * 16];
      }
      return runs;
    }

    /// One float for each of so many keys.
    float[] requireRow(int keys) {
      if (row.length < keys) {
        row = new float[keys];
      }
      return row;
    }

    void requireWholeRows(int size) {
      if (wholeRows.length < size) {
        wholeRows = new float[size];
      }
    }
  }

  void requireAngles(int size) {
    if (cosines.length < size) {
      cosines = new float[size];
      sines = new float[size];
    }
  }

  void requireRuns(int count, int valueSize) {
    if (runMaxima.length < count) {
      runMaxima = new float[count];
      runSums = new float[count];
    }
    if (runResults.length < count * valueSize + 16) {
      runResults = new float[count * valueSize + 16]; // a product reads whole vectors
    }
  }

  /// Room that nobody else uses; to be given back.
  synchronized Room take() {
    return free == 0 ? new Room() : rooms[--free];
  }

  synchronized void giveBack(Room room) {
    if (free == rooms.length) {
      rooms = Arrays.copyOf(rooms, free + 4);
    }
    rooms[free++] = room;
  }
}
