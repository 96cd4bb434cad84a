package dev.inferno.tokenizer.huggingface;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// Where something occurs in a text, from left to right and without overlaps. Immutable and
/// thread-safe.
@FunctionalInterface
interface Matches {

  /// The matches that begin and end between two chars, which are all there is of the text.
  ///
  /// @return the beginning and the end of each
  int[] in(String text, int from, int to);

  /// The pattern of a node: `{"String": ...}` or `{"Regex": ...}`.
  static Matches read(Node node) {
    Node pattern = node.requiredObject("pattern");
    if (pattern.has("String")) {
      return literal(pattern.requiredText("String"));
    }
    if (pattern.has("Regex")) {
      return Regex.read(pattern);
    }
    throw node.malformed("pattern", "has neither 'String' nor 'Regex', must have one of them");
  }

  /// Every occurrence of a text.
  private static Matches literal(String wanted) {
    if (wanted.isEmpty()) {
      return (text, from, to) -> new int[0];
    }
    return (text, from, to) -> {
      var found = new Found();
      int at = text.indexOf(wanted, from, to);
      while (at >= 0) {
        found.add(at, at + wanted.length());
        at = text.indexOf(wanted, at + wanted.length(), to);
      }
      return found.all();
    };
  }

  /// Each single character of a kind.
  static Matches characters(IntPredicate kind) {
    return (text, from, to) -> {
      var found = new Found();
      for (int i = from; i < to; ) {
        int c = text.codePointAt(i);
        int end = i + Character.charCount(c);
        if (kind.test(c)) {
          found.add(i, end);
        }
        i = end;
      }
      return found.all();
    };
  }

  /// Matches as they are found. For one thread.
  final class Found {
    private int[] places = new int[16];
    private int size;

    void add(int from, int to) {
      if (size == places.length) {
        places = Arrays.copyOf(places, 2 * size);
      }
      places[size++] = from;
      places[size++] = to;
    }

    void clear() {
      size = 0;
    }

    int[] all() {
      return Arrays.copyOf(places, size);
    }
  }
}
