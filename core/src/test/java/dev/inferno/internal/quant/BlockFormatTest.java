package dev.inferno.internal.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BlockFormatTest {
  static List<BlockFormat> formatsWithFixture() {
    return BlockFormats.all().stream().filter(format -> format.type() != GgmlType.F32).toList();
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
    assertThat(BlockFormats.of(GgmlType.IQ2_XXS)).isEmpty();
  }
}
