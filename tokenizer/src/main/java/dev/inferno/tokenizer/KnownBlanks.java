package dev.inferno.tokenizer;

import dev.inferno.tokenizer.SentencePieceBpe.BlankPrefix;
import dev.inferno.tokenizer.huggingface.Node;
import java.util.List;
import java.util.Optional;

/// Which ways of a `tokenizer.json` to write blanks as `▁`, and nothing else, are SentencePiece's.
final class KnownBlanks {

  private static final String MARK = "\u2581";

  private KnownBlanks() {}

  /// Which texts are given a blank to begin with, if the file does nothing else before it merges.
  static Optional<BlankPrefix> of(Node file) {
    List<Node> normalizers = steps(file, "normalizer", "normalizers");
    List<Node> splitters = steps(file, "pre_tokenizer", "pretokenizers");
    if (normalizers.isEmpty() && splitters.size() == 1) {
      return metaspace(splitters.getFirst());
    }
    // Once blanks are written otherwise, there is none left to cut at.
    if (!splitters.isEmpty() && !(splitters.size() == 1 && cutsAtBlanks(splitters.getFirst()))) {
      return Optional.empty();
    }
    return switch (normalizers.size()) {
      case 1 -> isReplacement(normalizers.getFirst()) ? Optional.of(BlankPrefix.NEVER) : none();
      case 2 ->
          isPrefix(normalizers.getFirst()) && isReplacement(normalizers.getLast())
              ? Optional.of(BlankPrefix.ALWAYS)
              : none();
      default -> none();
    };
  }

  private static Optional<BlankPrefix> none() {
    return Optional.empty();
  }

  private static List<Node> steps(Node file, String key, String steps) {
    return file.object(key).map(node -> JsonTokenizers.steps(node, steps)).orElse(List.of());
  }

  private static boolean isType(Node step, String type) {
    return step.requiredText("type").equals(type);
  }

  private static boolean isPrefix(Node step) {
    return isType(step, "Prepend") && step.requiredText("prepend").equals(MARK);
  }

  private static boolean isReplacement(Node step) {
    return isType(step, "Replace") && isBlank(step) && step.requiredText("content").equals(MARK);
  }

  private static boolean cutsAtBlanks(Node step) {
    return isType(step, "Split") && isBlank(step) && !step.flag("invert", false);
  }

  private static boolean isBlank(Node step) {
    return step.requiredObject("pattern").text("String").equals(Optional.of(" "));
  }

  private static Optional<BlankPrefix> metaspace(Node step) {
    if (!isType(step, "Metaspace")
        || step.flag("split", true)
        || !step.text("replacement").orElse(MARK).equals(MARK)) {
      return none();
    }
    return switch (step.text("prepend_scheme").orElse("")) {
      case "always" -> Optional.of(BlankPrefix.UNLESS_THERE);
      case "first" -> Optional.of(BlankPrefix.FIRST_UNLESS_THERE);
      case "never" -> Optional.of(BlankPrefix.NEVER);
      default -> none(); // of old; the general way reads it
    };
  }
}
