package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.analysis.Repetitions.Repetition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RepetitionsTest {
  private static int[] letters(String text) {
    return text.chars().toArray();
  }

  @Test
  void aRepetitionReachesAsFarAsItGoes() {
    assertThat(Repetitions.of(letters("xabcabcaby")))
        .containsExactly(new Repetition(1, 8, 3)); // abcabcab
    assertThat(Repetitions.of(letters("aaaa"))).containsExactly(new Repetition(0, 4, 1));
    assertThat(Repetitions.of(letters("abcd"))).isEmpty();
    assertThat(Repetitions.of(letters("a"))).isEmpty();
    assertThat(Repetitions.of(new int[0])).isEmpty();
    Repetition times = new Repetition(1, 8, 3);
    assertThat(times.end()).isEqualTo(9);
    assertThat(times.times()).isEqualTo(8 / 3.0);
  }

  @Test
  void repetitionsMayOverlapAndNest() {
    // Kolpakov and Kucherov's kind of example: squares within a longer repetition.
    assertThat(Repetitions.of(letters("aabaabaacaacaa")))
        .containsExactly(
            new Repetition(0, 2, 1),
            new Repetition(0, 8, 3),
            new Repetition(3, 2, 1),
            new Repetition(6, 2, 1),
            new Repetition(6, 8, 3),
            new Repetition(9, 2, 1),
            new Repetition(12, 2, 1));
  }

  @Test
  void tokensMayBeAnyNumbers() {
    assertThat(Repetitions.of(new int[] {-1, Integer.MAX_VALUE, -1, Integer.MAX_VALUE}))
        .containsExactly(new Repetition(0, 4, 2));
  }

  @Test
  void theyAreThoseThatTryingEverySpanFinds() {
    var random = new SplittableRandom(11);
    for (int round = 0; round < 3_000; round++) {
      int[] tokens = random.ints(random.nextInt(24), 0, random.nextInt(1, 4)).toArray();
      List<Repetition> expected = everySpan(tokens);
      assertThat(Repetitions.of(tokens)).as("%s", tokens).isEqualTo(expected);
      assertThat(Repetitions.atEnd(tokens))
          .as("at the end of %s", tokens)
          .isEqualTo(
              expected.stream()
                  .filter(repetition -> repetition.end() == tokens.length)
                  .max(Comparator.comparingInt(Repetition::length)));
    }
  }

  private static List<Repetition> everySpan(int[] tokens) {
    var found = new ArrayList<Repetition>();
    for (int start = 0; start < tokens.length; start++) {
      for (int end = start + 2; end <= tokens.length; end++) {
        int period = leastPeriod(tokens, start, end);
        boolean maximal =
            (start == 0 || tokens[start - 1] != tokens[start - 1 + period])
                && (end == tokens.length || tokens[end] != tokens[end - period]);
        if (2 * period <= end - start && maximal) {
          found.add(new Repetition(start, end - start, period));
        }
      }
    }
    return found;
  }

  private static int leastPeriod(int[] tokens, int start, int end) {
    int period = 1;
    while (!isPeriod(tokens, start, end, period)) {
      period++;
    }
    return period;
  }

  private static boolean isPeriod(int[] tokens, int start, int end, int period) {
    for (int i = start + period; i < end; i++) {
      if (tokens[i] != tokens[i - period]) {
        return false;
      }
    }
    return true;
  }

  @Test
  void ofSeveralThatEndTheTextTheLongestIsMeant() {
    assertThat(Repetitions.atEnd(letters("xabaabaa"))) // abaabaa rather than aa
        .contains(new Repetition(1, 7, 3));
    assertThat(Repetitions.atEnd(letters("aab"))).isEmpty();
  }

  /// What takes quadratic time here takes minutes.
  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void longTextsOfTheWorstKindsAreSearchedSoon() {
    int length = 100_000;
    int[] same = new int[length];
    assertThat(Repetitions.of(same)).containsExactly(new Repetition(0, length, 1));
    assertThat(Repetitions.atEnd(same)).isEqualTo(Optional.of(new Repetition(0, length, 1)));

    int[] blocks = new int[length];
    for (int i = 0; i < length; i++) {
      blocks[i] = i % 1000 == 999 ? 1 : 0;
    }
    assertThat(Repetitions.of(blocks))
        .hasSize(length / 1000 + 1)
        .contains(new Repetition(0, length, 1000));

    int[] fibonacci = fibonacci(length);
    assertThat(Repetitions.of(fibonacci)).hasSizeBetween(length / 2, length);
  }

  /// The infinite Fibonacci word, in which nearly as many repetitions begin as tokens.
  private static int[] fibonacci(int length) {
    int[] word = new int[length];
    int written = 1; // of 0
    for (int i = 0; written < length; i++) { // 0 becomes 0 1, 1 becomes 0
      if (i == 0) {
        word[written++] = 1;
      } else {
        word[written++] = 0;
        if (word[i] == 0 && written < length) {
          word[written++] = 1;
        }
      }
    }
    return word;
  }
}
