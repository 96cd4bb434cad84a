package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {

  @Test
  void eachMaximalPartOfACharacterBecomesOneReplacement() {
    assertThat(decode(0x61, 0xF1, 0x80, 0x80, 0xE1, 0x80, 0xC2, 0x62, 0x80, 0x63, 0x80, 0xBF, 0x64))
        .isEqualTo("a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  }

  @Test
  void anEncodedSurrogateBecomesThreeReplacements() {
    assertThat(decode(0xED, 0xA0, 0x80)).isEqualTo("\uFFFD\uFFFD\uFFFD");
  }

  @Test
  void otherBytesAreDecodedAsThePlatformDoes() {
    for (int seed = 0; seed < 5000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(12)];
      for (int i = 0; i < bytes.length; i++) {
        int octet = random.nextInt(256);
        bytes[i] = (byte) (octet == 0xED ? 0xEC : octet);
      }
      assertThat(Utf8.decode(bytes, 0, bytes.length))
          .as("seed %d", seed)
          .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  @Test
  void aLoneSurrogateIsEncodedAsAReplacement() {
    assertThat(Utf8.encode("a\uD83Db\uDE00"))
        .isEqualTo("a\uFFFDb\uFFFD".getBytes(StandardCharsets.UTF_8));
    assertThat(Utf8.encode("\uD83D\uDE00"))
        .isEqualTo("\uD83D\uDE00".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bytesEndWithACharacterUnlessItsTextEndsWithAReplacement() {
    for (int seed = 0; seed < 5000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[1 + random.nextInt(6)];
      for (int i = 0; i < bytes.length; i++) {
        int[] leads = {0x61, 0xC3, 0xE4, 0xEF, 0xBF, 0xBD, 0xF0, 0x9F, 0x98, 0x80, 0xED, 0xFF};
        bytes[i] = (byte) leads[random.nextInt(leads.length)];
      }
      assertThat(Utf8.endsWithCharacter(bytes, bytes.length))
          .as("seed %d", seed)
          .isEqualTo(!Utf8.decode(bytes, 0, bytes.length).endsWith("\uFFFD"));
    }
  }

  private static String decode(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return Utf8.decode(bytes, 0, bytes.length);
  }
}
