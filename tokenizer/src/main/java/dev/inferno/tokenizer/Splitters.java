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

  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

  /// Blanks up to a line break, blanks before a word, other blanks.
  private static final String BLANKS = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Splitter NUMBERS = Runs.of(Runs.Kind.NUMBERS);
  private static final Splitter ONE_NUMBER = new Runs(Runs.Kind.NUMBERS, 1);
  private static final Splitter THREE_NUMBERS = new Runs(Runs.Kind.NUMBERS, 3);
  private static final Splitter ONE_NEWLINE = new PatternSplitter("[\\r\\n]");
  private static final Splitter LINES = new PatternSplitter("[^\\n]+|[\\n]+");

  private static final Splitter EAST_ASIAN =
      Runs.of(Runs.Kind.within(0x4E00, 0x9FA5, 0x0800, 0x4E00, 0xAC00, 0xD7FF));

  static final Splitter LAGUNA = SplitterSequence.of(LINES, QWEN2);

  static final Splitter MINICPM5 = SplitterSequence.of(THREE_NUMBERS, LLAMA3);

  static final Splitter FALCON =
      SplitterSequence.of(
          new PatternSplitter("[\\p{P}\\$\\+<=>\\^~\\|`]+"),
          GPT2,
          new PatternSplitter("[0-9][0-9][0-9]"));

  static final Splitter SEED_CODER =
      new PatternSplitter(
          CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+"
              + BLANKS);

  static final Splitter BAILING =
      new PatternSplitter(
          "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}"
              + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+");

  static final Splitter UFAKZEKA =
      new PatternSplitter(
          "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + BLANKS);

  static final Splitter DEEPSEEK_CODER =
      SplitterSequence.of(
          ONE_NEWLINE,
          new PatternSplitter("\\s?\\p{L}+"),
          new PatternSplitter("\\s?\\p{P}+"),
          EAST_ASIAN,
          ONE_NUMBER);

  static final Splitter DEEPSEEK_LLM =
      SplitterSequence.of(
          ONE_NEWLINE,
          new PatternSplitter("\\s?[" + CasedLetters.RANGES + "]+"),
          new PatternSplitter(
              "\\s?[!-/:-~\\uFF01-\\uFF0F\\uFF1A-\\uFF5E\\u2018-\\u201F\\u3000-\\u3002]+"),
          new TrailingBlanks(),
          EAST_ASIAN,
          NUMBERS);

  private static final Splitter IDEOGRAPHS =
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

  static final Splitter BLOOM =
      new PatternSplitter(" ?[^(\\s|.,!?\\u2026\\u3002\\uFF0C\\u3001\\u0964\\u06D4\\u060C)]+");

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
}
