package dev.inferno.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is left of what one rendering may do, so that no template runs forever, fills the memory or
/// overflows the stack. For one thread.
final class Budget {
  /// Steps, each a statement or an operation.
  static final int STEPS = 8_000_000;

  /// Characters that are made, of output and of strings on the way, and those and items of lists
  /// that are looked through.
  static final long CHARACTERS = 1L << 26;

  /// Characters of one value that is no text: lists in lists are written as often as they are
  /// reached.
  static final int LONGEST_VALUE = 1 << 24;

  /// Calls of macros within each other.
  static final int DEPTH = 200;

  private int steps = STEPS;
  private long characters = CHARACTERS;
  private int depth;

  void step() {
    if (--steps < 0) {
      throw TemplateException.limit("the template takes more than %d steps", STEPS);
    }
  }

  void characters(long count) {
    characters -= count;
    if (characters < 0) {
      throw TemplateException.limit(
          "the template goes through more than %d characters", CHARACTERS);
    }
  }

  /// For an operation that may look at all there is of a value.
  void reads(@Nullable Object value) {
    switch (value) {
      case Text text -> characters(text.value().length());
      case List<?> _, Tuple _, Dict _, Views.View _ -> characters(Types.length(value));
      case null, default -> {}
    }
  }

  void enter() {
    if (++depth > DEPTH) {
      throw new TemplateException(
          "RecursionError", "macros call each other more than %d deep".formatted(DEPTH));
    }
  }

  void leave() {
    depth--;
  }
}
