package dev.inferno.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SearchTest {

  /// Texts of two letters repeat themselves, so that what was met counts again.
  private static String text(Random random, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(random.nextInt(12) == 0 ? 'b' : 'a');
    }
    return text.toString();
  }

  @Test
  void findsWhatComparingAtEveryPlaceFinds() {
    Random random = new Random(1);
    int found = 0;
    for (int i = 0; i < 3000; i++) {
      String text = text(random, 80 + random.nextInt(60));
      int from = random.nextInt(40);
      String wanted =
          random.nextBoolean()
              ? text.substring(from, from + random.nextInt(40))
              : text(random, random.nextInt(24));
      int at = random.nextInt(text.length() + 1);
      int expected = text.indexOf(wanted, at);
      assertThat(Search.forwards(wanted).next(text, at)).isEqualTo(expected);
      assertThat(Search.backwards(wanted).next(text, at))
          .isEqualTo(at < wanted.length() ? -1 : text.lastIndexOf(wanted, at - wanted.length()));
      found += expected >= 0 && wanted.length() > 16 ? 1 : 0;
    }
    assertThat(found).isGreaterThan(100);
  }
}
