package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.MalformedTokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// The decoders that a `tokenizer.json` can name.
public final class Decoders {

  private static final String TYPES =
      "BPEDecoder, ByteFallback, ByteLevel, CTC, Fuse, Metaspace, Replace, Sequence, Strip,"
          + " WordPiece";

  private Decoders() {}

  /// The one that a node describes.
  ///
  /// @throws dev.inferno.tokenizer.MalformedTokenizerException if it lacks what it needs
  /// @throws dev.inferno.tokenizer.UnsupportedTokenizerException if its type is none of these
  public static Decoder read(Node node) {
    String type = node.requiredText("type");
    return switch (type) {
      case "Sequence" -> sequence(node);
      case "BPEDecoder" -> endsOfWords(node.text("suffix").orElse("</w>"));
      case "ByteFallback" -> ByteDecoders::byteFallback;
      case "ByteLevel" -> ByteDecoders::byteLevel;
      case "CTC" ->
          Wordings.ctc(
              node.text("pad_token").orElse("<pad>"),
              node.text("word_delimiter_token").orElse("|"),
              node.flag("cleanup", true));
      case "Fuse" -> tokens -> List.of(String.join("", tokens));
      case "Metaspace" -> metaspace(node);
      case "Replace" ->
          each(new Replacement(Matches.read(node), node.requiredText("content"))::decode);
      case "Strip" -> {
        int character = node.character("content", ' ');
        int start = node.count("start", 0, Integer.MAX_VALUE, 0);
        int stop = node.count("stop", 0, Integer.MAX_VALUE, 0);
        yield each(token -> stripped(token, character, start, stop));
      }
      case "WordPiece" ->
          Wordings.wordPiece(node.text("prefix").orElse("##"), node.flag("cleanup", true));
      default ->
          throw node.unsupported(
              "type", "is '%s'; supported are %s".formatted(Node.quoted(type), TYPES));
    };
  }

  private static Decoder sequence(Node node) {
    List<Decoder> all = new ArrayList<>();
    node.requiredList("decoders");
    node.objects("decoders").forEach(each -> all.add(read(each)));
    List<Decoder> decoders = List.copyOf(all);
    String where = "%s: malformed: %s".formatted(node.name(), node.path());
    return tokens -> {
      List<String> decoded = tokens;
      long before = chars(tokens);
      for (Decoder each : decoders) {
        decoded = each.decode(decoded);
        if (chars(decoded) > AlignedText.LARGEST_GROWTH * before + AlignedText.MOST_ADDED) {
          throw new MalformedTokenizerException(
              "%s makes more than %d chars of %d; possible are %d for each and %d more"
                  .formatted(
                      where,
                      AlignedText.LARGEST_GROWTH * before + AlignedText.MOST_ADDED,
                      before,
                      AlignedText.LARGEST_GROWTH,
                      AlignedText.MOST_ADDED));
        }
      }
      return decoded;
    };
  }

  private static long chars(List<String> tokens) {
    return tokens.stream().mapToLong(String::length).sum();
  }

  static Decoder each(UnaryOperator<String> change) {
    return tokens -> tokens.stream().map(change).toList();
  }

  /// A mark at the end of a word is a blank, but not at the end of the text.
  private static Decoder endsOfWords(String mark) {
    return tokens -> {
      List<String> decoded = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        decoded.add(tokens.get(i).replace(mark, i == tokens.size() - 1 ? "" : " "));
      }
      return decoded;
    };
  }

  private static Decoder metaspace(Node node) {
    String mark = Character.toString(Metaspace.replacement(node));
    boolean strips = Metaspace.prefix(node) != Metaspace.Prefix.NEVER;
    return tokens -> {
      List<String> decoded = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        decoded.add(tokens.get(i).replace(mark, i == 0 && strips ? "" : " "));
      }
      return decoded;
    };
  }

  /// Takes a character away from both ends, at most so many times.
  private static String stripped(String token, int character, int start, int stop) {
    int from = 0;
    int to = token.length();
    int width = Character.charCount(character);
    for (int i = 0; i < start && from < to && token.codePointAt(from) == character; i++) {
      from += width;
    }
    for (int i = 0; i < stop && to > from && token.codePointBefore(to) == character; i++) {
      to -= width;
    }
    return token.substring(from, to);
  }
}
