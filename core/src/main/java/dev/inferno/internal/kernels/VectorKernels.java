package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.internal.quant.BlockFormat;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// How to do fast what {@link ScalarKernels} says.
///
/// Long sums have one order, whoever computes them: sixteen columns go in turn to two accumulators,
/// column i to lane i modulo the width, and {@link Simd#sum} adds up what is in the lanes. So a
/// product straight from blocks, one over decoded values and one in parts have the same bits.
final class VectorKernels implements Kernels {
  private static final int HALF = PARTIAL_SUMS / 2;

  @Override
  public String name() {
    return "vector, "
        + FLOATS.vectorBitSize()
        + " bits"
        + (FusedMultiplyAdd.AVAILABLE ? "" : ", no fma");
  }

  @Override
  public BlockFormat format(BlockFormat reference) {
    return VectorFormats.of(reference);
  }

  @Override
  public float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - PARTIAL_SUMS; i += PARTIAL_SUMS) {
      for (int j = i; j < i + HALF; j += LANES) {
        even = Simd.fma(Simd.load(x, xAt + j), Simd.load(y, yAt + j), even);
        odd = Simd.fma(Simd.load(x, xAt + j + HALF), Simd.load(y, yAt + j + HALF), odd);
      }
    }
    if (i < n) {
      even = tail(x, xAt + i, y, yAt + i, Math.min(HALF, n - i), even);
      odd = tail(x, xAt + i + HALF, y, yAt + i + HALF, n - i - HALF, odd);
    }
    return Simd.sum(even.add(odd));
  }

  /// Adds the products of n more columns; lanes beyond them add nothing.
  private static FloatVector tail(
      float[] x, int xAt, float[] y, int yAt, int n, FloatVector accumulator) {
    FloatVector sum = accumulator;
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      sum =
          Simd.fma(
              FloatVector.fromArray(FLOATS, x, xAt + i, mask),
              FloatVector.fromArray(FLOATS, y, yAt + i, mask),
              sum);
    }
    return sum;
  }

  @Override
  public void accumulate(float[] x, int xAt, float[] y, int yAt, int n, float[] partial, int at) {
    FloatVector even = Simd.load(partial, at);
    FloatVector odd = Simd.load(partial, at + HALF);
    int i = 0;
    for (; i <= n - PARTIAL_SUMS; i += PARTIAL_SUMS) {
      for (int j = i; j < i + HALF; j += LANES) {
        even = Simd.fma(Simd.load(x, xAt + j), Simd.load(y, yAt + j), even);
        odd = Simd.fma(Simd.load(x, xAt + j + HALF), Simd.load(y, yAt + j + HALF), odd);
      }
    }
    if (i < n) {
      even = tail(x, xAt + i, y, yAt + i, Math.min(HALF, n - i), even);
      odd = tail(x, xAt + i + HALF, y, yAt + i + HALF, n - i - HALF, odd);
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }

  @Override
  public float total(float[] partial, int at) {
    return Simd.sum(Simd.load(partial, at).add(Simd.load(partial, at + HALF)));
  }

  @Override
  public void add(float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) { // a loop the compiler vectorises by itself, like those below
      x[xAt + i] += y[yAt + i];
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
  public void swiglu(float[] gate, int gateAt, float[] up, int upAt, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector x = Simd.load(gate, gateAt + i);
      x.div(Simd.exp(x.neg()).add(1)).mul(Simd.load(up, upAt + i)).intoArray(gate, gateAt + i);
    }
    for (; i < n; i++) {
      float x = gate[gateAt + i];
      gate[gateAt + i] = x / (1 + Exponential.of(-x)) * up[upAt + i];
    }
  }

  @Override
  public void softmax(float[] scores, int at, int n) {
    float max = max(scores, at, n);
    FloatVector sums = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = Simd.exp(Simd.load(scores, at + i).sub(max));
      e.intoArray(scores, at + i);
      sums = sums.add(e);
    }
    float sum = Simd.sum(sums);
    for (; i < n; i++) {
      float e = Exponential.of(scores[at + i] - max);
      scores[at + i] = e;
      sum += e;
    }
    scale(scores, at, 1 / sum, n);
  }

  private static float max(float[] x, int at, int n) {
    FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      highest = highest.max(Simd.load(x, at + i));
    }
    float max = highest.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      max = Math.max(max, x[at + i]);
    }
    return max;
  }

  @Override
  public void statistics(float[] logits, int at, int n, double[] out) {
    float max = max(logits, at, n);
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < n; i += STATISTICS_PART) { // floats in the lanes, doubles over the parts
      int end = Math.min(n, i + STATISTICS_PART);
      FloatVector sums = FloatVector.zero(FLOATS);
      FloatVector weights = FloatVector.zero(FLOATS);
      int j = i;
      for (; j <= end - LANES; j += LANES) {
        FloatVector below = Simd.load(logits, at + j).sub(max);
        FloatVector e = Simd.exp(below);
        sums = sums.add(e);
        // minus infinity weighs nothing: its product with 0 would be no number
        weights = weights.add(e.mul(below.max(-Float.MAX_VALUE)));
      }
      sum += Simd.sum(sums);
      weighted += Simd.sum(weights);
      for (; j < end; j++) {
        float below = logits[at + j] - max;
        float e = Exponential.of(below);
        sum += e;
        weighted += e == 0 ? 0 : e * below;
      }
    }
    LogitStatistics.write(out, max, indexOf(max, logits, at, n), sum, weighted);
  }

  private static final int STATISTICS_PART = 1024;

  private static int indexOf(float wanted, float[] x, int at, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMask<Float> equal = Simd.load(x, at + i).eq(wanted);
      if (equal.anyTrue()) {
        return i + equal.firstTrue();
      }
    }
    while (i < n - 1 && x[at + i] != wanted) {
      i++;
    }
    return i;
  }

  @Override
  public void scores(
      float[] q,
      int qAt,
      float[] keys,
      int keysAt,
      int stride,
      int headSize,
      int count,
      float scale,
      float[] scores,
      int at) {
    for (int i = 0; i < count; i++) {
      scores[at + i] = scale * dot(q, qAt, keys, keysAt + i * stride, headSize);
    }
  }

  @Override
  public void scores(
      float[] q,
      int qAt,
      short[] keys,
      int keysAt,
      int stride,
      int headSize,
      int count,
      float scale,
      float[] scores,
      int at) {
    for (int i = 0; i < count; i++) {
      FloatVector sums = FloatVector.zero(FLOATS);
      int key = keysAt + i * stride;
      int j = 0;
      for (; j <= headSize - LANES; j += LANES) {
        sums = Simd.fma(Simd.load(q, qAt + j), Simd.halves(keys, key + j), sums);
      }
      float sum = Simd.sum(sums);
      for (; j < headSize; j++) {
        sum += q[qAt + j] * Float.float16ToFloat(keys[key + j]);
      }
      scores[at + i] = scale * sum;
    }
  }

  @Override
  public void mix(
      float[] weights,
      int at,
      float[] values,
      int valuesAt,
      int stride,
      int headSize,
      int count,
      float[] z,
      int zAt) {
    int j = 0;
    for (; j <= headSize - LANES; j += LANES) {
      FloatVector sum = Simd.load(z, zAt + j);
      for (int i = 0; i < count; i++) {
        FloatVector weight = FloatVector.broadcast(FLOATS, weights[at + i]);
        sum = Simd.fma(weight, Simd.load(values, valuesAt + i * stride + j), sum);
      }
      sum.intoArray(z, zAt + j);
    }
    for (; j < headSize; j++) {
      for (int i = 0; i < count; i++) {
        z[zAt + j] += weights[at + i] * values[valuesAt + i * stride + j];
      }
    }
  }

  @Override
  public void mix(
      float[] weights,
      int at,
      short[] values,
      int valuesAt,
      int stride,
      int headSize,
      int count,
      float[] z,
      int zAt) {
    int j = 0;
    for (; j <= headSize - LANES; j += LANES) {
      FloatVector sum = Simd.load(z, zAt + j);
      for (int i = 0; i < count; i++) {
        FloatVector weight = FloatVector.broadcast(FLOATS, weights[at + i]);
        sum = Simd.fma(weight, Simd.halves(values, valuesAt + i * stride + j), sum);
      }
      sum.intoArray(z, zAt + j);
    }
    for (; j < headSize; j++) {
      for (int i = 0; i < count; i++) {
        z[zAt + j] += weights[at + i] * Float.float16ToFloat(values[valuesAt + i * stride + j]);
      }
    }
  }

  @Override
  public void tile(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] panel,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    VectorTile.multiply(
        x, xAt, xStride, rows, panel, panelWidth, k, out, outAt, outStride, columns, accumulate);
  }
}
