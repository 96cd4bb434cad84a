package dev.inferno.tokenizer;

import java.util.Arrays;

/// Where in a text a piece stood that was merged before, and which of the tokens came from it, so
/// that a word that comes again need not be merged again. Each place of the cache holds the piece
/// that came last. For one thread and one text.
final class PieceCache {

  /// In shorter texts few words come again.
  private static final int LEAST_TEXT_BYTES = 4096;

  private static final int LONGEST_PIECE_BYTES = 64;

  private static final int PLACE_BITS = 12;

  private final int[] starts;
  private final int[] ends;
  private final int[] firstTokens;
  private final int[] tokens;

  /// @param textBytes how long the text is
  PieceCache(int textBytes) {
    int size = textBytes < LEAST_TEXT_BYTES ? 0 : 1 << PLACE_BITS;
    this.starts = new int[size];
    this.ends = new int[size];
    this.firstTokens = new int[size];
    this.tokens = new int[size];
  }

  /// The place where a piece is or will be; -1 if it has none.
  ///
  /// @param hash the piece's {@link EightBytes#hash}
  int place(int start, int end, int hash) {
    boolean hasPlace = starts.length > 0 && end - start <= LONGEST_PIECE_BYTES;
    return hasPlace ? hash >>> (Integer.SIZE - PLACE_BITS) : -1;
  }

  boolean holds(int place, byte[] utf8, int start, int end) {
    return place >= 0
        && tokens[place] > 0
        && Arrays.equals(utf8, starts[place], ends[place], utf8, start, end);
  }

  void put(int place, int start, int end, int firstToken, int count) {
    if (place >= 0) {
      starts[place] = start;
      ends[place] = end;
      firstTokens[place] = firstToken;
      tokens[place] = count;
    }
  }

  int firstToken(int place) {
    return firstTokens[place];
  }

  int tokens(int place) {
    return tokens[place];
  }
}
