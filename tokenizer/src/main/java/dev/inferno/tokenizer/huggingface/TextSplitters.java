package dev.inferno.tokenizer.huggingface;

import java.util.ArrayList;
import java.util.List;

/// The pre-tokenizers that a `tokenizer.json` can name, as the steps they are made of.
public final class TextSplitters {

  /// Writes the bytes of all pieces in {@link ByteLevelText}'s alphabet.
  public static final TextSplitter SPELL = TextSplitters::spell;

  private static final String TYPES =
      "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace,"
          + " Punctuation, Sequence, Split, UnicodeScripts, Whitespace, WhitespaceSplit";

  /// How GPT-2 cuts text into words.
  static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private TextSplitters() {}

  /// The steps that a node describes, in their order.
  ///
  /// @throws dev.inferno.tokenizer.MalformedTokenizerException if it lacks what it needs
  /// @throws dev.inferno.tokenizer.UnsupportedTokenizerException if its type is none of these
  public static List<TextSplitter> read(Node node) {
    String type = node.requiredText("type");
    return switch (type) {
      case "Sequence" -> sequence(node);
      case "BertPreTokenizer" ->
          List.of(
              new Cut(Matches.characters(Characters::isBlank), Cut.Behavior.REMOVED, false),
              new Cut(Matches.characters(Characters::isPunctuation), Cut.Behavior.ISOLATED, false));
      case "ByteLevel" -> byteLevel(node);
      case "CharDelimiterSplit" -> {
        int delimiter = node.character("delimiter", -1);
        if (delimiter < 0) {
          throw node.malformed("delimiter", "is not there, must be a text of one character");
        }
        yield List.of(
            new Cut(Matches.characters(c -> c == delimiter), Cut.Behavior.REMOVED, false));
      }
      case "Digits" ->
          List.of(
              new Cut(
                  Matches.characters(Characters::isNumber),
                  node.flag("individual_digits", false)
                      ? Cut.Behavior.ISOLATED
                      : Cut.Behavior.CONTIGUOUS,
                  false));
      case "FixedLength" -> {
        int length = node.count("length", 1, Integer.MAX_VALUE, 5);
        yield List.of(pieces -> fixedLength(pieces, length));
      }
      case "Metaspace" -> List.of(Metaspace.read(node));
      case "Punctuation" ->
          List.of(
              new Cut(
                  Matches.characters(Characters::isPunctuation),
                  Cut.Behavior.read(node, "Isolated"),
                  false));
      case "Split" ->
          List.of(
              new Cut(Matches.read(node), Cut.Behavior.read(node, ""), node.flag("invert", false)));
      case "UnicodeScripts" -> List.of(Scripts::split);
      case "Whitespace" ->
          List.of(new Cut(Regex.of("\\w+|[^\\w\\s]+"), Cut.Behavior.REMOVED, true));
      case "WhitespaceSplit" ->
          List.of(new Cut(Matches.characters(Characters::isBlank), Cut.Behavior.REMOVED, false));
      default ->
          throw node.unsupported(
              "type", "is '%s'; supported are %s".formatted(Node.quoted(type), TYPES));
    };
  }

  private static List<TextSplitter> sequence(Node node) {
    List<TextSplitter> all = new ArrayList<>();
    node.requiredList("pretokenizers");
    node.objects("pretokenizers").forEach(each -> all.addAll(read(each)));
    return List.copyOf(all);
  }

  private static List<TextSplitter> byteLevel(Node node) {
    List<TextSplitter> steps = new ArrayList<>();
    if (node.flag("add_prefix_space", true)) {
      steps.add(TextSplitters::withBlank);
    }
    if (node.flag("use_regex", true)) {
      steps.add(new Cut(Regex.of(WORDS), Cut.Behavior.ISOLATED, false));
    }
    steps.add(SPELL);
    return steps;
  }

  /// Puts a blank before each piece that begins with none.
  private static Pieces withBlank(Pieces pieces) {
    var text = new AlignedText.Builder(pieces.text(), pieces.text().length() + pieces.size());
    var bounds = new Pieces.Builder(pieces.size());
    for (int i = 0; i < pieces.size(); i++) {
      int start = text.length();
      int from = pieces.start(i);
      if (pieces.text().text().charAt(from) != ' ') {
        text.add(' ', pieces.text().start(from), pieces.text().start(from));
      }
      text.add(pieces.text(), from, pieces.end(i));
      bounds.add(start, text.length());
    }
    return bounds.build(text.build());
  }

  private static Pieces spell(Pieces pieces) {
    var text = new AlignedText.Builder(pieces.text(), 2 * pieces.text().length());
    var bounds = new Pieces.Builder(pieces.size());
    for (int i = 0; i < pieces.size(); i++) {
      int start = text.length();
      ByteLevelText.spell(pieces.text(), pieces.start(i), pieces.end(i), text);
      bounds.add(start, text.length());
    }
    return bounds.build(text.build());
  }

  private static Pieces fixedLength(Pieces pieces, int length) {
    var bounds = new Pieces.Builder(2 * pieces.size());
    String text = pieces.text().text();
    for (int i = 0; i < pieces.size(); i++) {
      int start = pieces.start(i);
      int characters = 0;
      for (int at = start; at < pieces.end(i); at += Character.charCount(text.codePointAt(at))) {
        if (characters == length) {
          bounds.add(start, at);
          start = at;
          characters = 0;
        }
        characters++;
      }
      bounds.add(start, pieces.end(i));
    }
    return bounds.build(pieces.text());
  }
}
