package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComposedTest {

  @Test
  void noCharacterOutsideAStretchComposesWithItsLast() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
        continue;
      }
      String composed = Character.toString(codePoint);
      String parts = Normalizer.normalize(composed, Normalizer.Form.NFD);
      if (!parts.equals(composed)
          && Normalizer.normalize(parts, Normalizer.Form.NFC).equals(composed)) {
        int last = parts.codePointBefore(parts.length());
        assertThat(Composed.combines(last)).as("U+%04X", last).isTrue();
      }
    }
  }

  @Test
  void stretchesGiveWhatTheWholeTextGives() {
    for (int seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      int[] alphabet = {
        'a', ' ', 'e', 0x301, 0x300, 0x323, 0x307, 0xE9, 0x1100, 0x1161, 0x11A8, 0xAC00, 0x212B,
        0x2126, 0x0958, 0x09C7, 0x09BE, 0x304B, 0x3099, 0xFA10, 0x16D63, 0x16D67, 0x1D15E, 0x1F600
      };
      for (int length = random.nextInt(10); length >= 0; length--) {
        text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
      }
      byte[] utf8 = Utf8.encode(text.toString());
      String whole = Normalizer.normalize(text, Normalizer.Form.NFC);
      Composed composed = Composed.of(utf8, 0, utf8.length);
      assertThat(new String(composed.utf8(), StandardCharsets.UTF_8))
          .as("seed %d", seed)
          .isEqualTo(whole);
      assertThat(Composed.isComposed(utf8, 0, utf8.length)).isEqualTo(whole.contentEquals(text));
      assertThat(composed.starts()[composed.utf8().length]).isEqualTo(utf8.length);
      assertThat(composed.ends()[composed.utf8().length]).isEqualTo(utf8.length);
    }
  }
}
