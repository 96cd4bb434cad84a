package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
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

  private static final Map<String, Splitter> BY_EXPRESSION =
      Map.of(
          CONTRACTION + WORDS + "\\p{N}{1,3}" + REST,
          Splitters.LLAMA3,
          CONTRACTION + WORDS + "\\p{N}" + REST,
          Splitters.QWEN2,
          SMALL + CONTRACTION + "?|" + GREAT + CONTRACTION + "?|\\p{N}{1,3}" + SLASHED_REST,
          Splitters.GPT4O,
          SMALL + "|" + GREAT + "|\\p{N}" + SLASHED_REST,
          Splitters.TEKKEN);

  private KnownSplitters() {}

  /// The splitter that does what the file's pre-tokenizer does before text is spelled in bytes.
  static Optional<Splitter> of(Node file) {
    List<Node> steps =
        file.object("pre_tokenizer")
            .map(node -> JsonTokenizers.steps(node, "pretokenizers"))
            .orElse(List.of());
    if (steps.isEmpty() || steps.size() > 2 || !isByteLevel(steps.getLast())) {
      return Optional.empty();
    }
    boolean cutsWords = steps.getLast().flag("use_regex", true);
    if (steps.size() == 1) {
      return cutsWords ? Optional.of(Splitters.GPT2) : Optional.empty();
    }
    Node first = steps.getFirst();
    return switch (first.requiredText("type")) {
      case "Digits" ->
          cutsWords && first.flag("individual_digits", false)
              ? Optional.of(Splitters.SMOLLM)
              : Optional.empty();
      case "Split" -> cutsWords ? Optional.empty() : split(first);
      default -> Optional.empty();
    };
  }

  private static boolean isByteLevel(Node step) {
    return step.requiredText("type").equals("ByteLevel") && !step.flag("add_prefix_space", true);
  }

  /// An expression that matches all there is cuts alike, whether its matches are isolated or what
  /// lies between them is removed.
  private static Optional<Splitter> split(Node split) {
    boolean inverted = split.flag("invert", false);
    String behavior = split.requiredText("behavior");
    boolean cuts =
        (behavior.equals("Isolated") && !inverted) || (behavior.equals("Removed") && inverted);
    return cuts
        ? split.requiredObject("pattern").text("Regex").map(BY_EXPRESSION::get)
        : Optional.empty();
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
