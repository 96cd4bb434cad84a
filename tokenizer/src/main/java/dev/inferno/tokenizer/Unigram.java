package dev.inferno.tokenizer;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// The unigram language model: of all ways to cut a text into pieces, the one whose scores sum up
/// to the most, found with Viterbi's algorithm. Text comes in normalized, blanks written as the
/// pieces have them. Immutable and thread-safe.
///
/// A character that is no piece is unknown; unknown characters in a row become their bytes where
/// the vocabulary has tokens for all of them, and else one unknown token.
///
/// Kudo: Subword Regularization, <https://arxiv.org/abs/1804.10959>
final class Unigram {

  /// How much worse an unknown character is than the worst piece.
  static final int UNKNOWN_PENALTY = 10;

  /// How the scores of a way are added, which decides between ways that are almost equal.
  enum Sums {
    /// Rounded to `float` at every step, as SentencePiece does.
    SINGLE,
    /// In `double`, as Hugging Face does.
    DOUBLE
  }

  /// Pieces longer than this are no words; walking along one from every place takes its time.
  static final int LONGEST_PIECE_BYTES = 4096;

  private final ByteTrie trie;
  private final double[] scores;
  private final double unknownScore;
  private final int unknownId;
  private final int[] byteIds;
  private final Sums sums;

  /// @param pieces the text of each token
  /// @param scores for each token the logarithm of its probability
  /// @param matched which tokens text is cut into
  /// @param unknownId the token for unknown characters, or -1: they are left out
  /// @param unknownScore what an unknown character counts, mostly the least score less {@link
  ///   #UNKNOWN_PENALTY}
  /// @param byteIds for each byte its token, or -1
  Unigram(
      Utf8List pieces,
      double[] scores,
      IntPredicate matched,
      int unknownId,
      double unknownScore,
      int[] byteIds,
      Sums sums) {
    this.trie = new ByteTrie(4 * pieces.size());
    this.scores = scores.clone();
    this.unknownId = unknownId;
    this.unknownScore = unknownScore;
    this.byteIds = byteIds.clone();
    this.sums = sums;
    for (int id = 0; id < pieces.size(); id++) {
      if (matched.test(id)) {
        byte[] text = pieces.utf8(id);
        if (text.length > 0 && text.length <= LONGEST_PIECE_BYTES) {
          trie.put(text, 0, text.length, id);
        }
      }
    }
  }

  /// Encodes a part of well-formed, normalized text.
  void encode(byte[] utf8, int from, int to, TokenSink sink) {
    int length = to - from;
    double[] best = new double[length + 1];
    int[] starts = new int[length + 1];
    int[] ids = new int[length + 1];
    Arrays.fill(starts, -1);
    starts[0] = 0;
    for (int start = 0; start < length; ) {
      int next = start + Utf8.length(utf8[from + start]);
      if (!walk(utf8, from, to, start, next, best, starts, ids)) {
        double sum = round(unknownScore + best[start]);
        if (starts[next] < 0 || sum > best[next]) {
          best[next] = sum;
          starts[next] = start;
          ids[next] = unknownId;
        }
      }
      start = next;
    }
    emit(utf8, from, to, starts, ids, sink);
  }

  /// Offers every piece that begins at `start`.
  ///
  /// @return whether the one character up to `next` is a piece
  private boolean walk(
      byte[] utf8, int from, int to, int start, int next, double[] best, int[] starts, int[] ids) {
    boolean known = false;
    int node = ByteTrie.ROOT;
    for (int i = from + start; i < to; i++) {
      node = trie.child(node, utf8[i]);
      if (node == ByteTrie.NONE) {
        break;
      }
      int id = trie.value(node);
      if (id != ByteTrie.NONE) {
        int end = i + 1 - from;
        known |= end == next;
        double sum = round(scores[id] + best[start]);
        if (starts[end] < 0 || sum > best[end]) {
          best[end] = sum;
          starts[end] = start;
          ids[end] = id;
        }
      }
    }
    return known;
  }

  private double round(double sum) {
    return switch (sums) {
      case SINGLE -> (float) sum;
      case DOUBLE -> sum;
    };
  }

  /// Reads the best way from its end, then hands it out from its beginning.
  private void emit(byte[] utf8, int from, int to, int[] starts, int[] ids, TokenSink sink) {
    int[] ends = new int[to - from];
    int count = 0;
    for (int end = to - from; end > 0; end = starts[end]) {
      ends[count++] = end;
    }
    for (int i = count - 1; i >= 0; i--) {
      int end = ends[i];
      int start = starts[end];
      if (ids[end] != unknownId) {
        sink.add(ids[end], from + start, from + end);
        continue;
      }
      while (i > 0 && ids[ends[i - 1]] == unknownId) {
        end = ends[--i];
      }
      addUnknown(utf8, from + start, from + end, sink);
    }
  }

  private void addUnknown(byte[] utf8, int start, int end, TokenSink sink) {
    boolean spelled = true;
    for (int i = start; i < end; i++) {
      spelled &= byteIds[utf8[i] & 0xFF] >= 0;
    }
    if (isUnknownTokensText(utf8, start, end)) {
      sink.add(unknownId, start, end);
    } else if (spelled) {
      for (int i = start; i < end; i++) {
        sink.add(byteIds[utf8[i] & 0xFF], i, i + 1);
      }
    } else if (unknownId >= 0) {
      sink.add(unknownId, start, end);
    } else {
      for (int i = start; i < end; i++) {
        sink.drop(i);
      }
    }
  }

  /// Whether what came out as unknown is the unknown token's own text, for once.
  private boolean isUnknownTokensText(byte[] utf8, int start, int end) {
    int node = ByteTrie.ROOT;
    for (int i = start; i < end && node != ByteTrie.NONE; i++) {
      node = trie.child(node, utf8[i]);
    }
    return unknownId >= 0 && node != ByteTrie.NONE && trie.value(node) == unknownId;
  }
}
