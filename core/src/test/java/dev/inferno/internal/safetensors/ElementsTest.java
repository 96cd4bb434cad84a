package dev.inferno.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElementsTest {

  @Test
  void elementsOfEveryPlainTypeBecomeFloats() {
    assertThat(floats("F32", buffer(8).putFloat(1.5f).putFloat(-0f))).containsExactly(1.5f, -0f);
    assertThat(floats("F64", buffer(8).putDouble(0.1))).containsExactly(0.1f);
    assertThat(floats("F16", buffer(4).putShort((short) 0x3C00).putShort((short) 0xFC00)))
        .containsExactly(1f, Float.NEGATIVE_INFINITY);
    assertThat(floats("BF16", buffer(4).putShort((short) 0x3F80).putShort((short) 0xC000)))
        .containsExactly(1f, -2f);
    assertThat(floats("I8", buffer(1).put((byte) -1))).containsExactly(-1);
    assertThat(floats("U8", buffer(1).put((byte) -1))).containsExactly(255);
    assertThat(floats("BOOL", buffer(2).put((byte) 1).put((byte) 0))).containsExactly(1, 0);
    assertThat(floats("I16", buffer(2).putShort((short) -1))).containsExactly(-1);
    assertThat(floats("U16", buffer(2).putShort((short) -1))).containsExactly(65535);
    assertThat(floats("I32", buffer(4).putInt(-7))).containsExactly(-7);
    assertThat(floats("U32", buffer(4).putInt(-1))).containsExactly(0x1p32f);
    assertThat(floats("I64", buffer(8).putLong(-7))).containsExactly(-7);
    assertThat(floats("U64", buffer(8).putLong(-1))).containsExactly(0x1p64f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"e4m3", "e5m2"})
  void everyPatternOfAnEightBitFloatIsWhatPyTorchSays(String kind) throws IOException {
    Path path = Fixtures.copied("float8").resolve("float8.safetensors");
    try (MappedSafetensors file = MappedSafetensors.open(path)) {
      float[] actual = file.floats(file.tensor(kind).orElseThrow());
      float[] expected = file.floats(file.tensor(kind + ".float32").orElseThrow());
      assertThat(actual).hasSize(256);
      for (int i = 0; i < expected.length; i++) {
        assertThat(Float.floatToIntBits(actual[i])) // which takes all that are no number for one
            .as("%s 0x%02x: %s, expected %s", kind, i, actual[i], expected[i])
            .isEqualTo(Float.floatToIntBits(expected[i]));
      }
    }
  }

  @Test
  void aTypeWithoutAPlainConversionIsRefusedByName() {
    assertThatThrownBy(() -> floats("F8_E8M0", buffer(1)))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageStartingWith("x: unsupported: tensor 'a' is F8_E8M0; supported are [BOOL,");
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static float[] floats(String type, ByteBuffer data) {
    SafetensorsType known = SafetensorsType.of(type).orElseThrow();
    int size = data.capacity();
    String json =
        "{\"a\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(type, size * 8 / known.bits(), size);
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    byte[] file =
        buffer(8 + header.length + size)
            .putLong(header.length)
            .put(header)
            .put(data.clear())
            .array();
    try (MappedSafetensors safetensors = MappedSafetensors.of(file, "x")) {
      return safetensors.floats(safetensors.tensor("a").orElseThrow());
    }
  }
}
