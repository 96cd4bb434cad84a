package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.Arrays;

/// A layer norm of each head by itself, without a bias; every head has a gain of its own.
public final class HeadLayerNorm implements HeadNorm {
  private final float[][] gains; // [heads][head size]
  private final float[] noBias; // [head size]
  private final float epsilon;
  private final Kernels kernels;

  /// The norm with these gains, those of all heads one behind the other.
  public HeadLayerNorm(float[] gains, int headSize, float epsilon, Kernels kernels) {
    this.gains = new float[gains.length / headSize][];
    for (int head = 0; head < this.gains.length; head++) {
      this.gains[head] = Arrays.copyOfRange(gains, head * headSize, (head + 1) * headSize);
    }
    this.noBias = new float[headSize];
    this.epsilon = epsilon;
    this.kernels = kernels;
  }

  @Override
  public void applyInPlace(Rows x, int at, int width) {
    int size = noBias.length;
    for (int row = 0; row < x.rows(); row++) {
      int begin = row * x.width() + at;
      for (int head = 0; head < width / size; head++) {
        int from = begin + head * size;
        kernels.layerNorm(x.data(), from, gains[head], noBias, epsilon, x.data(), from, size);
      }
    }
  }
}
