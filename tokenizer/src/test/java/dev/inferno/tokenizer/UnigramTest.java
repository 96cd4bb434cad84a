package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnigramTest {

  private static final int[] NO_BYTES = new int[256];

  static {
    Arrays.fill(NO_BYTES, -1);
  }

  private static Unigram unigram(List<String> pieces, double[] scores, int unknown, int[] bytes) {
    double least = Arrays.stream(scores).min().orElseThrow();
    return new Unigram(
        Utf8List.of(pieces),
        scores,
        id -> true,
        unknown,
        least - Unigram.UNKNOWN_PENALTY,
        bytes,
        Unigram.Sums.DOUBLE);
  }

  private static List<String> encode(Unigram unigram, String text) {
    byte[] utf8 = Utf8.encode("#" + text + "#"); // what is around it must not matter
    TokenSink sink = new TokenSink(8);
    unigram.encode(utf8, 1, utf8.length - 1, sink);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < sink.ids().length; i++) {
      tokens.add(sink.ids()[i] + " " + (sink.starts()[i] - 1) + "-" + (sink.ends()[i] - 1));
    }
    return tokens;
  }

  @Test
  void theWayOfTheGreatestSumIsTaken() {
    Unigram unigram =
        unigram(
            List.of("<unk>", "a", "b", "ab", "abc", "c", "bc"),
            new double[] {0, -1, -1, -3, -9, -4, -2},
            0,
            NO_BYTES);
    assertThat(encode(unigram, "ab")).containsExactly("1 0-1", "2 1-2");
    assertThat(encode(unigram, "abc")).containsExactly("1 0-1", "6 1-3");
    assertThat(encode(unigram, "")).isEmpty();
  }

  @Test
  void unknownCharactersInARowAreOneToken() {
    Unigram unigram = unigram(List.of("<unk>", "a"), new double[] {0, -1}, 0, NO_BYTES);
    assertThat(encode(unigram, "xéa漢")).containsExactly("0 0-3", "1 3-4", "0 4-7");
  }

  @Test
  void unknownCharactersBecomeTheirBytesIfAllHaveTokens() {
    int[] bytes = NO_BYTES.clone();
    bytes[0xC3] = 2;
    bytes[0xA9] = 3;
    Unigram unigram =
        unigram(List.of("<unk>", "a", "<0xC3>", "<0xA9>"), new double[] {0, -1, 0, 0}, 0, bytes);
    assertThat(encode(unigram, "éaé")).containsExactly("2 0-1", "3 1-2", "1 2-3", "2 3-4", "3 4-5");
    assertThat(encode(unigram, "éx")).containsExactly("0 0-3");
    assertThat(encode(unigram, "<unk>")).containsExactly("0 0-5");
  }

  @Test
  void withoutAnUnknownTokenCharactersAreLeftOut() {
    Unigram unigram = unigram(List.of("a"), new double[] {-1}, -1, NO_BYTES);
    TokenSink sink = new TokenSink(8);
    unigram.encode(Utf8.encode("aéa"), 0, 4, sink);
    assertThat(sink.ids()).containsExactly(0, 0);
    assertThat(sink.dropped()).containsExactly(1, 2);
  }

  @Test
  void sumsAreRoundedAsTheReferenceDoes() {
    // Too small a difference for a float beside the sum so far.
    List<String> pieces = List.of("<unk>", "xxxx", "ab", "a", "b");
    double[] scores = {0, -(1 << 24), -1.5, -0.9, -0.9};
    for (Unigram.Sums sums : Unigram.Sums.values()) {
      Unigram unigram =
          new Unigram(Utf8List.of(pieces), scores, id -> id > 0, 0, -1e9, NO_BYTES, sums);
      assertThat(encode(unigram, "xxxxab").getLast())
          .isEqualTo(sums == Unigram.Sums.SINGLE ? "4 5-6" : "2 4-6");
    }
  }

  @Test
  void findsTheBestOfAllWays() {
    String[] pieces = {"<unk>", "a", "b", "ab", "ba", "aba", "bb", "aab", "é", "éa"};
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      double[] scores = random.doubles(pieces.length, -9, -1).toArray();
      scores[0] = -1e6;
      Unigram unigram = unigram(List.of(pieces), scores, 0, NO_BYTES);
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length >= 0; length--) {
        text.append("abé".charAt(random.nextInt(3)));
      }
      double sum = 0;
      for (String token : encode(unigram, text.toString())) {
        sum += scores[Integer.parseInt(token.substring(0, token.indexOf(' ')))];
      }
      assertThat(sum).as("seed %d", seed).isEqualTo(best(text.toString(), pieces, scores));
    }
  }

  private static double best(String text, String[] pieces, double[] scores) {
    double[] best = new double[text.length() + 1];
    for (int end = 1; end <= text.length(); end++) {
      best[end] = Double.NEGATIVE_INFINITY;
      for (int id = 1; id < pieces.length; id++) {
        if (text.substring(0, end).endsWith(pieces[id])) {
          best[end] = Math.max(best[end], best[end - pieces[id].length()] + scores[id]);
        }
      }
    }
    return best[text.length()];
  }
}
