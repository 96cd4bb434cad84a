package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A megabyte of text that has no words, for each kind of tokenizer.
class WorstCaseTest {

  private static final int BYTES = 1_000_000;

  @TempDir private static Path folder;

  /// The general way of a `tokenizer.json`: everything that looks at more than one character.
  private static final String JSON =
      """
      {"normalizer": {"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "StripAccents"}, {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "_"}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\\\s+(?!\\\\S)|\\\\d{1,3}"}, "behavior": "Isolated"},
        {"type": "Punctuation"}, {"type": "Metaspace"}]},
       "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true,
        "vocab": {"<unk>": 0, "a": 1, "b": 2, "aa": 3, "ab": 4, "aaaa": 5, "1": 6, "11": 7},
        "merges": ["a a", "a b", "aa aa", "1 1"]}}
      """;

  enum Text {
    LETTERS("a"),
    CAPITALS("A"),
    BLANKS(" "),
    NEWLINES("\n"),
    DIGITS("1"),
    MARKS("!"),
    QUOTES("'"),
    IDEOGRAPHS("\u6F22"),
    COMBINING_MARKS("\u0301"),
    DISORDERED_MARKS("\u0301\u0323"),
    RANDOM_LETTERS("") {
      @Override
      String megabyte() {
        return random('a', 'z' + 1, BYTES);
      }
    },
    RANDOM_IDEOGRAPHS("") {
      @Override
      String megabyte() {
        return random(0x4E00, 0x9E00, BYTES / 3);
      }
    },
    RANDOM_BYTES("") {
      @Override
      String megabyte() {
        byte[] bytes = new byte[BYTES / 2]; // most become U+FFFD
        new Random(1).nextBytes(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
      }
    };

    private final String unit;

    Text(String unit) {
      this.unit = unit;
    }

    String megabyte() {
      return unit.repeat(BYTES / Utf8.encode(unit).length);
    }

    private static String random(int from, int to, int length) {
      return new Random(1)
          .ints(length, from, to)
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
          .toString();
    }
  }

  static Stream<Arguments> cases() {
    return Stream.of("gpt2", "qwen3", "smollm2", "mistral_v1", "ugm_small", "bert_bge", "json")
        .flatMap(kind -> Stream.of(Text.values()).map(text -> Arguments.of(kind, text)));
  }

  private static Tokenizer tokenizer(String kind) {
    return kind.equals("json")
        ? new TokenizerFolder(folder).read("worst.json", JSON)
        : ExpectedIds.resource(kind).tokenizer();
  }

  @ParameterizedTest
  @MethodSource("cases")
  // Each takes a fraction of a second; quadratic time would be many minutes.
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aMegabyteTakesNoQuadraticTime(String kind, Text text) {
    Tokenizer tokenizer = tokenizer(kind);
    String megabyte = text.megabyte();
    Encoding encoding =
        tokenizer.encode(megabyte, EncodeOptions.defaults().withAddedSpecials(false));
    if (kind.equals("gpt2") || kind.equals("mistral_v1")) { // these change no text
      assertThat(tokenizer.decode(encoding.ids())).isEqualTo(megabyte);
    }
    for (int i = 1; i < encoding.size(); i++) {
      assertThat(encoding.byteStart(i)).isGreaterThanOrEqualTo(encoding.byteStart(i - 1));
    }
  }
}
