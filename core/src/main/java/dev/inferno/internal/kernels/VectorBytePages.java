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
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outAt) {
    int i = 0;
    for (; i <= width - BYTES.length(); i += LANES) {
      FloatVector scale = FloatVector.fromArray(FLOATS, scales, i);
      for (int row = 0; row < rows; row++) {
        ((FloatVector)
                ByteVector.fromArray(BYTES, x, at + row * width + i).convertShape(B2F, FLOATS, 0))
            .mul(scale)
            .intoArray(out, outAt + row * width + i);
      }
    }
    for (; i < width; i++) {
      for (int row = 0; row < rows; row++) {
        out[outAt + row * width + i] = x[at + row * width + i] * scales[i];
      }
    }
  }

  /// See {@link Kernels#scaleBlocks}.
  static void blocks(
      byte[] x, int at, float[] scales, int rows, int width, float[] out, int outStride) {
    int next = 0;
    for (int row = 0; row < rows; row++) {
      for (int from = 0; from < width; from += Kernels.SCALED_BLOCK) {
        int end = Math.min(width, from + Kernels.SCALED_BLOCK);
        float scale = scales[next++];
        int i = from;
        for (; i <= end - BYTES.length(); i += LANES) {
          ((FloatVector)
                  ByteVector.fromArray(BYTES, x, at + row * width + i).convertShape(B2F, FLOATS, 0))
              .mul(scale)
              .intoArray(out, row * outStride + i);
        }
        for (; i < end; i++) {
          out[row * outStride + i] = x[at + row * width + i] * scale;
        }
      }
    }
  }
}
