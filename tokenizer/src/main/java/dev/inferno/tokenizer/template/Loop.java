package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The variable `loop` of a loop.
final class Loop implements Callable {
  private final List<Object> items;
  private final int depth; // of recursion, from 0
  private final Statement.@Nullable For recursion;
  private final Frame frame;
  private int index = -1;
  private @Nullable List<Object> lastChecked;

  Loop(List<Object> items, int depth, Statement.@Nullable For recursion, Frame frame) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
    this.frame = frame;
  }

  void next() {
    index++;
  }

  int length() {
    return items.size();
  }

  @Nullable Object attribute(String name) {
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> items.size() - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index > 0 ? items.get(index - 1) : Undefined.of("there is no previous item");
      case "nextitem" ->
          index + 1 < items.size() ? items.get(index + 1) : Undefined.of("there is no next item");
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) this::changed;
      default -> Undefined.of("'LoopContext' has no attribute '%s'", name);
    };
  }

  private @Nullable Object cycle(Arguments arguments, Frame caller) {
    if (arguments.positional().isEmpty()) {
      throw TemplateException.type("no items for cycling given");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }

  private Object changed(Arguments arguments, Frame caller) {
    List<Object> values = new ArrayList<>(arguments.positional());
    boolean changed = lastChecked == null || !Operators.equal(lastChecked, values, caller.budget());
    lastChecked = values;
    return changed;
  }

  /// Runs a recursive loop over other items; what it writes is the result.
  @Override
  public Object call(Arguments arguments, Frame caller) {
    if (recursion == null) {
      throw TemplateException.type(
          "The loop must have the 'recursive' marker to be called recursively.");
    }
    var output = new Output();
    caller.budget().enter();
    recursion.run(arguments.only(), depth + 1, frame.inner(output));
    caller.budget().leave();
    return output.text();
  }
}
