package dev.inferno.observe.analysis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// The tokens whose embeddings point in the direction of a vector.
public final class NearestTokens {
  private static final Comparator<Neighbour> NEAREST_FIRST =
      Comparator.comparingDouble(Neighbour::cosine).reversed().thenComparingInt(Neighbour::id);

  private NearestTokens() {}

  /// A token and how near it is.
  ///
  /// @param id the token
  /// @param cosine the cosine of the angle between its embedding and the vector, from -1 to 1
  public record Neighbour(int id, double cosine) {}

  /// A matrix that is given row by row, such as `tensor::copyRow` of a {@link
  /// dev.inferno.observe.TensorView}.
  @FunctionalInterface
  public interface Rows {
    /// Copies one row to the front of `target`.
    void copyRow(int row, float[] target);
  }

  /// The n tokens with the largest cosine, nearest first, ties by the lowest id; fewer if there are
  /// fewer tokens. A row of zeros has no direction: its cosine counts as 0.
  ///
  /// @param vector `[width]`, not all zeros
  /// @param embedding `[vocabulary, width]`; each row is read once, in rising order
  /// @param vocabulary how many rows the embedding has
  /// @param n how many are wanted, at least 1
  /// @throws IllegalArgumentException if a number is out of its range or not finite
  public static List<Neighbour> of(float[] vector, Rows embedding, int vocabulary, int n) {
    Arguments.requireFinite("the vector", vector);
    Arguments.requireAtLeast("vocabulary", vocabulary, 0);
    Arguments.requireAtLeast("n", n, 1);
    double length = Math.sqrt(dot(vector, vector));
    if (length == 0) {
      throw new IllegalArgumentException(
          "the vector has %d numbers, all 0, and so no direction".formatted(vector.length));
    }
    var best = new PriorityQueue<Neighbour>(NEAREST_FIRST.reversed()); // the worst is on top
    float[] row = new float[vector.length];
    for (int id = 0; id < vocabulary; id++) {
      embedding.copyRow(id, row);
      Arguments.requireFinite("the embedding of token " + id, row);
      double rowLength = Math.sqrt(dot(row, row));
      double cosine = rowLength == 0 ? 0 : dot(vector, row) / length / rowLength;
      best.add(new Neighbour(id, Math.clamp(cosine, -1.0, 1.0)));
      if (best.size() > n) {
        best.remove();
      }
    }
    var sorted = new ArrayList<>(best);
    sorted.sort(NEAREST_FIRST);
    return List.copyOf(sorted);
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }
}
