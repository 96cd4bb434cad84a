package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.MalformedTokenizerException;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;

/// The normalizers that a `tokenizer.json` can name.
public final class Normalizers {

  private static final String TYPES =
      "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend,"
          + " Replace, Sequence, Strip, StripAccents";

  private Normalizers() {}

  /// The one that a node describes.
  ///
  /// @throws dev.inferno.tokenizer.MalformedTokenizerException if it lacks what it needs
  /// @throws dev.inferno.tokenizer.UnsupportedTokenizerException if its type is none of these
  public static Normalizer read(Node node) {
    String type = node.requiredText("type");
    Normalizer normalizer = ofType(type, node);
    if (type.equals("Sequence")) {
      return normalizer; // its steps tell themselves
    }
    String where = "%s: malformed: %s, a %s, ".formatted(node.name(), node.path(), type);
    return text -> {
      try {
        return normalizer.normalize(text);
      } catch (MalformedTokenizerException e) {
        throw new MalformedTokenizerException(where + e.getMessage(), e);
      }
    };
  }

  private static Normalizer ofType(String type, Node node) {
    return switch (type) {
      case "Sequence" -> sequence(node);
      case "BertNormalizer" -> bert(node);
      case "ByteLevel" -> ByteLevelText::spell;
      case "Lowercase" -> Characters::lowercase;
      case "NFC" -> new UnicodeForm(Form.NFC);
      case "NFD" -> new UnicodeForm(Form.NFD);
      case "NFKC" -> new UnicodeForm(Form.NFKC);
      case "NFKD" -> new UnicodeForm(Form.NFKD);
      case "Nmt" -> text -> Characters.mapped(text, Normalizers::withoutControls);
      case "Precompiled" -> PrecompiledRules.read(node);
      case "Prepend" -> prepend(node.requiredText("prepend"));
      case "Replace" -> new Replacement(Matches.read(node), node.requiredText("content"));
      case "Strip" -> strip(node.flag("strip_left", true), node.flag("strip_right", true));
      case "StripAccents" -> text -> Characters.mapped(text, c -> Characters.isMark(c) ? -1 : c);
      default ->
          throw node.unsupported(
              "type", "is '%s'; supported are %s".formatted(Node.quoted(type), TYPES));
    };
  }

  private static Normalizer sequence(Node node) {
    List<Normalizer> all = new ArrayList<>();
    node.requiredList("normalizers");
    node.objects("normalizers").forEach(each -> all.add(read(each)));
    List<Normalizer> normalizers = List.copyOf(all);
    return text -> {
      AlignedText changed = text;
      for (Normalizer each : normalizers) {
        changed = each.normalize(changed);
      }
      return changed;
    };
  }

  private static Normalizer bert(Node node) {
    boolean lowercase = node.flag("lowercase", true);
    return new BertText(
        node.flag("clean_text", true),
        node.flag("handle_chinese_chars", true),
        node.flag("strip_accents", lowercase),
        lowercase);
  }

  private static Normalizer prepend(String prefix) {
    return text -> text.length() == 0 ? text : prepended(text, prefix);
  }

  /// The text with something before it that has no place in the source.
  static AlignedText prepended(AlignedText text, String prefix) {
    var builder = new AlignedText.Builder(text, text.length() + prefix.length());
    int place = text.length() == 0 ? 0 : text.start(0);
    builder.add(prefix, place, place);
    builder.add(text, 0, text.length());
    return builder.build();
  }

  private static Normalizer strip(boolean left, boolean right) {
    return text -> {
      int from = 0;
      int to = text.length();
      while (left && from < to && Characters.isBlank(text.text().charAt(from))) {
        from++;
      }
      while (right && to > from && Characters.isBlank(text.text().charAt(to - 1))) {
        to--;
      }
      if (from == 0 && to == text.length()) {
        return text;
      }
      var builder = new AlignedText.Builder(text, to - from);
      builder.add(text, from, to);
      return builder.build();
    };
  }

  /// As the normalizer of machine translation has it: most control characters vanish, line breaks
  /// and invisible characters become blanks.
  private static int withoutControls(int c) {
    return switch (c) {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD -> ' ';
      case 0x0B, 0x7F, 0x8F, 0x9F -> -1;
      default -> c >= 0x200B && c <= 0x200F ? ' ' : c >= 1 && c <= 0x1F ? -1 : c;
    };
  }
}
