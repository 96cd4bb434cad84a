package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which pre-tokenizers of a `tokenizer.json` there are splitters for, by their expressions.
final class KnownSplitters {

  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String WORDS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String SMALL =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
  private static final String GREAT =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
  private static final String SLASHED_REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /// Those that match all there is.
  private static final Map<String, Splitter> OF_ALL_TEXT =
      Map.of(
          CONTRACTION + WORDS + "\\p{N}{1,3}" + REST,
          Splitters.LLAMA3,
          CONTRACTION + WORDS + "\\p{N}" + REST,
          Splitters.QWEN2,
          CONTRACTION
              + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
              + REST.replace("\\p{L}", "\\p{L}\\p{M}"),
          Splitters.QWEN35,
          SMALL + CONTRACTION + "?|" + GREAT + CONTRACTION + "?|\\p{N}{1,3}" + SLASHED_REST,
          Splitters.GPT4O,
          SMALL + "|" + GREAT + "|\\p{N}" + SLASHED_REST,
          Splitters.TEKKEN);

  /// Those that leave some of it between their matches.
  private static final Map<String, Splitter> OF_SOME_TEXT =
      Map.of(
          "\\p{N}{1,3}",
          Splitters.THREE_NUMBERS,
          "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
          Splitters.IDEOGRAPHS,
          "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
              + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
              + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          new MarkedWordsScanner());

  private KnownSplitters() {}

  /// The splitter that does what the file's pre-tokenizer does before text is spelled in bytes.
  static Optional<Splitter> of(Node file) {
    List<Node> steps =
        file.object("pre_tokenizer")
            .map(node -> JsonTokenizers.steps(node, "pretokenizers"))
            .orElse(List.of());
    if (steps.isEmpty() || !isByteLevel(steps.getLast())) {
      return Optional.empty();
    }
    List<Splitter> stages = new ArrayList<>();
    for (Node step : steps.subList(0, steps.size() - 1)) {
      Optional<Splitter> stage = stage(step);
      if (stage.isEmpty()) {
        return stage;
      }
      stages.add(stage.get());
    }
    if (steps.getLast().flag("use_regex", true)) {
      stages.add(Splitters.GPT2);
    }
    if (stages.equals(List.of(Splitters.ONE_NUMBER, Splitters.GPT2))) {
      return Optional.of(Splitters.SMOLLM); // both in one
    }
    return stages.size() > 1
        ? Optional.of(new SplitterSequence(stages))
        : stages.stream().findFirst();
  }

  private static Optional<Splitter> stage(Node step) {
    return switch (step.requiredText("type")) {
      case "Digits" ->
          Optional.of(
              step.flag("individual_digits", false) ? Splitters.ONE_NUMBER : Splitters.NUMBERS);
      case "Split" -> split(step);
      default -> Optional.empty();
    };
  }

  private static boolean isByteLevel(Node step) {
    return step.requiredText("type").equals("ByteLevel") && !step.flag("add_prefix_space", true);
  }

  /// An expression that matches all there is cuts alike, whether its matches are isolated or what
  /// lies between them is removed.
  private static Optional<Splitter> split(Node split) {
    Optional<String> expression = split.requiredObject("pattern").text("Regex");
    boolean inverted = split.flag("invert", false);
    return switch (split.requiredText("behavior")) {
      case "Isolated" ->
          inverted
              ? Optional.empty()
              : expression.map(OF_ALL_TEXT::get).or(() -> expression.map(OF_SOME_TEXT::get));
      case "Removed" -> inverted ? expression.map(OF_ALL_TEXT::get) : Optional.empty();
      default -> Optional.empty();
    };
  }

  /// Whether text is left as it is or brought to the normalization form NFC.
  static boolean isPlainOrComposed(Node file) {
    return normalizers(file).isEmpty() || isComposed(file);
  }

  /// Whether text is brought to the normalization form NFC and not changed further.
  static boolean isComposed(Node file) {
    List<Node> steps = normalizers(file);
    return steps.size() == 1 && steps.getFirst().requiredText("type").equals("NFC");
  }

  private static List<Node> normalizers(Node file) {
    return file.object("normalizer")
        .map(node -> JsonTokenizers.steps(node, "normalizers"))
        .orElse(List.of());
  }
}
