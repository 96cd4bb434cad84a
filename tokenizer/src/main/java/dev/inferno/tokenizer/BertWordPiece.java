package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// BERT's tokenizer, `bert` in GGUF: text is normalized and cut into words and punctuation marks,
/// each of which a {@link WordPiece} cuts into pieces.
///
/// GGUF writes pieces that begin a word with `▁` before them and those within a word as they are;
/// here they are written as BERT does, the first as they are and the others with `##`. Decoding
/// puts blanks between words, but not before punctuation.
final class BertWordPiece implements TokenizerModel {

  private static final String CONTINUATION = "##";

  /// What is put right after words are joined, in this order; each mends one token.
  private static final String[][] REPAIRS = {
    {" .", "."},
    {" ?", "?"},
    {" !", "!"},
    {" ,", ","},
    {" ' ", "'"},
    {" n't", "n't"},
    {" 'm", "'m"},
    {" do not", " don't"},
    {" 's", "'s"},
    {" 've", "'ve"},
    {" 're", "'re"}
  };

  private final BertNormalizer normalizer;
  private final WordPiece wordPiece;
  private final ByteTable bytes;
  private final ByteTable firstBytes;

  private BertWordPiece(
      BertNormalizer normalizer, WordPiece wordPiece, ByteTable bytes, ByteTable firstBytes) {
    this.normalizer = normalizer;
    this.wordPiece = wordPiece;
    this.bytes = bytes;
    this.firstBytes = firstBytes;
  }

  /// @param unknownId the token for unknown words
  static BertWordPiece read(Metadata metadata, Vocabulary vocabulary, int unknownId) {
    ByteTable bytes = new ByteTable(vocabulary.size());
    ByteTable firstBytes = new ByteTable(vocabulary.size());
    List<String> pieces = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      String piece = piece(vocabulary, id);
      pieces.add(piece);
      append(repaired(piece), firstBytes);
      append(
          repaired(
              piece.startsWith(CONTINUATION)
                  ? piece.substring(CONTINUATION.length())
                  : " " + piece),
          bytes);
    }
    boolean lowercases = metadata.flag("tokenizer.ggml.normalizer.lowercase", true);
    boolean strips = metadata.flag("tokenizer.ggml.normalizer.strip_accents", lowercases);
    return new BertWordPiece(
        new BertNormalizer(strips, lowercases),
        new WordPiece(Utf8List.of(pieces), CONTINUATION, unknownId, WordPiece.LONGEST_WORD),
        bytes,
        firstBytes);
  }

  private static String piece(Vocabulary vocabulary, int id) {
    String text = vocabulary.text(id);
    if (text.startsWith("▁")) {
      return text.substring(1);
    }
    boolean named = text.startsWith("[") && text.endsWith("]") && text.length() > 1;
    return named || vocabulary.type(id).isSpecial() ? text : CONTINUATION + text;
  }

  private static String repaired(String text) {
    String result = text;
    for (String[] repair : REPAIRS) {
      result = result.replace(repair[0], repair[1]);
    }
    return result;
  }

  private static void append(String text, ByteTable table) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    table.append(utf8, 0, utf8.length);
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    MappedText text = normalizer.apply(utf8, from, to);
    sink.readFrom(text.starts(), text.ends(), from);
    encodeWords(text.utf8(), text.length(), sink);
    sink.readFromText();
  }

  private void encodeWords(byte[] text, int length, TokenSink sink) {
    sink.work().normalized(text, 0, length);
    for (int start = 0; start < length; ) {
      int end = start + Utf8.length(text[start]);
      if ((CharacterClass.at(text, start) & CharacterClass.SPACE) == 0) {
        if (!isPunctuation(text, start)) {
          while (end < length
              && (CharacterClass.at(text, end) & CharacterClass.SPACE) == 0
              && !isPunctuation(text, end)) {
            end += Utf8.length(text[end]);
          }
        }
        sink.work().piece(text, start, end);
        wordPiece.encode(text, start, end, sink);
      }
      start = end;
    }
  }

  /// All marks of ASCII, and beyond it what Unicode calls punctuation.
  static boolean isPunctuation(byte[] text, int i) {
    int classes = CharacterClass.at(text, i);
    return text[i] >= 0
        ? (classes & CharacterClass.OTHER) != 0 && text[i] > ' ' && text[i] < 0x7F
        : (classes & CharacterClass.PUNCTUATION) != 0;
  }

  @Override
  public ByteTable bytes() {
    return bytes;
  }

  @Override
  public ByteTable firstBytes() {
    return firstBytes;
  }

  @Override
  public boolean isByteToken(int id) {
    return false;
  }

  @Override
  public boolean stripsFirstBlank() {
    return false;
  }

  @Override
  public String toString() {
    return "WordPiece, %d tokens".formatted(bytes.size());
  }
}
