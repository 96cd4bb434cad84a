package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.internal.quant.BlockFormat;
import jdk.incubator.vector.FloatVector;

/// How to do fast what {@link ScalarKernels} says. Loops that the compiler vectorises by itself are
/// left to it.
final class VectorKernels implements Kernels {
  /// How many elements are worked on at a time where that takes room for them.
  private static final int PART = 1024;

  /// From so many rows on a product is worked off in tiles.
  private static final int TALL = 12;

  private static final LaneKernels LANE_KERNELS = new VectorLanes();

  @Override
  public LaneKernels lanes() {
    return LANE_KERNELS;
  }

  @Override
  public String name() {
    return "vector, " + FLOATS.vectorBitSize() + " bits";
  }

  @Override
  public BlockFormat format(BlockFormat reference) {
    return VectorFormats.of(reference);
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    return VectorDots.dot(x, xAt, y, yAt, n);
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
    VectorDots.accumulate(values, valueStride, valueRows, x, xAt, xStride, xRows, n, partial);
  }

  @Override
  public float total(float[] partial, int at) {
    return VectorDots.total(partial, at);
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
    float mean = VectorReductions.sum(x, xAt, n) / n;
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
    float[] inner = Scratch.ofThisThread().band(PART);
    float[] e = Scratch.ofThisThread().partial(PART);
    for (int from = at; from < at + n; from += PART) {
      int part = Math.min(PART, at + n - from);
      for (int i = 0; i < part; i++) {
        float v = x[from + i];
        inner[i] = (v * v * v * Gelu.CUBIC + v) * Gelu.ROOT_OF_2_BY_PI;
      }
      VectorTangent.apply(inner, part, e);
      for (int i = 0; i < part; i++) {
        x[from + i] = x[from + i] * 0.5f * (inner[i] + 1);
      }
    }
  }

  @Override
  public void exactGelu(float[] x, int at, int n) {
    float[] e = Scratch.ofThisThread().partial(PART);
    for (int from = at; from < at + n; from += PART) {
      int part = Math.min(PART, at + n - from);
      for (int i = 0; i < part; i++) {
        e[i] = ExactGelu.exponent(x[from + i]);
      }
      VectorExponential.apply(e, 0, 1, 0, e, 0, part);
      for (int i = 0; i < part; i++) {
        x[from + i] = ExactGelu.with(e[i], x[from + i]);
      }
    }
  }

  @Override
  public void softcap(float[] x, int at, float cap, int n) {
    float[] shares = Scratch.ofThisThread().band(PART);
    float[] e = Scratch.ofThisThread().partial(PART);
    for (int from = at; from < at + n; from += PART) {
      int part = Math.min(PART, at + n - from);
      for (int i = 0; i < part; i++) {
        shares[i] = x[from + i] / cap;
      }
      VectorTangent.apply(shares, part, e);
      for (int i = 0; i < part; i++) {
        x[from + i] = shares[i] * cap;
      }
    }
  }

  @Override
  public void swiglu(float[] gate, int gateAt, float[] up, int upAt, int n) {
    float[] e = Scratch.ofThisThread().band(n);
    VectorExponential.apply(gate, gateAt, -1, 0, e, 0, n);
    int i = 0;
    for (; i <= n - LANES; i += LANES) { // gate and up may be parts of one array
      FloatVector.fromArray(FLOATS, gate, gateAt + i)
          .div(FloatVector.fromArray(FLOATS, e, i).add(1))
          .mul(FloatVector.fromArray(FLOATS, up, upAt + i))
          .intoArray(gate, gateAt + i);
    }
    for (; i < n; i++) {
      gate[gateAt + i] = gate[gateAt + i] / (1 + e[i]) * up[upAt + i];
    }
  }

  @Override
  public void softmax(float[] scores, int at, int n) {
    float max = VectorReductions.max(scores, at, n);
    VectorExponential.apply(scores, at, 1, -max, scores, at, n);
    scale(scores, at, 1 / VectorReductions.sum(scores, at, n), n);
  }

  @Override
  public void statistics(float[] logits, int at, int n, double[] out) {
    float max = VectorReductions.max(logits, at, n);
    float[] e = Scratch.ofThisThread().band(PART);
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < n; i += PART) { // floats in a part, doubles over the parts
      int part = Math.min(PART, n - i);
      VectorExponential.apply(logits, at + i, 1, -max, e, 0, part);
      sum += VectorReductions.sum(e, 0, part);
      weighted += VectorReductions.weighted(e, logits, at + i, -max, part);
    }
    int argmax = VectorReductions.indexOf(max, logits, at, n);
    LogitStatistics.write(out, max, argmax, sum, weighted);
  }

  @Override
  public void softmaxBlock(
      float[] scores, int rows, int n, float[] maxima, float[] sums, float[] factors) {
    VectorSoftmax.block(scores, rows, n, maxima, sums, factors);
  }

  @Override
  public void rotateHalves(
      float[] x, int at, int pairs, float[] cosines, float[] sines, int angles) {
    VectorRotation.halves(x, at, pairs, cosines, sines, angles);
  }

  @Override
  public void rotateNeighbours(
      float[] x, int at, int n, float[] cosines, float[] sines, int angles) {
    VectorRotation.neighbours(x, at, n, cosines, sines, angles);
  }

  @Override
  public void scaleColumns(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outAt) {
    VectorBytePages.columns(x, at, scales, rows, width, out, outAt);
  }

  @Override
  public void scaleBlocks(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outStride) {
    VectorBytePages.blocks(x, at, scales, rows, width, out, outStride);
  }

  @Override
  public int tileHeight() {
    return VectorTile.HEIGHT;
  }

  @Override
  public int smallTileHeight() {
    return VectorTile.SMALL_HEIGHT;
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
    VectorTile.multiply(x, xAt, height, panel, k, from, fromAt, fromStride, out, outAt, outStride);
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
    int tall = rows < TALL ? 0 : rows / 6 * 6; // what the tiles take whole
    VectorPageTile.multiply(
        x,
        xAt,
        xStride,
        tall,
        panel,
        panelAt,
        panelWidth,
        k,
        out,
        outAt,
        outStride,
        columns,
        accumulate);
    VectorStrip.multiply(
        x,
        xAt + tall * xStride,
        xStride,
        rows - tall,
        panel,
        panelAt,
        panelWidth,
        k,
        out,
        outAt + tall * outStride,
        outStride,
        columns,
        accumulate);
  }

  @Override
  public MachineLoops machineLoops() {
    return new VectorMachineLoops();
  }
}
