package dev.inferno.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a statement runs: the names it sees, what it writes to, and what is left of what a
/// rendering may do. Scopes are chained; a name is set in the innermost.
final class Frame {
  private final @Nullable Frame outer;
  private final Map<String, @Nullable Object> names;
  private final Output output;
  private final Budget budget;

  private Frame(
      @Nullable Frame outer, Map<String, @Nullable Object> names, Output output, Budget budget) {
    this.outer = outer;
    this.names = names;
    this.output = output;
    this.budget = budget;
  }

  /// The outermost frame, which sees these names.
  static Frame root(Map<String, @Nullable Object> names, Output output, Budget budget) {
    return new Frame(new Frame(null, names, output, budget), new HashMap<>(), output, budget);
  }

  /// A scope within this one.
  Frame inner() {
    return new Frame(this, new HashMap<>(), output, budget);
  }

  /// A scope within this one that writes elsewhere.
  Frame inner(Output other) {
    return new Frame(this, new HashMap<>(), other, budget);
  }

  /// The same scope, writing elsewhere.
  Frame writingTo(Output other) {
    return new Frame(outer, names, other, budget);
  }

  @Nullable Object get(String name) {
    for (@Nullable Frame frame = this; frame != null; frame = frame.outer) {
      @Nullable Object value = frame.names.get(name);
      if (value != null || frame.names.containsKey(name)) {
        return value;
      }
    }
    return Undefined.of("'%s' is undefined", name);
  }

  void set(String name, @Nullable Object value) {
    names.put(name, value);
  }

  Output output() {
    return output;
  }

  Budget budget() {
    return budget;
  }
}
