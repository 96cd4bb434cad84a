package dev.inferno.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// What SentencePiece merges: tokens, and after them characters that are no token but a part of
/// one. Thread-safe.
///
/// @param table from the text of a symbol, blanks written as such, to its number
/// @param ids for each symbol that is a token its id; those beyond are characters
/// @param merges which two symbols become which, by falling score of the result
/// @param cutsBeforeBlanks whether no token has a blank after another character
@SuppressWarnings("ArrayRecordComponent") // never compared
record SentencePieceSymbols(
    ByteTable table, int[] ids, MergeTable merges, boolean cutsBeforeBlanks) {

  /// Tokens longer than this are not the result of merging in any known vocabulary; checking all
  /// their ways to be split would take quadratic time.
  private static final int LONGEST_MERGED_BYTES = 4096;

  static SentencePieceSymbols read(
      Metadata metadata, Vocabulary vocabulary, ByteTable bytes, float[] scores) {
    int size = vocabulary.size();
    ByteTable table = new ByteTable(size);
    int[] ids = new int[size];
    int count = 0;
    int tooLong = 0;
    boolean cuts = true;
    for (int id = 0; id < size; id++) {
      if (bytes.length(id) > LONGEST_MERGED_BYTES) {
        tooLong++;
      } else if (isText(vocabulary, id)) {
        table.add(bytes.array(), bytes.start(id), bytes.end(id));
        ids[count++] = id;
        cuts &= !hasInnerBlank(bytes, id);
      }
    }
    for (int symbol = 0; symbol < count; symbol++) {
      addCharacters(table, table.start(symbol), table.end(symbol));
    }
    MergeTable merges = new MergeTable(4 * size);
    int[] ranks = ranks(scores);
    for (int symbol = 0; symbol < count; symbol++) {
      putMerges(table, merges, symbol, ranks[ids[symbol]]);
    }
    if (tooLong > 0) {
      metadata.warn(
          "%d tokens in %s are longer than %d bytes; they are decoded, but no text gives them",
          tooLong, Metadata.TOKENS, LONGEST_MERGED_BYTES);
    }
    return new SentencePieceSymbols(table, Arrays.copyOf(ids, count), merges, cuts);
  }

  /// Of tokens with ranked merges.
  ///
  /// @param found which tokens take part
  /// @param merges the pairs of ids that are merged, the most important first
  /// @return nothing if others do, or two tokens are one once `▁` is a blank
  static Optional<SentencePieceSymbols> of(
      Vocabulary vocabulary, ByteTable bytes, IntPredicate found, List<JsonMerges.Merge> merges) {
    ByteTable table = new ByteTable(vocabulary.size());
    int[] ids = new int[vocabulary.size()];
    int[] symbols = new int[vocabulary.size()];
    int count = 0;
    for (int id = 0; id < symbols.length; id++) {
      symbols[id] = -1;
      if (found.test(id) && vocabulary.utf8(id).length > 0) {
        int start = bytes.start(id);
        int end = bytes.end(id);
        if (hasBlank(vocabulary.utf8(id)) || table.find(bytes.array(), start, end) >= 0) {
          return Optional.empty();
        }
        ids[count] = id;
        symbols[id] = count++;
        table.add(bytes.array(), start, end);
      }
    }
    MergeTable pairs = new MergeTable(merges.size());
    boolean cuts = true;
    for (int rank = merges.size() - 1; rank >= 0; rank--) { // of two for one pair the last counts
      JsonMerges.Merge merge = merges.get(rank);
      int left = symbols[merge.left()];
      int right = symbols[merge.right()];
      int merged = symbols[merge.merged()];
      if (left < 0 || right < 0 || merged < 0) {
        return Optional.empty();
      }
      pairs.put(left, right, rank, merged);
      cuts &= !hasInnerBlank(bytes, merge.merged());
    }
    return Optional.of(new SentencePieceSymbols(table, Arrays.copyOf(ids, count), pairs, cuts));
  }

  private static boolean hasBlank(byte[] text) {
    for (byte octet : text) {
      if (octet == ' ') {
        return true;
      }
    }
    return false;
  }

  private static boolean isText(Vocabulary vocabulary, int id) {
    return switch (vocabulary.type(id)) {
      case NORMAL, UNUSED, UNDEFINED -> vocabulary.utf8(id).length > 0;
      // With a real blank in it, it is found as a whole in the text and nowhere else.
      case USER_DEFINED -> {
        byte[] text = vocabulary.utf8(id);
        yield !hasBlank(text) && text.length > 0;
      }
      case CONTROL, UNKNOWN, BYTE -> false;
    };
  }

  private static boolean hasInnerBlank(ByteTable bytes, int id) {
    byte[] array = bytes.array();
    for (int i = bytes.start(id) + 1; i < bytes.end(id); i++) {
      if (array[i] == ' ' && array[i - 1] != ' ') {
        return true;
      }
    }
    return false;
  }

  private static void addCharacters(ByteTable table, int from, int to) {
    for (int i = from; i < to; ) {
      int end = i + Utf8.length(table.array()[i]);
      if (table.find(table.array(), i, end) < 0) {
        table.add(table.array(), i, end);
      }
      i = end;
    }
  }

  /// The place of each token in the order of falling scores; equal scores share one.
  private static int[] ranks(float[] scores) {
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    int[] ranks = new int[scores.length];
    for (int id = 0; id < ranks.length; id++) {
      int at = Arrays.binarySearch(sorted, scores[id]);
      while (at > 0 && Float.compare(sorted[at - 1], sorted[at]) == 0) {
        at--;
      }
      ranks[id] = scores.length - at;
    }
    return ranks;
  }

  private static void putMerges(ByteTable table, MergeTable merges, int symbol, int rank) {
    byte[] array = table.array();
    int start = table.start(symbol);
    int end = table.end(symbol);
    int merged = table.find(array, start, end); // of two equal texts, the one that is found
    for (int i = start + Utf8.length(array[start]); i < end; i += Utf8.length(array[i])) {
      int left = table.find(array, start, i);
      int right = left < 0 ? -1 : table.find(array, i, end);
      if (right >= 0) {
        merges.put(left, right, rank, merged);
      }
    }
  }
}
