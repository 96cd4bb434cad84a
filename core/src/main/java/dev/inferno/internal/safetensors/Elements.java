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
    float[] floats = new float[(int) elements];
    if (tensor.type() == SafetensorsType.F32) {
      MemorySegment.copy(data, F32, 0, floats, 0, floats.length);
      return floats;
    }
    for (int i = 0; i < floats.length; i++) {
      floats[i] =
          switch (tensor.type()) {
            case F32 -> data.getAtIndex(F32, i);
            case F64 -> (float) data.getAtIndex(F64, i);
            case F16 -> Float.float16ToFloat(data.getAtIndex(I16, i));
            case BF16 -> Float.intBitsToFloat(data.getAtIndex(I16, i) << 16);
            case I64 -> data.getAtIndex(I64, i);
            case U64 -> unsigned(data.getAtIndex(I64, i));
            case I32 -> data.getAtIndex(I32, i);
            case U32 -> Integer.toUnsignedLong(data.getAtIndex(I32, i));
            case I16 -> data.getAtIndex(I16, i);
            case U16 -> Short.toUnsignedInt(data.getAtIndex(I16, i));
            case I8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case U8, BOOL -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, i));
            case F4, F6_E2M3, F6_E3M2, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
                throw new UnsupportedModelException(
                    ("%s: unsupported: tensor '%s' is %s; supported are F32, F64, F16, BF16, BOOL"
                            + " and the integers")
                        .formatted(file, tensor.name(), tensor.type()));
          };
    }
    return floats;
  }

  /// The nearest float of an unsigned number. Halved with the lost bit kept, so that it is rounded
  /// once.
  private static float unsigned(long bits) {
    return bits >= 0 ? bits : 2f * ((bits >>> 1) | (bits & 1));
  }
}
