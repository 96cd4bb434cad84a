package dev.inferno.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/// Finds tokens that are taken as a whole in text: the leftmost, of several at one place the
/// longest, as Hugging Face does. (llama.cpp looks for the longest of all anywhere first.)
///
/// The texts are kept sorted, so that those that begin with the same bytes are neighbours, the
/// shortest first: walking along the text narrows a range of them. Immutable and thread-safe.
final class SpecialTokenMatcher {

  /// A token in a text.
  ///
  /// @param id of the token
  /// @param at where its own text begins
  /// @param start where it begins with the blanks that belong to it
  /// @param end where it ends with them
  record Match(int id, int at, int start, int end) {

    /// What is found where nothing is: behind every place in a text.
    static final Match NONE =
        new Match(-1, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    boolean isNone() {
      return id < 0;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] text, WholeToken token) {}

  private final Entry[] entries;
  private final boolean skipsSpecial;

  /// For each first byte, where its entries begin; the last element is their number.
  private final int[] firsts = new int[257];

  /// Whether there are any, for each first byte.
  private final boolean[] begins = new boolean[256];

  private SpecialTokenMatcher(Entry[] entries, boolean skipsSpecial) {
    this.entries = entries;
    this.skipsSpecial = skipsSpecial;
    int entry = 0;
    for (int first = 0; first < 256; first++) {
      firsts[first] = entry;
      while (entry < entries.length && (entries[entry].text[0] & 0xFF) == first) {
        entry++;
      }
      begins[first] = entry > firsts[first];
    }
    firsts[256] = entry;
  }

  static SpecialTokenMatcher of(Vocabulary vocabulary, IntPredicate matched) {
    List<Entry> entries = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (matched.test(id)) {
        byte[] text = vocabulary.utf8(id);
        if (text.length > 0) {
          entries.add(new Entry(text, WholeToken.plain("", id, vocabulary.type(id).isSpecial())));
        }
      }
    }
    return sorted(entries);
  }

  /// Of several tokens with the same text, the first is found.
  static SpecialTokenMatcher of(List<WholeToken> tokens) {
    List<Entry> entries = new ArrayList<>();
    for (WholeToken token : tokens) {
      if (!token.text().isEmpty()) {
        entries.add(new Entry(Utf8.encode(token.text()), token));
      }
    }
    return sorted(entries);
  }

  private static SpecialTokenMatcher sorted(List<Entry> entries) {
    entries.sort(Comparator.comparing(Entry::text, Arrays::compareUnsigned));
    return new SpecialTokenMatcher(entries.toArray(Entry[]::new), false);
  }

  /// The same, but special tokens are passed over: they are text, in which nothing else is found.
  SpecialTokenMatcher skippingSpecial() {
    return new SpecialTokenMatcher(entries, true);
  }

  boolean isEmpty() {
    return entries.length == 0;
  }

  /// The first token whose text lies between two places.
  ///
  /// What stands beside it is looked at as far as the text goes, but blanks before `first` belong
  /// to something else.
  Match next(byte[] utf8, int from, int to, int first) {
    for (int i = nextFirst(utf8, from, to); i < to; ) {
      int entry = match(utf8, i, to);
      if (entry < 0) {
        i = nextFirst(utf8, i + 1, to);
        continue;
      }
      WholeToken token = entries[entry].token;
      int end = i + entries[entry].text.length;
      boolean skipped = skipsSpecial && token.special();
      if (!skipped && (!token.singleWord() || isWord(utf8, i, end))) {
        return new Match(
            token.id(),
            i,
            token.stripsLeft() ? blanksStart(utf8, first, i) : i,
            token.stripsRight()
                ? CharacterClass.runEnd(utf8, end, utf8.length, CharacterClass.SPACE)
                : end);
      }
      i = nextFirst(utf8, end, to);
    }
    return Match.NONE;
  }

  /// The next place at which a token may begin, or `to`.
  private int nextFirst(byte[] utf8, int from, int to) {
    int i = isEmpty() ? to : from;
    while (i < to && !begins[utf8[i] & 0xFF]) {
      i++;
    }
    return i;
  }

  private static boolean isWord(byte[] utf8, int start, int end) {
    return (start == 0 || !CharacterClass.isWord(utf8, Utf8.before(utf8, start)))
        && (end == utf8.length || !CharacterClass.isWord(utf8, end));
  }

  private static int blanksStart(byte[] utf8, int first, int end) {
    int start = end;
    while (start > first) {
      int before = Utf8.before(utf8, start);
      if ((CharacterClass.at(utf8, before) & CharacterClass.SPACE) == 0) {
        break;
      }
      start = before;
    }
    return start;
  }

  private int match(byte[] utf8, int i, int to) {
    int low = firsts[utf8[i] & 0xFF];
    int high = firsts[(utf8[i] & 0xFF) + 1];
    int longest = -1;
    for (int depth = 1; low < high; depth++) {
      if (entries[low].text.length == depth) {
        longest = low;
        while (low < high && entries[low].text.length == depth) {
          low++;
        }
      }
      if (i + depth >= to) {
        break;
      }
      int octet = utf8[i + depth] & 0xFF;
      low = firstAtLeast(low, high, depth, octet);
      high = firstAtLeast(low, high, depth, octet + 1);
    }
    return longest;
  }

  /// The first entry of a range whose byte at `depth` is not below `octet`.
  private int firstAtLeast(int low, int high, int depth, int octet) {
    int from = low;
    int to = high;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if ((entries[middle].text[depth] & 0xFF) < octet) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}
