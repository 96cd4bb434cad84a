package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CharsMapTest {

  private static final byte[] PUBLISHED =
      new Metadata(GgufMetadata.resource("ugm_small.vocab.gguf.gz"), warning -> {})
          .bytes("tokenizer.ggml.precompiled_charsmap");

  private static String apply(CharsMap map, String text) {
    byte[] utf8 = Utf8.encode(text);
    ByteSink sink = new ByteSink(16);
    for (int i = 0; i < utf8.length; ) {
      long match = map.match(utf8, i, utf8.length);
      int end = i + (match == CharsMap.NONE ? Utf8.length(utf8[i]) : CharsMap.length(match));
      byte[] part =
          match == CharsMap.NONE ? Arrays.copyOfRange(utf8, i, end) : map.replacement(match);
      sink.add(part, 0, part.length);
      i = end;
    }
    return Utf8.decode(sink.array(), 0, sink.length());
  }

  @Test
  void replacesTheLongestSequence() {
    CharsMap map = CharsMap.read("map", PUBLISHED);
    assertThat(apply(map, "ＡＢＣ ﬁ ½ e\u0301 \u1112\u1161\u11AB\t\u3000x\u0000y"))
        .isEqualTo("ABC fi 1⁄2 é 한  x\u0000y");
  }

  @Test
  void anEmptyMapReplacesNothing() {
    assertThat(apply(CharsMap.read("map", new byte[0]), "Ａ e\u0301")).isEqualTo("Ａ e\u0301");
  }

  @Test
  void aMapThatContradictsItselfIsMalformed() {
    assertMalformed(new byte[3], "map has 3 bytes; it must have at least 4");
    assertMalformed(
        map(8, new int[] {1}, ""),
        "map says that its first part has 8 bytes; it must be a multiple of 4, and 4 are left");
    assertMalformed(
        map(-4, new int[] {1}, ""),
        "map says that its first part has 4294967292 bytes; it must be a multiple of 4, and 4 are left");
    assertMalformed(
        map(4, new int[] {1 << 31 | 7}, "ab\0"),
        "map: unit 0 points to byte 7 of the replacements, where none begins; they have 3 bytes");
    assertMalformed(
        map(4, new int[] {1 << 31 | 1}, "é\0"),
        "map: unit 0 points to byte 1 of the replacements, where none begins; they have 3 bytes");
    assertMalformed(
        map(4, new int[] {1}, "ab"), "map: the last replacement has no zero byte at its end");
    byte[] broken = map(4, new int[] {1}, "ab\0");
    broken[8] = (byte) 0xFF;
    assertMalformed(broken, "map: the replacements are not UTF-8 at byte 0 of them");
  }

  @Test
  void aDamagedMapIsRefusedOrGivesText() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] damaged = PUBLISHED.clone();
      for (int i = 0; i < 2000; i++) {
        damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt();
      }
      CharsMap map;
      try {
        map = CharsMap.read("map", damaged);
      } catch (MalformedTokenizerException e) {
        continue;
      }
      assertThat(apply(map, "ＡＢＣ ﬁ ½ e\u0301 漢字 😀")).as("seed %d", seed).isNotNull();
    }
  }

  private static byte[] map(int size, int[] units, String replacements) {
    byte[] text = replacements.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(4 + 4 * units.length + text.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(size);
    for (int unit : units) {
      buffer.putInt(unit);
    }
    return buffer.put(text).array();
  }

  private static void assertMalformed(byte[] map, String message) {
    assertThatThrownBy(() -> CharsMap.read("map", map))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessage(message);
  }
}
