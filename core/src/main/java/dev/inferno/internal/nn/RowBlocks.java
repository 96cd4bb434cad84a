package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Team;

/// Work on the rows of a prompt that do not depend on each other, shared by the team.
final class RowBlocks {
  private static final int BLOCK = 16; // rows that a thread takes at a time

  private RowBlocks() {}

  /// Work on rows `from` to `to` (exclusive).
  interface Work {
    void on(int from, int to);
  }

  static void share(int rows, int threads, Work work) {
    int blocks = (rows + BLOCK - 1) / BLOCK;
    Team.shared()
        .run(threads, blocks, block -> work.on(block * BLOCK, Math.min(rows, (block + 1) * BLOCK)));
  }
}
