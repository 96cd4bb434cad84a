package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which pre-tokenizers of a `tokenizer.json` there are scanners for, by their expressions.
final class KnownScanners {

  private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Map<String, PreTokenizer> BY_EXPRESSION =
      Map.of(
          WORDS + "\\p{N}{1,3}" + REST, new Llama3Scanner(3),
          WORDS + "\\p{N}" + REST, new Llama3Scanner(1));

  private KnownScanners() {}

  /// The scanner that does what the file's pre-tokenizer does before text is spelled in bytes.
  static Optional<PreTokenizer> of(Node file) {
    List<Node> steps =
        file.object("pre_tokenizer")
            .map(node -> JsonTokenizers.steps(node, "pretokenizers"))
            .orElse(List.of());
    if (steps.isEmpty() || steps.size() > 2 || !isByteLevel(steps.getLast())) {
      return Optional.empty();
    }
    boolean cutsWords = steps.getLast().flag("use_regex", true);
    if (steps.size() == 1) {
      return cutsWords ? Optional.of(new Gpt2Scanner(false)) : Optional.empty();
    }
    Node first = steps.getFirst();
    return switch (first.requiredText("type")) {
      case "Digits" ->
          cutsWords && first.flag("individual_digits", false)
              ? Optional.of(new Gpt2Scanner(true))
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
  private static Optional<PreTokenizer> split(Node split) {
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
