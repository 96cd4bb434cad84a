package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// WordPiece: a word is cut from left to right into the longest pieces that the vocabulary has; a
/// word that cannot be cut to its end is unknown as a whole. Immutable and thread-safe.
///
/// Pieces that continue a word are written with a prefix, mostly `##`.
///
/// Devlin et al.: BERT, <https://arxiv.org/abs/1810.04805>
final class WordPiece {

  /// The most characters of a word that BERT's own tokenizers look at.
  static final int LONGEST_WORD = 100;

  private final ByteTable beginnings;
  private final ByteTable continuations;
  private final int longestPiece;
  private final int unknownId;
  private final int longestWord;

  /// @param pieces the text of each token
  /// @param prefix what the texts of pieces within a word begin with
  /// @param unknownId the token for unknown words, or -1: they are left out
  /// @param longestWord words of more characters are unknown
  WordPiece(Utf8List pieces, String prefix, int unknownId, int longestWord) {
    byte[] mark = prefix.getBytes(StandardCharsets.UTF_8);
    this.beginnings = new ByteTable(pieces.size());
    this.continuations = new ByteTable(pieces.size());
    this.unknownId = unknownId;
    this.longestWord = longestWord;
    int longest = 0;
    for (int id = 0; id < pieces.size(); id++) {
      byte[] text = pieces.utf8(id);
      longest = Math.max(longest, text.length);
      beginnings.add(text, 0, text.length);
      if (startsWith(text, mark)) {
        continuations.add(text, mark.length, text.length);
      } else {
        continuations.append(text, 0, 0); // so that numbers are ids in both tables
      }
    }
    this.longestPiece = longest;
  }

  private static boolean startsWith(byte[] text, byte[] mark) {
    return text.length >= mark.length && Arrays.equals(text, 0, mark.length, mark, 0, mark.length);
  }

  /// Encodes one word of well-formed text.
  void encode(byte[] utf8, int from, int to, TokenSink sink) {
    int characters = characters(utf8, from, to);
    if (characters > longestWord) {
      addUnknown(from, to, sink);
      return;
    }
    int whole = beginnings.find(utf8, from, to);
    if (whole >= 0) {
      sink.add(whole, from, to);
      return;
    }
    int[] ids = new int[characters];
    int[] ends = new int[characters];
    int count = 0;
    for (int start = from; start < to; start = ends[count++]) {
      ByteTable table = start == from ? beginnings : continuations;
      int end = longestEnd(table, utf8, start, to);
      if (end == start) {
        addUnknown(from, to, sink);
        return;
      }
      ids[count] = table.find(utf8, start, end);
      ends[count] = end;
      sink.work().match(ids[count], start, end);
    }
    for (int i = 0; i < count; i++) {
      sink.add(ids[i], i == 0 ? from : ends[i - 1], ends[i]);
    }
  }

  /// @return the number of characters, or one more than the most if there are still more
  private int characters(byte[] utf8, int from, int to) {
    int characters = 0;
    for (int i = from; i < to && characters <= longestWord; i += Utf8.length(utf8[i])) {
      characters++;
    }
    return characters;
  }

  private int longestEnd(ByteTable table, byte[] utf8, int start, int to) {
    int end = Math.min(to, start + longestPiece);
    while (end > start
        && ((end < to && Utf8.isContinuation(utf8[end])) || table.find(utf8, start, end) < 0)) {
      end--;
    }
    return end;
  }

  private void addUnknown(int from, int to, TokenSink sink) {
    if (unknownId >= 0) {
      sink.add(unknownId, from, to, Origin.UNKNOWN);
      return;
    }
    for (int i = from; i < to; i++) {
      sink.drop(i);
    }
  }
}
