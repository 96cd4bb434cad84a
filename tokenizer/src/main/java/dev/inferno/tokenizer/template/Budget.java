package dev.inferno.tokenizer.template;

/// What is left of what one rendering may do, so that no template runs forever, fills the memory or
/// overflows the stack. For one thread.
final class Budget {
  /// Steps, each a statement or an operation.
  static final int STEPS = 20_000_000;

  /// Characters that are made, of output and of strings on the way.
  static final long CHARACTERS = 1L << 28;

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
      throw TemplateException.limit("the template makes more than %d characters", CHARACTERS);
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
