package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.B2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/// Bytes times their scales. Every product is exact: 8 bits times the 11 of a half.
final class VectorBytePages {
  private VectorBytePages() {}

  /// See {@link Kernels#scaleColumns}.
  static void columns(
      byte[] x, int at, float[] scales, int scalesAt, int rows, int width, float[] out, int outAt) {
    for (int row = 0; row < rows; row++, at += width, outAt += width) {
      int i = 0;
      for (; i <= width - BYTES.length(); i += LANES) {
        ((FloatVector) ByteVector.fromArray(BYTES, x, at + i).convertShape(B2F, FLOATS, 0))
            .mul(FloatVector.fromArray(FLOATS, scales, scalesAt + i))
            .intoArray(out, outAt + i);
      }
      for (; i < width; i++) {
        out[outAt + i] = x[at + i] * scales[scalesAt + i];
      }
    }
  }

  /// See {@link Kernels#scaleBlocks}.
  static void blocks(
      byte[] x, int at, float[] scales, int scalesAt, int width, float[] out, int outAt) {
    for (int from = 0; from < width; from += Kernels.SCALED_BLOCK, scalesAt++) {
      int end = Math.min(width, from + Kernels.SCALED_BLOCK);
      float scale = scales[scalesAt];
      int i = from;
      for (; i <= end - BYTES.length(); i += LANES) {
        ((FloatVector) ByteVector.fromArray(BYTES, x, at + i).convertShape(B2F, FLOATS, 0))
            .mul(scale)
            .intoArray(out, outAt + i);
      }
      for (; i < end; i++) {
        out[outAt + i] = x[at + i] * scale;
      }
    }
  }
}
