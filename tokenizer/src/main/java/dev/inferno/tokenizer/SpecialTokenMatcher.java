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

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] text, int id) {}

  private final Entry[] entries;

  /// For each first byte, where its entries begin; the last element is their number.
  private final int[] firsts = new int[257];

  private SpecialTokenMatcher(Entry[] entries) {
    this.entries = entries;
    int entry = 0;
    for (int first = 0; first < 256; first++) {
      firsts[first] = entry;
      while (entry < entries.length && (entries[entry].text[0] & 0xFF) == first) {
        entry++;
      }
    }
    firsts[256] = entry;
  }

  static SpecialTokenMatcher of(Vocabulary vocabulary, IntPredicate matched) {
    List<Entry> entries = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (matched.test(id)) {
        byte[] text = vocabulary.utf8(id);
        if (text.length > 0) {
          entries.add(new Entry(text, id));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::text, Arrays::compareUnsigned));
    return new SpecialTokenMatcher(entries.toArray(Entry[]::new));
  }

  /// Where the first token begins from `from` on, or `to` if there is none.
  int next(byte[] utf8, int from, int to) {
    for (int i = from; i < to; i++) {
      int first = utf8[i] & 0xFF;
      if (firsts[first] < firsts[first + 1] && match(utf8, i, to) >= 0) {
        return i;
      }
    }
    return to;
  }

  /// The id of the longest token that begins at `i`, or -1.
  int idAt(byte[] utf8, int i, int to) {
    int entry = match(utf8, i, to);
    return entry < 0 ? -1 : entries[entry].id;
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
