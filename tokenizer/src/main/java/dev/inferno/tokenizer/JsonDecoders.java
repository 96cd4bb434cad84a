package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Decoder;
import dev.inferno.tokenizer.huggingface.Decoders;
import dev.inferno.tokenizer.huggingface.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The decoder of a `tokenizer.json`, and whether it is one of those that turn each token into
/// bytes by itself.
///
/// @param steps what it does
/// @param form which kind it is
record JsonDecoders(Decoder steps, Form form) {

  /// Kinds of decoders.
  enum Form {
    /// All tokens spell bytes.
    BYTE_LEVEL,
    /// Tokens are text, but for some that are bytes; `▁` is a blank.
    PIECES,
    /// The same, and a text loses one blank at its beginning.
    PIECES_AFTER_BLANK,
    OTHER
  }

  static JsonDecoders read(Node file) {
    Optional<Node> node = file.object("decoder");
    if (node.isEmpty()) {
      return new JsonDecoders(tokens -> List.of(String.join(" ", tokens)), Form.OTHER);
    }
    return new JsonDecoders(
        Decoders.read(node.get()), form(JsonTokenizers.steps(node.get(), "decoders")));
  }

  private static Form form(List<Node> steps) {
    List<String> types = new ArrayList<>();
    steps.forEach(step -> types.add(step.requiredText("type")));
    if (types.equals(List.of("ByteLevel"))) {
      return Form.BYTE_LEVEL;
    }
    boolean strips = types.equals(List.of("Replace", "ByteFallback", "Fuse", "Strip"));
    if (!strips && !types.equals(List.of("Replace", "ByteFallback", "Fuse"))) {
      return Form.OTHER;
    }
    Node replace = steps.getFirst();
    boolean blanks =
        replace.requiredObject("pattern").text("String").equals(Optional.of("▁"))
            && replace.requiredText("content").equals(" ");
    if (!blanks || (strips && !stripsOneBlank(steps.getLast()))) {
      return Form.OTHER;
    }
    return strips ? Form.PIECES_AFTER_BLANK : Form.PIECES;
  }

  private static boolean stripsOneBlank(Node strip) {
    return strip.character("content", ' ') == ' '
        && strip.count("start", 0, Integer.MAX_VALUE, 0) == 1
        && strip.count("stop", 0, Integer.MAX_VALUE, 0) == 0;
  }
}
