package dev.inferno.internal.nn;

import java.util.Arrays;

/// What attention needs beside its rows: the angles of RoPE, and for each task room for scores and
/// packed pages. Grows and is used again.
final class AttentionScratch {
  float[] cosines = new float[0]; // [rows, pairs]
  float[] sines = new float[0];
  private Room[] rooms = new Room[4];
  private int free;
  final AttentionWork work = new AttentionWork(this);

  /// The room of one task.
  static final class Room {
    float[] scores = new float[0]; // [queries, keys]
    float[] panel = new float[0]; // [k, columns] of one page
    float[] key = new float[0];

    /// Makes room. Scores grow by whole pages of keys, so that a step inside a page allocates
    /// nothing.
    void require(int scores, int panel, int key) {
      if (this.scores.length < scores) {
        this.scores = new float[scores];
      }
      if (this.panel.length < panel) {
        this.panel = new float[panel];
      }
      if (this.key.length < key) {
        this.key = new float[key];
      }
    }
  }

  void requireAngles(int size) {
    if (cosines.length < size) {
      cosines = new float[size];
      sines = new float[size];
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
