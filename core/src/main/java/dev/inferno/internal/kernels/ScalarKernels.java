package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;

/// What is computed, in plain loops: the oracle of the vector twin, and the fallback where the
/// vector module is absent. Every sum runs in rising order of its index.
final class ScalarKernels implements Kernels {

  private static final int TILE_HEIGHT = 6;
  private static final int SMALL_TILE_HEIGHT = 3;

  private static final LaneKernels LANES = new ScalarLanes();

  @Override
  public LaneKernels lanes() {
    return LANES;
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public BlockFormat format(BlockFormat reference) {
    return reference;
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[xAt + i] * y[yAt + i];
    }
    return sum;
  }

  @Override
  public void accumulate(
      float[] values,
      int valueStride,
      int valueRows,
      float[] x,
      int xAt,
      int xStride,
      int xRows,
      int n,
      float[] partial) {
    for (int r = 0; r < xRows; r++) {
      for (int v = 0; v < valueRows; v++) {
        int at = (r * valueRows + v) * PARTIAL_SUMS; // one of these floats is enough here
        float sum = partial[at];
        for (int i = 0; i < n; i++) {
          sum += values[v * valueStride + i] * x[xAt + r * xStride + i];
        }
        partial[at] = sum;
      }
    }
  }

  @Override
  public float total(float[] partial, int at) {
    return partial[at];
  }

  @Override
  public void add(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] += y[yAt + i];
    }
  }

  @Override
  public void multiply(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] *= y[yAt + i];
    }
  }

  @Override
  public void scale(float[] x, int at, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] *= factor;
    }
  }

  @Override
  public void rmsNorm(
      float[] x, int xAt, float[] gain, float epsilon, float[] out, int outAt, int n) {
    float meanSquare = dot(x, xAt, x, xAt, n) / n;
    float factor = (float) (1 / Math.sqrt(meanSquare + epsilon));
    for (int i = 0; i < n; i++) {
      out[outAt + i] = x[xAt + i] * factor * gain[i];
    }
  }

  @Override
  public void layerNorm(
      float[] x,
      int xAt,
      float[] gain,
      float[] bias,
      float epsilon,
      float[] out,
      int outAt,
      int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[xAt + i];
    }
    float mean = sum / n;
    for (int i = 0; i < n; i++) {
      out[outAt + i] = x[xAt + i] - mean;
    }
    float variance = dot(out, outAt, out, outAt, n) / n;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    for (int i = 0; i < n; i++) {
      out[outAt + i] = out[outAt + i] * factor * gain[i] + bias[i];
    }
  }

  @Override
  public void gelu(float[] x, int at, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] = Gelu.of(x[at + i]);
    }
  }

  @Override
  public void exactGelu(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = ExactGelu.of(x[i]);
    }
  }

  @Override
  public void softcap(float[] x, int at, float cap, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] = HyperbolicTangent.of(x[at + i] / cap) * cap;
    }
  }

  @Override
  public void swiglu(float[] gate, int gateAt, float[] up, int upAt, int n) {
    for (int i = 0; i < n; i++) {
      float x = gate[gateAt + i];
      gate[gateAt + i] = x / (1 + Exponential.of(-x)) * up[upAt + i];
    }
  }

  @Override
  public void statistics(float[] logits, int at, int n, double[] out) {
    int best = at;
    float max = logits[at];
    for (int i = at + 1; i < at + n; i++) {
      if (logits[i] > max) {
        max = logits[i];
        best = i;
      }
    }
    double sum = 0;
    double weighted = 0;
    for (int i = at; i < at + n; i++) {
      float below = logits[i] - max;
      float e = Exponential.of(below);
      sum += e;
      weighted += e == 0 ? 0 : e * below; // minus infinity weighs nothing
    }
    LogitStatistics.write(out, max, best - at, sum, weighted);
  }

  @Override
  public void softmax(float[] scores, int at, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, scores[at + i]);
    }
    float sum = 0;
    for (int i = 0; i < n; i++) {
      float e = Exponential.of(scores[at + i] - max);
      scores[at + i] = e;
      sum += e;
    }
    scale(scores, at, 1 / sum, n);
  }

  @Override
  public void softmaxBlock(
      float[] scores, int rows, int n, float[] maxima, float[] sums, float[] factors) {
    for (int row = 0; row < rows; row++) {
      float max = maxima[row];
      for (int i = row * n; i < (row + 1) * n; i++) {
        max = Math.max(max, scores[i]);
      }
      float sum = 0;
      for (int i = row * n; i < (row + 1) * n; i++) {
        scores[i] = Exponential.of(scores[i] - max);
        sum += scores[i];
      }
      factors[row] = Exponential.of(maxima[row] - max);
      sums[row] = sums[row] * factors[row] + sum;
      maxima[row] = max;
    }
  }

  @Override
  public void rotateHalves(
      float[] x, int at, int pairs, float[] cosines, float[] sines, int angles) {
    for (int i = 0; i < pairs; i++) {
      float a = x[at + i];
      float b = x[at + pairs + i];
      x[at + i] = a * cosines[angles + i] - b * sines[angles + i];
      x[at + pairs + i] = a * sines[angles + i] + b * cosines[angles + i];
    }
  }

  @Override
  public void rotateNeighbours(
      float[] x, int at, int n, float[] cosines, float[] sines, int angles) {
    for (int i = 0; i < n; i += 2) {
      float a = x[at + i];
      float b = x[at + i + 1];
      x[at + i] = a * cosines[angles + i] + b * sines[angles + i];
      x[at + i + 1] = b * cosines[angles + i + 1] + a * sines[angles + i + 1];
    }
  }

  @Override
  public void scaleColumns(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outAt) {
    for (int i = 0; i < rows * width; i++) {
      out[outAt + i] = x[at + i] * scales[i % width];
    }
  }

  @Override
  public void scaleBlocks(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outStride) {
    int blocks = (width + SCALED_BLOCK - 1) / SCALED_BLOCK;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        float scale = scales[row * blocks + i / SCALED_BLOCK];
        out[row * outStride + i] = x[at + row * width + i] * scale;
      }
    }
  }

  @Override
  public void toHalf(float[] x, int xAt, short[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = Float.floatToFloat16(x[xAt + i]);
    }
  }

  @Override
  public void fromHalf(short[] x, int xAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = Float.float16ToFloat(x[xAt + i]);
    }
  }

  @Override
  public int tileHeight() {
    return TILE_HEIGHT;
  }

  @Override
  public int smallTileHeight() {
    return SMALL_TILE_HEIGHT;
  }

  @Override
  public void tile(
      float[] x,
      int xAt,
      int height,
      float[] panel,
      int k,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    for (int row = 0; row < height; row++) {
      int to = outAt + row * outStride;
      System.arraycopy(from, fromAt + row * fromStride, out, to, Layout.PANEL);
      for (int i = 0; i < k; i++) {
        float y = x[xAt + i * height + row];
        for (int j = 0; j < Layout.PANEL; j++) {
          out[to + j] += y * panel[i * Layout.PANEL + j];
        }
      }
    }
  }

  @Override
  public void pageProduct(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        float sum = 0;
        for (int i = 0; i < k; i++) {
          sum += x[xAt + r * xStride + i] * panel[panelAt + i * panelWidth + j];
        }
        int index = outAt + r * outStride + j;
        out[index] = accumulate ? out[index] + sum : sum;
      }
    }
  }

  @Override
  public MachineLoops machineLoops() {
    return new ScalarMachineLoops();
  }
}
