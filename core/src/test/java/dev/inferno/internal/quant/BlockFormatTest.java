package dev.inferno.internal.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BlockFormatTest {
  /// Types that have no golden blocks, since their values are plain numbers of the JDK.
  private static final Set<GgmlType> PLAIN =
      Set.of(GgmlType.F32, GgmlType.F64, GgmlType.I8, GgmlType.I16, GgmlType.I32, GgmlType.I64);

  static List<BlockFormat> formatsWithFixture() {
    return BlockFormats.all().stream().filter(format -> !PLAIN.contains(format.type())).toList();
  }

  @ParameterizedTest
  @MethodSource("formatsWithFixture")
  void decodesToTheBitsOfGgml(BlockFormat format) {
    BlockFixture fixture = BlockFixture.of(format.type());
    float[] values = new float[fixture.values().length];
    format.decode(fixture.blocks(), 0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int expected = Float.floatToRawIntBits(fixture.values()[i]);
      if (bits != expected) {
        assertThat(Integer.toHexString(bits))
            .as("%s: value %d is %s, not %s", format.type(), i, values[i], fixture.values()[i])
            .isEqualTo(Integer.toHexString(expected));
      }
    }
  }

  @Test
  void singlePrecisionFloatsKeepTheirBits() {
    int[] bits = {0x7F80_0001, 0x8000_0000, 1, 0x3F80_0000, 0xFF80_0000};
    ByteBuffer bytes = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(bits);
    float[] values = new float[5];
    new F32().decode(MemorySegment.ofBuffer(bytes), 0, values, 0, 5);
    assertThat(values).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(Float.floatToRawIntBits(values[i])).isEqualTo(bits[i]);
    }
  }

  @Test
  void wholeNumbersAndDoublesAreRoundedToTheNearestFloat() {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(0, (byte) -128).put(1, (byte) 127);
    assertThat(decoded(new I8(), bytes)).isEqualTo(new float[] {-128, 127});
    bytes.putShort(0, Short.MIN_VALUE).putShort(2, (short) 300);
    assertThat(decoded(new I16(), bytes)).isEqualTo(new float[] {-32768, 300});
    bytes.putInt(0, Integer.MAX_VALUE).putInt(4, -16_777_217);
    assertThat(decoded(new I32(), bytes)).isEqualTo(new float[] {0x1p31f, -0x1p24f});
    bytes.putLong(0, Long.MIN_VALUE).putLong(8, 5);
    assertThat(decoded(new I64(), bytes)).isEqualTo(new float[] {-0x1p63f, 5});
    bytes.putDouble(0, 0.1).putDouble(8, -1e300);
    assertThat(decoded(new F64(), bytes)).isEqualTo(new float[] {0.1f, Float.NEGATIVE_INFINITY});
  }

  private static float[] decoded(BlockFormat format, ByteBuffer bytes) {
    float[] values = new float[2];
    format.decode(MemorySegment.ofBuffer(bytes), 0, values, 0, 2);
    return values;
  }

  @ParameterizedTest
  @MethodSource("formatsWithFixture")
  void decodesAnyBlockToAnyPlace(BlockFormat format) {
    BlockFixture fixture = BlockFixture.of(format.type());
    int size = format.type().blockSize();
    float[] values = new float[2 * size + 3];
    format.decode(fixture.blocks(), format.type().bytes(5L * size), values, 3, 2 * size);
    assertThat(values).startsWith(0, 0, 0);
    for (int i = 0; i < 2 * size; i++) {
      assertThat(values[3 + i]).isEqualTo(fixture.values()[5 * size + i]);
    }
  }

  @ParameterizedTest
  @MethodSource("formatsWithFixture")
  void theDotProductIsThatOfTheDecodedValues(BlockFormat format) {
    BlockFixture fixture = BlockFixture.of(format.type());
    int size = format.type().blockSize();
    float[] x = new float[4 * size + 1];
    float expected = 0;
    for (int i = 0; i < 4 * size; i++) {
      x[i + 1] = i % 7 - 3;
      expected += fixture.values()[3 * size + i] * x[i + 1];
    }
    assertThat(format.dot(fixture.blocks(), format.type().bytes(3L * size), x, 1, 4 * size))
        .isEqualTo(expected);
  }

  @Test
  void theTableFindsEachFormatByItsType() {
    for (BlockFormat format : BlockFormats.all()) {
      assertThat(BlockFormats.of(format.type())).containsSame(format);
    }
    assertThat(BlockFormats.of(GgmlType.Q8_K)).isEmpty();
  }
}
