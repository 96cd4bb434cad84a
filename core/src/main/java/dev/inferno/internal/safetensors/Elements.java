package dev.inferno.internal.safetensors;

import dev.inferno.format.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Decodes the elements of a tensor to floats, whatever their type.
final class Elements {
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  static float[] floats(MemorySegment data, SafetensorsTensor tensor, String file) {
    long elements = tensor.elements();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new UnsupportedModelException(
          "%s: unsupported: tensor '%s' has %d elements, more than an array holds"
              .formatted(file, tensor.name(), elements));
    }
    requireNumbers(tensor, file);
    float[] floats = new float[(int) elements];
    if (tensor.type() == SafetensorsType.F32) {
      MemorySegment.copy(data, F32, 0, floats, 0, floats.length);
      return floats;
    }
    for (int i = 0; i < floats.length; i++) {
      floats[i] = number(data, tensor.type(), i);
    }
    return floats;
  }

  private static void requireNumbers(SafetensorsTensor tensor, String file) {
    if (!tensor.type().isNumbers()) {
      throw new UnsupportedModelException(
          "%s: unsupported: tensor '%s' is %s; supported are %s"
              .formatted(file, tensor.name(), tensor.type(), SafetensorsType.numbers()));
    }
  }

  /// The nearest float of an element whose type is one of numbers.
  static float number(MemorySegment data, SafetensorsType type, long i) {
    return switch (type) {
      case F32 -> data.getAtIndex(F32, i);
      case F64 -> (float) data.getAtIndex(F64, i);
      case F16 -> Float.float16ToFloat(data.getAtIndex(I16, i));
      case BF16 -> Float.intBitsToFloat(data.getAtIndex(I16, i) << 16);
      case F8_E4M3 -> e4m3(data.get(ValueLayout.JAVA_BYTE, i));
      // the upper half of an F16
      case F8_E5M2 -> Float.float16ToFloat((short) (data.get(ValueLayout.JAVA_BYTE, i) << 8));
      case I64 -> data.getAtIndex(I64, i);
      case U64 -> unsigned(data.getAtIndex(I64, i));
      case I32 -> data.getAtIndex(I32, i);
      case U32 -> Integer.toUnsignedLong(data.getAtIndex(I32, i));
      case I16 -> data.getAtIndex(I16, i);
      case U16 -> Short.toUnsignedInt(data.getAtIndex(I16, i));
      case I8 -> data.get(ValueLayout.JAVA_BYTE, i);
      case U8, BOOL -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, i));
      case F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw new IllegalArgumentException(type + " has no plain conversion");
    };
  }

  /// Sign, 4 bits of exponent, 3 of fraction, without infinities: only all bits set is no number.
  /// <https://arxiv.org/abs/2209.05433>
  private static float e4m3(byte bits) {
    int exponent = bits >> 3 & 0xf;
    int fraction = bits & 7;
    float magnitude;
    if (exponent == 0) {
      magnitude = fraction * 0x1p-9f;
    } else if (exponent == 15 && fraction == 7) {
      magnitude = Float.NaN;
    } else {
      magnitude = Math.scalb(8 + fraction, exponent - 10);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  /// The nearest float of an unsigned number. Halved with the lost bit kept, so that it is rounded
  /// once.
  private static float unsigned(long bits) {
    return bits >= 0 ? bits : 2f * ((bits >>> 1) | (bits & 1));
  }
}
