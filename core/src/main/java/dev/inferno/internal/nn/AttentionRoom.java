package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// Room for a tile of queries and a page. Grows and is used again.
final class AttentionRoom {
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
    int panelSize = Math.max(heads.keySize(), panelWidth) * KvCache.PAGE;
    if (panel.length < panelSize) {
      panel = new float[panelSize];
      scales = new float[panelSize];
    }
    if (this.queries.length < queries * heads.keySize()) {
      this.queries = new float[queries * heads.keySize()];
    }
    int resultSize = queries * heads.valueSize() + Rows.SPARE;
    if (results.length < resultSize) {
      results = new float[resultSize];
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
