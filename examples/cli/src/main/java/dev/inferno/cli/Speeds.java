package dev.inferno.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Tokens per second of every repetition of something, at least one when it is asked.
final class Speeds {
  private final List<Double> runs = new ArrayList<>();

  void add(double tokensPerSecond) {
    runs.add(tokensPerSecond);
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /// In the order they came.
  List<Double> runs() {
    return Collections.unmodifiableList(runs);
  }

  double least() {
    return Collections.min(runs);
  }

  double most() {
    return Collections.max(runs);
  }

  /// The one in the middle, or the mean of the two there.
  double median() {
    List<Double> sorted = runs.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
