package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
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
    Ways ways = new Ways(from, to, sink.work());
    for (int start = from; start < to; ) {
      int next = start + Utf8.length(utf8[start]);
      if (!walk(utf8, start, to, next, ways)) {
        ways.offer(unknownId, start, next, unknownScore);
      }
      start = next;
    }
    emit(utf8, from, to, ways, sink);
  }

  /// The best way to each place in a part of a text: its sum, and the token that it ends with.
  private final class Ways {
    private final int from;
    private final double[] best;
    private final int[] starts;
    private final int[] ids;
    private final EncodingWork work;

    Ways(int from, int to, EncodingWork work) {
      this.from = from;
      this.best = new double[to - from + 1];
      this.starts = new int[to - from + 1];
      this.ids = new int[to - from + 1];
      this.work = work;
      Arrays.fill(starts, -1);
      starts[0] = from;
    }

    /// A token that the best way to `start` can be continued with.
    void offer(int id, int start, int end, double score) {
      double sum = round(score + best[start - from]);
      int at = end - from;
      boolean isBest = starts[at] < 0 || sum > best[at];
      if (isBest) {
        best[at] = sum;
        starts[at] = start;
        ids[at] = id;
      }
      work.candidate(id, start, end, score, sum, isBest);
    }

    int start(int end) {
      return starts[end - from];
    }

    boolean isUnknown(int end) {
      return ids[end - from] == unknownId;
    }

    int id(int end) {
      return ids[end - from];
    }
  }

  /// Offers every piece that begins at `start`.
  ///
  /// @return whether the one character up to `next` is a piece
  private boolean walk(byte[] utf8, int start, int to, int next, Ways ways) {
    boolean known = false;
    int node = ByteTrie.ROOT;
    for (int i = start; i < to; i++) {
      node = trie.child(node, utf8[i]);
      if (node == ByteTrie.NONE) {
        break;
      }
      int id = trie.value(node);
      if (id != ByteTrie.NONE) {
        known |= i + 1 == next;
        ways.offer(id, start, i + 1, scores[id]);
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
  private void emit(byte[] utf8, int from, int to, Ways ways, TokenSink sink) {
    int[] ends = new int[to - from];
    int count = 0;
    for (int end = to; end > from; end = ways.start(end)) {
      ends[count++] = end;
    }
    for (int i = count - 1; i >= 0; i--) {
      int end = ends[i];
      int start = ways.start(end);
      if (!ways.isUnknown(end)) {
        sink.add(ways.id(end), start, end);
        continue;
      }
      while (i > 0 && ways.isUnknown(ends[i - 1])) {
        end = ends[--i];
      }
      addUnknown(utf8, start, end, sink);
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
        sink.add(byteIds[utf8[i] & 0xFF], i, i + 1, Origin.BYTE);
      }
    } else if (unknownId >= 0) {
      sink.add(unknownId, start, end, Origin.UNKNOWN);
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
