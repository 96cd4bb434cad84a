package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EightBytesTest {

  @Test
  void atMostEightBytesAreReadAndNothingBehindThem() {
    byte[] bytes = {(byte) 0x81, 2, 3, 4, 5, 6, 7, (byte) 0x88, 9, 10};
    assertThat(EightBytes.read(bytes, 0, 8)).isEqualTo(0x8807060504030281L);
    assertThat(EightBytes.read(bytes, 1, 10)).isEqualTo(0x0988070605040302L);
    assertThat(EightBytes.read(bytes, 0, 1)).isEqualTo(0x81);
    assertThat(EightBytes.read(bytes, 7, 10)).isEqualTo(0x0A0988);
    assertThat(EightBytes.read(bytes, 3, 3)).isZero();
    assertThat(EightBytes.read(bytes, 10, 10)).isZero();
  }

  @Test
  void theHashOfAWordIsTheSameWhereverItStands() {
    Random random = new Random(1);
    for (int length = 0; length < 30; length++) {
      byte[] word = new byte[length];
      random.nextBytes(word);
      int hash = EightBytes.hash(word, 0, length);
      for (int place = 0; place < 12; place++) {
        byte[] text = new byte[40 + place];
        random.nextBytes(text);
        int start = random.nextInt(text.length - length + 1);
        System.arraycopy(word, 0, text, start, length);
        assertThat(EightBytes.hash(text, start, start + length)).isEqualTo(hash);
      }
    }
  }

  @Test
  void wordsThatDifferInOneByteDifferInTheirHash() {
    for (int length = 1; length < 30; length++) {
      byte[] word = new byte[length];
      Arrays.fill(word, (byte) 'a');
      int hash = EightBytes.hash(word, 0, length);
      for (int i = 0; i < length; i++) {
        byte[] other = word.clone();
        other[i]++;
        assertThat(EightBytes.hash(other, 0, length)).isNotEqualTo(hash);
      }
    }
  }

  @Test
  void everyByteIsALetterOrNone() {
    for (int octet = -128; octet < 128; octet++) {
      boolean isLetter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
      for (int place = 0; place < 8; place++) {
        byte[] text = "lettersABCDEFGH".getBytes(StandardCharsets.US_ASCII);
        text[place] = (byte) octet;
        // Behind the first eight there are too few for another group.
        assertThat(EightBytes.lettersEnd(text, 0, text.length))
            .as("%d at %d", octet, place)
            .isEqualTo(isLetter ? 8 : place);
      }
    }
  }
}
