package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A string of a template that remembers which of its characters came from the template's author
/// and which from the input. Immutable. Positions count UTF-16 units, unless a method says code
/// points, as Python counts.
final class Text {
  private static final int[] AUTHORED = {};
  private static final int[] INPUT = {0};

  static final Text EMPTY = new Text("", AUTHORED, false);

  private final String value;
  private final int[] turns; // where input begins, ends, begins again ...; the start is authored
  private final boolean safe; // HTML that is not escaped again

  private Text(String value, int[] turns, boolean safe) {
    this.value = value;
    this.turns = turns;
    this.safe = safe;
  }

  /// A text that the template's author wrote.
  static Text authored(String value) {
    return new Text(value, AUTHORED, false);
  }

  /// A text that came from outside.
  static Text input(String value) {
    return value.isEmpty() ? EMPTY : new Text(value, INPUT, false);
  }

  /// Another string made from this one: input, if any of this is.
  Text derive(String other) {
    return turns.length == 0 ? authored(other) : input(other);
  }

  String value() {
    return value;
  }

  boolean isEmpty() {
    return value.isEmpty();
  }

  boolean hasInput() {
    return turns.length > 0;
  }

  boolean isSafe() {
    return safe;
  }

  Text withSafe() {
    return new Text(value, turns, true);
  }

  /// The length in code points.
  int length() {
    return value.codePointCount(0, value.length());
  }

  Text substring(int from, int to) {
    if (from == 0 && to == value.length()) {
      return this;
    }
    if (from >= to) {
      return EMPTY;
    }
    if (turns.length == 0 || (turns.length == 1 && turns[0] == 0)) {
      return new Text(value.substring(from, to), turns, false);
    }
    var builder = new Builder();
    append(builder, from, to);
    return builder.build();
  }

  /// The code point at an index in code points.
  Text at(int index) {
    int from = value.offsetByCodePoints(0, index);
    return substring(from, value.offsetByCodePoints(from, 1));
  }

  /// The code points, each a text.
  List<Object> characters() {
    List<Object> characters = new ArrayList<>();
    for (int i = 0; i < value.length(); ) {
      int next = i + Character.charCount(value.codePointAt(i));
      characters.add(substring(i, next));
      i = next;
    }
    return characters;
  }

  Text plus(Text other) {
    return new Builder().append(this).append(other).build();
  }

  /// The runs of one origin, in order.
  List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= turns.length; i++) {
      int to = i < turns.length ? turns[i] : value.length();
      if (from < to) {
        runs.add(new Run(value.substring(from, to), i % 2 == 1));
      }
      from = to;
    }
    return runs;
  }

  /// A piece of text of one origin.
  record Run(String text, boolean isInput) {}

  private void append(Builder builder, int from, int to) {
    int found = Arrays.binarySearch(turns, from);
    int turn = found < 0 ? -1 - found : found; // the first run that may end behind the start
    int begin = turn == 0 ? 0 : turns[turn - 1];
    for (int i = turn; i <= turns.length && begin < to; i++) {
      int end = i < turns.length ? turns[i] : value.length();
      int first = Math.max(from, begin);
      int last = Math.min(to, end);
      if (first < last) {
        builder.append(value, first, last, i % 2 == 1);
      }
      begin = end;
    }
  }

  /// Two texts are equal if their characters are, wherever they came from.
  @Override
  public boolean equals(Object other) {
    return other instanceof Text text && value.equals(text.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }

  /// Puts texts together. For one thread.
  static final class Builder {
    private final StringBuilder value = new StringBuilder();
    private int[] turns = new int[4];
    private int count;

    Builder append(Text text) {
      text.append(this, 0, text.value.length());
      return this;
    }

    Builder append(String text, boolean isInput) {
      return append(text, 0, text.length(), isInput);
    }

    Builder append(String text, int from, int to, boolean isInput) {
      if (from == to) {
        return this;
      }
      if (isInput != (count % 2 == 1)) {
        if (count > 0 && turns[count - 1] == value.length()) {
          count--;
        } else {
          turns = count == turns.length ? Arrays.copyOf(turns, 2 * count) : turns;
          turns[count++] = value.length();
        }
      }
      value.append(text, from, to);
      return this;
    }

    int length() {
      return value.length();
    }

    Text build() {
      if (value.isEmpty()) {
        return EMPTY;
      }
      return new Text(value.toString(), count == 0 ? AUTHORED : Arrays.copyOf(turns, count), false);
    }
  }
}
