package dev.inferno.internal.nn;

/// What attention needs beside its rows: the angles of RoPE, which grow and are used again, and its
/// tasks.
final class AttentionScratch {
  float[] cosines = new float[0]; // [rows, angles], as Rope has them
  float[] sines = new float[0];
  float[] frequencies = new float[0]; // those of a text's length, one per pair
  final AttentionWork work = new AttentionWork();

  void requireAngles(int size) {
    if (cosines.length < size) {
      cosines = new float[size];
      sines = new float[size];
    }
  }

  void requireFrequencies(int size) {
    if (frequencies.length < size) {
      frequencies = new float[size];
    }
  }
}
