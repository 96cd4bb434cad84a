package dev.inferno.tokenizer;

/// How the families of byte-level tokenizers cut text: as scanners where they are common or where
/// their expressions are dangerous, else by the expressions they were published with.
///
/// The expressions are facts of the published tokenizers, of which llama.cpp's `llama-vocab.cpp`
/// has adaptations.
final class Splitters {

  static final Splitter DEFAULT = new DefaultScanner();
  static final Splitter GPT2 = new Gpt2Scanner(false);
  static final Splitter SMOLLM = new Gpt2Scanner(true);
  static final Splitter LLAMA3 = new Llama3Scanner(3);
  static final Splitter QWEN2 = new Llama3Scanner(1);
  static final Splitter QWEN35 = new Qwen35Scanner();
  static final Splitter GPT4O = new Gpt4oScanner(3, true, true, false);
  static final Splitter TEKKEN = new Gpt4oScanner(1, false, true, false);
  static final Splitter KIMI = new Gpt4oScanner(3, true, false, true);
  static final Splitter JAIS2 = new Jais2Splitter();
  static final Splitter EXAONE_MOE = new ExaoneScanner();

  static final Splitter NUMBERS = Runs.of(Runs.Kind.NUMBERS);
  static final Splitter ONE_NUMBER = Runs.upTo(1, Runs.Kind.NUMBERS);
  static final Splitter THREE_NUMBERS = Runs.upTo(3, Runs.Kind.NUMBERS);
  private static final Splitter ONE_NEWLINE = Runs.upTo(1, Runs.Kind.NEWLINES);
  private static final Splitter LINES = Runs.of((utf8, i) -> utf8[i] == '\n');

  private static final Splitter EAST_ASIAN =
      Runs.of(Runs.Kind.within(0x4E00, 0x9FA5, 0x0800, 0x4E00, 0xAC00, 0xD7FF));

  private static final Runs.Kind WIDE_MARKS =
      Runs.Kind.within(0xFF01, 0xFF0F, 0xFF1A, 0xFF5E, 0x2018, 0x201F, 0x3000, 0x3002);

  static final Splitter LAGUNA = SplitterSequence.of(LINES, QWEN2);

  static final Splitter MINICPM5 = SplitterSequence.of(THREE_NUMBERS, LLAMA3);

  static final Splitter FALCON =
      SplitterSequence.of(
          Runs.of((utf8, i) -> utf8[i] == '`' || DefaultScanner.isMark(utf8, i)),
          GPT2,
          Runs.exactly(3, Runs.Kind.ASCII_DIGITS));

  static final Splitter SEED_CODER = new Llama3Scanner(1, true, false);

  static final Splitter UFAKZEKA = new Llama3Scanner(1, false, true);

  static final Splitter DEEPSEEK_CODER =
      SplitterSequence.of(
          ONE_NEWLINE,
          new BlankRuns(
              Runs.Kind.BLANKS, (utf8, i) -> CharacterClass.at(utf8, i) == CharacterClass.LETTER),
          new BlankRuns(
              Runs.Kind.BLANKS,
              (utf8, i) -> (CharacterClass.at(utf8, i) & CharacterClass.PUNCTUATION) != 0),
          EAST_ASIAN,
          ONE_NUMBER);

  static final Splitter DEEPSEEK_LLM =
      SplitterSequence.of(
          ONE_NEWLINE,
          new BlankRuns(Runs.Kind.BLANKS, CasedLetters::includes),
          new BlankRuns(Runs.Kind.BLANKS, Splitters::isMark),
          new TrailingBlanks(),
          EAST_ASIAN,
          NUMBERS);

  static final Splitter IDEOGRAPHS =
      Runs.of(Runs.Kind.within(0x4E00, 0x9FA5, 0x3040, 0x309F, 0x30A0, 0x30FF));

  /// An ASCII mark with a word right after it, words with another character before them, marks.
  private static final String MARKED_WORDS =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+";

  static final Splitter DEEPSEEK3 =
      SplitterSequence.of(THREE_NUMBERS, IDEOGRAPHS, new MarkedWordsScanner());

  static final Splitter SPARK =
      SplitterSequence.of(
          THREE_NUMBERS,
          IDEOGRAPHS,
          new PatternSplitter(MARKED_WORDS + "|[\\r\\n]|\\s+(?!\\S)|\\s+"),
          ONE_NUMBER);

  static final Splitter AFMOE =
      SplitterSequence.of(
          new DigitGroups(DigitGroups.Numbers.ALL, DigitGroups.Rest.IS_GROUP),
          Runs.of(
              Runs.Kind.within(
                  0x4E00, 0x9FFF, 0x3400, 0x4DBF, 0x8C48, 0xFAFF, 0x3040, 0x309F, 0x30A0, 0x30FF,
                  0xFF65, 0xFF9F, 0x2F00, 0x2FDF, 0x0E40, 0x0E7F, 0x0E80, 0x0EFF, 0x1780, 0x17FF,
                  0x1000, 0x109F, 0xAA60, 0xAA7F, 0xA9E0, 0xA9FF, 0xAC00, 0xD7AF, 0x1100, 0x11FF)),
          new MarkedWordsScanner());

  static final Splitter YOUTU =
      SplitterSequence.of(
          new PatternSplitter(
              "[\\uAC00-\\uD7A3\\u3131-\\u318E]+|[\\uFF01\\u2026\\u201C\\u201D\\u2018\\u2019"
                  + "\\u2014\\uFF1A\\uFF1B\\uFF0C\\u3001-\\u303F\\uFE30-\\uFE4F]+"
                  + "|[\\u3105-\\u312F]+|[\\u4E00-\\u9FA5\\u3040-\\u309F\\u30A0-\\u30FF]+"),
          new Gpt4oScanner(1, true, true, false));

  static final Splitter TINY_AYA =
      SplitterSequence.of(
          new DigitGroups(DigitGroups.Numbers.DECIMAL_AT_WORD_END, DigitGroups.Rest.IS_GROUP),
          GPT4O);

  static final Splitter SUPERBPE =
      SplitterSequence.of(
          NUMBERS, new DigitGroups(DigitGroups.Numbers.DECIMAL, DigitGroups.Rest.STAYS));

  static final Splitter BLOOM = new BlankRuns((utf8, i) -> utf8[i] == ' ', Splitters::isBloomsWord);

  static final Splitter VIKING = SplitterSequence.of(BLOOM, ONE_NUMBER);

  static final Splitter CHAMELEON =
      SplitterSequence.of(
          new PatternSplitter("<sentinel:[0-9]+>"),
          new PatternSplitter("IMGIMG[A-I]{1,4}Z"),
          new PatternSplitter("[\\t\\n]|    |  "),
          ONE_NUMBER,
          new PatternSplitter("[\\p{P}!-/:-@\\[-`{-~]"),
          GPT2);

  private Splitters() {}

  /// `[!-/:-~！-／：-～‘-‟　-。]`, among which are letters of ASCII.
  private static boolean isMark(byte[] utf8, int i) {
    int lead = utf8[i];
    return lead >= 0
        ? (lead >= '!' && lead <= '/') || (lead >= ':' && lead <= '~')
        : WIDE_MARKS.includes(utf8, i);
  }

  /// `[^(\s|.,!?…。，、।۔،)]`
  private static boolean isBloomsWord(byte[] utf8, int i) {
    return switch (Utf8.codePoint(utf8, i)) {
      case '(', ')', '|', '.', ',', '!', '?' -> false;
      case 0x2026, 0x3002, 0xFF0C, 0x3001, 0x0964, 0x06D4, 0x060C -> false;
      default -> !Runs.Kind.BLANKS.includes(utf8, i);
    };
  }
}
