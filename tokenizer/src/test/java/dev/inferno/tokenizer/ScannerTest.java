package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The scanners against the regular expressions they stand for.
class ScannerTest {

  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  enum Family {
    GPT2(new Gpt2Scanner(false), ScannerTest.GPT2),
    SMOLLM(new Gpt2Scanner(true), "\\p{N}", ScannerTest.GPT2),
    LLAMA3(new Llama3Scanner(3), ScannerTest.LLAMA3),
    QWEN2(new Llama3Scanner(1), ScannerTest.LLAMA3.replace("{1,3}", "")),
    DEFAULT(
        new DefaultScanner(),
        "[\\p{P}\\$\\+<=>\\^~\\|]+",
        ScannerTest.GPT2,
        "\\p{N}+",
        "[0-9][0-9][0-9]");

    @SuppressWarnings("ImmutableEnumChecker") // a record without state that changes
    private final PreTokenizer scanner;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Pattern> patterns = new ArrayList<>();

    Family(PreTokenizer scanner, String... patterns) {
      this.scanner = scanner;
      for (String pattern : patterns) {
        this.patterns.add(
            Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE));
      }
    }

    /// Each expression cuts the pieces of the one before, around what it matches.
    List<String> byPattern(String text) {
      List<String> pieces = List.of(text);
      for (Pattern pattern : patterns) {
        List<String> cut = new ArrayList<>();
        for (String piece : pieces) {
          int at = 0;
          Matcher matcher = pattern.matcher(piece);
          while (matcher.find()) {
            addUnlessEmpty(piece.substring(at, matcher.start()), cut);
            addUnlessEmpty(matcher.group(), cut);
            at = matcher.end();
          }
          addUnlessEmpty(piece.substring(at), cut);
        }
        pieces = cut;
      }
      return pieces;
    }

    private static void addUnlessEmpty(String piece, List<String> pieces) {
      if (!piece.isEmpty()) {
        pieces.add(piece);
      }
    }

    List<String> byScanner(String text) {
      byte[] utf8 = Utf8.encode(text);
      List<String> pieces = new ArrayList<>();
      for (int from = 0; from < utf8.length; ) {
        int end = scanner.pieceEnd(utf8, from, utf8.length);
        pieces.add(new String(utf8, from, end - from, StandardCharsets.UTF_8));
        from = end;
      }
      return pieces;
    }
  }

  @ParameterizedTest
  @EnumSource
  void cutsTheCorpusAsTheExpression(Family family) {
    JsonNode texts = ExpectedIds.json(GgufMetadata.resourceBytes("corpus_a.json.gz")).get("cases");
    for (JsonNode line : texts) {
      String text = line.get("text").asText();
      assertThat(family.byScanner(text)).as(text).isEqualTo(family.byPattern(text));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cutsRandomTextAsTheExpression(Family family) {
    String[] alphabet = {
      " ",
      "  ",
      "\n",
      "\r\n",
      "\t",
      "\u00A0",
      "\u3000",
      "\u0085",
      "\u2028",
      "\u001C",
      "a",
      "Z",
      "é",
      "ſ",
      "漢",
      "ᾳ",
      "e\u0301",
      "1",
      "22",
      "345",
      "½",
      "٣",
      "Ⅷ",
      "'",
      "'s",
      "'S",
      "'ſ",
      "'re",
      "'LL",
      "'l",
      ".",
      "$",
      "+",
      "|",
      "_",
      "¿",
      "😀",
      "\u200B",
      "\uFFFD",
      "\u0000",
      "ª",
      "\uD801\uDC00"
    };
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length >= 0; length--) {
        text.append(alphabet[random.nextInt(alphabet.length)]);
      }
      assertThat(family.byScanner(text.toString()))
          .as("seed %d", seed)
          .isEqualTo(family.byPattern(text.toString()));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA3", "DEFAULT"}) // which between them tell all classes apart
  void classifiesEveryCharacterAsTheExpression(Family family) {
    StringBuilder text = new StringBuilder();
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (Character.isDefined(codePoint)
          && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE)
          && (codePoint < 0xE000 || codePoint > 0xF8FF)
          && codePoint < 0xF0000) {
        text.append("a b").appendCodePoint(codePoint).append("1 ");
      }
    }
    assertThat(family.byScanner(text.toString()).equals(family.byPattern(text.toString())))
        .isTrue();
  }
}
