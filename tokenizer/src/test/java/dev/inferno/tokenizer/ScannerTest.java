package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

  private static final String GPT4O =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + CONTRACTION
          + "?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + CONTRACTION
          + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String MARKED_WORDS =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
          + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /// The letters of DeepSeek's first tokenizers, as published.
  private static final String CASED_LETTERS =
      "A-Za-z\\u00B5\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u01BA\\u01BC-\\u01BF\\u01C4"
          + "-\\u0293\\u0295-\\u02AF\\u0370-\\u0373\\u0376\\u0377\\u037B-\\u037D\\u037F"
          + "\\u0386\\u0388-\\u038A\\u038C\\u038E-\\u03A1\\u03A3-\\u03F5\\u03F7-\\u0481"
          + "\\u048A-\\u052F\\u0531-\\u0556\\u10A0-\\u10C5\\u13A0-\\u13F5\\u13F8-\\u13FD"
          + "\\u1C90-\\u1CBA\\u1CBD-\\u1CBF\\u1D00-\\u1D2B\\u1D6B-\\u1D77\\u1D79-\\u1D9A"
          + "\\u1E00-\\u1F15\\u1F18-\\u1F1D\\u1F20-\\u1F45\\u1F48-\\u1F4D\\u1F50-\\u1F57"
          + "\\u1F59\\u1F5B\\u1F5D\\u1F5F-\\u1F7D\\u1F80-\\u1FB4\\u1FB6-\\u1FBC\\u1FBE\\u1FC2"
          + "-\\u1FC4\\u1FC6-\\u1FCC\\u1FD0-\\u1FD3\\u1FD6-\\u1FDB\\u1FE0-\\u1FEC\\u1FF2-"
          + "\\u1FF4\\u1FF6-\\u1FFC\\u2102\\u2107\\u210A-\\u2113\\u2115\\u2119-\\u211D\\u2124"
          + "\\u2126\\u2128\\u212A-\\u212D\\u212F-\\u2134\\u2139\\u213C-\\u213F\\u2145-"
          + "\\u2149\\u214E\\u2183\\u2184\\u2C00-\\u2C7B\\u2C7E-\\u2CE4\\u2CEB-\\u2CEE\\u2CF2"
          + "\\u2CF3\\uA640-\\uA66D\\uA680-\\uA69B\\uA722-\\uA76F\\uA771-\\uA787\\uA78B-"
          + "\\uA78E\\uAB70-\\uABBF\\uFB00-\\uFB06\\uFB13-\\uFB17\\uFF21-\\uFF3A\\uFF41-"
          + "\\uFF5A\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}"
          + "-\\x{10CB2}\\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}";

  private static final String EAST_ASIAN = "[\\u4E00-\\u9FA5\\u0800-\\u4E00\\uAC00-\\uD7FF]+";

  enum Family {
    GPT2(new Gpt2Scanner(false), ScannerTest.GPT2),
    SMOLLM(new Gpt2Scanner(true), "\\p{N}", ScannerTest.GPT2),
    GPT4O(Splitters.GPT4O, ScannerTest.GPT4O),
    TEKKEN(Splitters.TEKKEN, ScannerTest.GPT4O.replace(CONTRACTION + "?", "").replace("{1,3}", "")),
    KIMI(
        Splitters.KIMI,
        "\\p{IsHan}+|"
            + ScannerTest.GPT4O
                .replace("\\p{M}]", "\\p{M}&&[^\\p{IsHan}]]")
                .replace("[\\r\\n/]", "[\\r\\n]")),
    JAIS2(
        Splitters.JAIS2,
        ScannerTest.LLAMA3.replace(
            "|\\s+(?!\\S)|\\s+",
            "|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)"
                + "|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}")),
    EXAONE_MOE(
        Splitters.EXAONE_MOE,
        CONTRACTION
            + "|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),
    TINY_AYA(
        Splitters.TINY_AYA,
        "\\d{1,3}(?=(?:\\d{3})*(?![\\p{IsAlphabetic}\\p{M}\\d\\p{Pc}²³¹¼½¾]))",
        ScannerTest.GPT4O),
    SUPERBPE(Splitters.SUPERBPE, "\\p{N}+", "(?=(\\d{3})+(?!\\d))"),
    QWEN35(
        Splitters.QWEN35,
        ScannerTest.LLAMA3
            .replace("{1,3}", "")
            .replace("?\\p{L}+", "?[\\p{L}\\p{M}]+")
            .replace("[^\\s\\p{L}\\p{N}]", "[^\\s\\p{L}\\p{M}\\p{N}]")),
    MARKED_WORDS(new MarkedWordsScanner(), ScannerTest.MARKED_WORDS),
    DEEPSEEK3(
        Splitters.DEEPSEEK3,
        "\\p{N}{1,3}",
        "[\\u4E00-\\u9FA5\\u3040-\\u309F\\u30A0-\\u30FF]+",
        ScannerTest.MARKED_WORDS),
    DEEPSEEK_CODER(
        Splitters.DEEPSEEK_CODER,
        "[\\r\\n]",
        "\\s?\\p{L}+",
        "\\s?\\p{P}+",
        ScannerTest.EAST_ASIAN,
        "\\p{N}"),
    DEEPSEEK_LLM(
        Splitters.DEEPSEEK_LLM,
        "[\\r\\n]",
        "\\s?[" + ScannerTest.CASED_LETTERS + "]+",
        "\\s?[!-/:-~！-／：-～‘-‟\\u3000-。]+",
        "\\s+\\z",
        ScannerTest.EAST_ASIAN,
        "\\p{N}+"),
    FALCON(Splitters.FALCON, "[\\p{P}\\$\\+<=>\\^~\\|`]+", ScannerTest.GPT2, "[0-9][0-9][0-9]"),
    LAGUNA(Splitters.LAGUNA, "[^\\n]+|[\\n]+", ScannerTest.LLAMA3.replace("{1,3}", "")),
    BAILING(
        Splitters.QWEN2,
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),
    SEED_CODER(
        Splitters.SEED_CODER,
        CONTRACTION
            + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+"
            + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
    UFAKZEKA(
        Splitters.UFAKZEKA, ScannerTest.LLAMA3.replace(CONTRACTION + "|", "").replace("{1,3}", "")),
    BLOOM(Splitters.BLOOM, " ?[^(\\s|.,!?…。，、।۔،)]+"),
    BLANKS_AT_END(new TrailingBlanks(), "\\s+\\z"),
    LLAMA3(new Llama3Scanner(3), ScannerTest.LLAMA3),
    QWEN2(new Llama3Scanner(1), ScannerTest.LLAMA3.replace("{1,3}", "")),
    DEFAULT(
        new DefaultScanner(),
        "[\\p{P}\\$\\+<=>\\^~\\|]+",
        ScannerTest.GPT2,
        "\\p{N}+",
        "[0-9][0-9][0-9]");

    @SuppressWarnings("ImmutableEnumChecker") // a record without state that changes
    private final Splitter scanner;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<Pattern> patterns = new ArrayList<>();

    Family(Splitter scanner, String... patterns) {
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
      PieceEnds ends = new PieceEnds(0);
      scanner.split(utf8, 0, utf8.length, ends);
      List<String> pieces = new ArrayList<>();
      int start = 0;
      for (int i = 0; i < ends.size(); i++) {
        pieces.add(new String(utf8, start, ends.get(i) - start, StandardCharsets.UTF_8));
        start = ends.get(i);
      }
      return pieces;
    }
  }

  /// Families whose expressions look ahead from everywhere, or overflow the stack.
  private static final Set<Family> NEED_QUADRATIC_TIME =
      EnumSet.of(
          Family.JAIS2,
          Family.EXAONE_MOE,
          Family.TINY_AYA,
          Family.SUPERBPE,
          Family.DEEPSEEK_LLM,
          Family.BLANKS_AT_END);

  @ParameterizedTest
  @EnumSource
  void cutsTheCorpusAsTheExpression(Family family) {
    JsonNode texts = ExpectedIds.json(GgufMetadata.resourceBytes("corpus_a.json.gz")).get("cases");
    for (JsonNode line : texts) {
      String text = line.get("text").asText();
      if (text.length() > 500 && NEED_QUADRATIC_TIME.contains(family)) {
        continue;
      }
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
      "`",
      "(",
      ",",
      "…",
      "।",
      "_",
      "letters",
      "CapitalLettersOfAllKinds",
      "¿",
      "😀",
      "\u200B",
      "\uFFFD",
      "\u0000",
      "ª",
      "\uD801\uDC00",
      "A",
      "bC",
      "ǅ",
      "ʰ",
      "/",
      "・",
      "ア",
      "々",
      "〇",
      "⺀",
      "1234567",
      "٣٣",
      " a",
      "       ",
      "\u200D"
    };
    for (int seed = 0; seed < 4000; seed++) {
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
