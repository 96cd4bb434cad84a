package dev.inferno.internal.nn;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Random matrices, and their products in doubles.
final class Matrices {
  private final SplittableRandom random;
  private final Kernels kernels;

  Matrices(long seed, Kernels kernels) {
    this.random = new SplittableRandom(seed);
    this.kernels = kernels;
  }

  /// Floats around zero.
  float[] floats(int n) {
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }

  /// The affine map with these weights, `[rows, columns]`.
  Linear linear(float[] weights, int rows, int columns, float... bias) {
    MemorySegment data = Arena.ofAuto().allocate(4L * weights.length);
    MemorySegment.copy(weights, 0, data, ValueLayout.JAVA_FLOAT, 0, weights.length);
    return new Linear(
        Weights.of("test", GgmlType.F32, rows, columns, data, kernels), bias, kernels);
  }

  /// Rows with this content, all of them of the decode class or all of a long segment.
  static Rows rows(float[] data, int rows) {
    var x = new Rows(rows, data.length / rows);
    x.resize(rows, rows > Rows.SHORT_SEGMENT ? rows : 0);
    System.arraycopy(data, 0, x.data(), 0, data.length);
    return x;
  }

  /// `matrix * x[row]` for a matrix of so many rows.
  static double[] product(float[] matrix, int rows, float[] x, int row) {
    int columns = matrix.length / rows;
    double[] out = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        out[i] += (double) matrix[i * columns + j] * x[row * columns + j];
      }
    }
    return out;
  }

  /// `matrix * x` for a matrix of so many rows.
  static double[] product(float[] matrix, int rows, double[] x) {
    double[] out = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < x.length; j++) {
        out[i] += matrix[i * x.length + j] * x[j];
      }
    }
    return out;
  }
}
