package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Kernels.PARTIAL_SUMS;
import static dev.inferno.internal.kernels.Simd.BY_1;
import static dev.inferno.internal.kernels.Simd.BY_2;
import static dev.inferno.internal.kernels.Simd.BY_4;
import static dev.inferno.internal.kernels.Simd.BY_8;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Dot products of several rows with several rows, which share their loads in tiles of two by four.
/// Written out for the reason that {@link FusedProduct} gives.
///
/// Every long sum has one order, in whatever tile it is: sixteen columns go in turn to two sums,
/// column i to lane i modulo the width, and {@link #total} adds up what is in the lanes. So a
/// product straight from blocks, one over decoded values and one in parts have the same bits.
final class VectorDots {
  private VectorDots() {}

  /// See {@link Kernels#accumulate}.
  static void accumulate(
      float[] values,
      int valueStride,
      int valueRows,
      float[] x,
      int xAt,
      int xStride,
      int xRows,
      int n,
      float[] partial) {
    int whole = n / PARTIAL_SUMS * PARTIAL_SUMS;
    int partialStride = valueRows * PARTIAL_SUMS;
    for (int value = 0; value < valueRows && whole > 0; value += 2) {
      int valuesAt = value * valueStride;
      int at = value * PARTIAL_SUMS;
      int row = 0;
      for (; row + 4 <= xRows && value + 2 <= valueRows; row += 4) {
        twoByFour(
            values,
            valuesAt,
            valueStride,
            x,
            xAt + row * xStride,
            xStride,
            whole,
            partial,
            at + row * partialStride,
            partialStride);
      }
      for (; row < xRows; row++) {
        for (int v = value; v < Math.min(value + 2, valueRows); v++) {
          oneByOne(
              values,
              v * valueStride,
              x,
              xAt + row * xStride,
              whole,
              partial,
              v * PARTIAL_SUMS + row * partialStride);
        }
      }
    }
    for (int row = 0; row < xRows && whole < n; row++) {
      for (int value = 0; value < valueRows; value++) {
        last(
            values,
            value * valueStride + whole,
            x,
            xAt + row * xStride + whole,
            n - whole,
            partial,
            value * PARTIAL_SUMS + row * partialStride);
      }
    }
  }

  /// See {@link Kernels#dot}.
  static float dot(float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - PARTIAL_SUMS; i += PARTIAL_SUMS) {
      for (int j = 0; j < HALF; j += LANES) {
        even =
            FloatVector.fromArray(FLOATS, x, xAt + i + j)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j), even);
        odd =
            FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j + HALF), odd);
      }
    }
    for (; i < n; i += HALF) { // the last columns
      FloatVector turn = even;
      int end = Math.min(HALF, n - i);
      for (int j = 0; j < end; j += LANES) {
        VectorMask<Float> mask = Simd.first(end - j);
        turn =
            FloatVector.fromArray(FLOATS, x, xAt + i + j, mask)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j, mask), turn);
      }
      even = odd;
      odd = turn;
    }
    FloatVector sum = even.add(odd);
    if (LANES > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (LANES > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    sum = sum.add(sum.rearrange(BY_2));
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  /// What an unfinished sum comes to, the lanes in one fixed order. That of `reduceLanes` is
  /// undefined, and changes when its caller is compiled.
  static float total(float[] partial, int at) {
    FloatVector even = FloatVector.fromArray(FLOATS, partial, at);
    FloatVector odd = FloatVector.fromArray(FLOATS, partial, at + HALF);
    FloatVector sum = even.add(odd);
    if (LANES > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (LANES > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    sum = sum.add(sum.rearrange(BY_2));
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  /// One row times one, the last columns, fewer than 32; lanes beyond them add nothing.
  private static void last(float[] x, int xAt, float[] y, int yAt, int n, float[] partial, int at) {
    FloatVector even = FloatVector.fromArray(FLOATS, partial, at);
    FloatVector odd = FloatVector.fromArray(FLOATS, partial, at + HALF);
    for (int i = 0; i < n; i += HALF) {
      FloatVector sum = even; // the sums take turns
      int end = Math.min(HALF, n - i);
      for (int j = 0; j < end; j += LANES) {
        VectorMask<Float> mask = Simd.first(end - j);
        sum =
            FloatVector.fromArray(FLOATS, x, xAt + i + j, mask)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j, mask), sum);
      }
      even = odd;
      odd = sum;
    }
    boolean swapped = (n + HALF - 1) / HALF % 2 == 1;
    even.intoArray(partial, swapped ? at + HALF : at);
    odd.intoArray(partial, swapped ? at : at + HALF);
  }

  /// One row times one; n is a multiple of 32.
  private static void oneByOne(
      float[] x, int xAt, float[] y, int yAt, int n, float[] partial, int at) {
    FloatVector even = FloatVector.fromArray(FLOATS, partial, at);
    FloatVector odd = FloatVector.fromArray(FLOATS, partial, at + HALF);
    for (int i = 0; i < n; i += PARTIAL_SUMS) {
      for (int j = 0; j < HALF; j += LANES) {
        even =
            FloatVector.fromArray(FLOATS, x, xAt + i + j)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j), even);
        odd =
            FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF)
                .fma(FloatVector.fromArray(FLOATS, y, yAt + i + j + HALF), odd);
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }

  /// Two rows of values times four of x; n is a multiple of 32.
  private static void twoByFour(
      float[] values,
      int valuesAt,
      int valueStride,
      float[] x,
      int xAt,
      int xStride,
      int n,
      float[] partial,
      int at,
      int partialStride) {
    FloatVector a0even = FloatVector.fromArray(FLOATS, partial, at);
    FloatVector a0odd = FloatVector.fromArray(FLOATS, partial, at + HALF);
    FloatVector b0even = FloatVector.fromArray(FLOATS, partial, at + PARTIAL_SUMS);
    FloatVector b0odd = FloatVector.fromArray(FLOATS, partial, at + PARTIAL_SUMS + HALF);
    FloatVector a1even = FloatVector.fromArray(FLOATS, partial, at + partialStride);
    FloatVector a1odd = FloatVector.fromArray(FLOATS, partial, at + partialStride + HALF);
    FloatVector b1even = FloatVector.fromArray(FLOATS, partial, at + partialStride + PARTIAL_SUMS);
    FloatVector b1odd =
        FloatVector.fromArray(FLOATS, partial, at + partialStride + PARTIAL_SUMS + HALF);
    FloatVector a2even = FloatVector.fromArray(FLOATS, partial, at + 2 * partialStride);
    FloatVector a2odd = FloatVector.fromArray(FLOATS, partial, at + 2 * partialStride + HALF);
    FloatVector b2even =
        FloatVector.fromArray(FLOATS, partial, at + 2 * partialStride + PARTIAL_SUMS);
    FloatVector b2odd =
        FloatVector.fromArray(FLOATS, partial, at + 2 * partialStride + PARTIAL_SUMS + HALF);
    FloatVector a3even = FloatVector.fromArray(FLOATS, partial, at + 3 * partialStride);
    FloatVector a3odd = FloatVector.fromArray(FLOATS, partial, at + 3 * partialStride + HALF);
    FloatVector b3even =
        FloatVector.fromArray(FLOATS, partial, at + 3 * partialStride + PARTIAL_SUMS);
    FloatVector b3odd =
        FloatVector.fromArray(FLOATS, partial, at + 3 * partialStride + PARTIAL_SUMS + HALF);
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int next = valuesAt + valueStride;
    for (int i = 0; i < n; i += PARTIAL_SUMS) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, values, valuesAt + i + j);
        FloatVector b = FloatVector.fromArray(FLOATS, values, next + i + j);
        FloatVector y = FloatVector.fromArray(FLOATS, x, xAt + i + j);
        a0even = y.fma(a, a0even);
        b0even = y.fma(b, b0even);
        y = FloatVector.fromArray(FLOATS, x, x1 + i + j);
        a1even = y.fma(a, a1even);
        b1even = y.fma(b, b1even);
        y = FloatVector.fromArray(FLOATS, x, x2 + i + j);
        a2even = y.fma(a, a2even);
        b2even = y.fma(b, b2even);
        y = FloatVector.fromArray(FLOATS, x, x3 + i + j);
        a3even = y.fma(a, a3even);
        b3even = y.fma(b, b3even);
        a = FloatVector.fromArray(FLOATS, values, valuesAt + i + j + HALF);
        b = FloatVector.fromArray(FLOATS, values, next + i + j + HALF);
        y = FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF);
        a0odd = y.fma(a, a0odd);
        b0odd = y.fma(b, b0odd);
        y = FloatVector.fromArray(FLOATS, x, x1 + i + j + HALF);
        a1odd = y.fma(a, a1odd);
        b1odd = y.fma(b, b1odd);
        y = FloatVector.fromArray(FLOATS, x, x2 + i + j + HALF);
        a2odd = y.fma(a, a2odd);
        b2odd = y.fma(b, b2odd);
        y = FloatVector.fromArray(FLOATS, x, x3 + i + j + HALF);
        a3odd = y.fma(a, a3odd);
        b3odd = y.fma(b, b3odd);
      }
    }
    a0even.intoArray(partial, at);
    a0odd.intoArray(partial, at + HALF);
    b0even.intoArray(partial, at + PARTIAL_SUMS);
    b0odd.intoArray(partial, at + PARTIAL_SUMS + HALF);
    a1even.intoArray(partial, at + partialStride);
    a1odd.intoArray(partial, at + partialStride + HALF);
    b1even.intoArray(partial, at + partialStride + PARTIAL_SUMS);
    b1odd.intoArray(partial, at + partialStride + PARTIAL_SUMS + HALF);
    a2even.intoArray(partial, at + 2 * partialStride);
    a2odd.intoArray(partial, at + 2 * partialStride + HALF);
    b2even.intoArray(partial, at + 2 * partialStride + PARTIAL_SUMS);
    b2odd.intoArray(partial, at + 2 * partialStride + PARTIAL_SUMS + HALF);
    a3even.intoArray(partial, at + 3 * partialStride);
    a3odd.intoArray(partial, at + 3 * partialStride + HALF);
    b3even.intoArray(partial, at + 3 * partialStride + PARTIAL_SUMS);
    b3odd.intoArray(partial, at + 3 * partialStride + PARTIAL_SUMS + HALF);
  }
}
