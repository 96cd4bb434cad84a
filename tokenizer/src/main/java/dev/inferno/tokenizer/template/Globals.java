package dev.inferno.tokenizer.template;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The functions that every template can call: those of Jinja, and those of Hugging Face.
final class Globals {
  private Globals() {}

  static Map<String, @Nullable Object> all(Clock clock) {
    Map<String, @Nullable Object> globals = new HashMap<>();
    globals.put("range", (Callable) (arguments, _) -> range(arguments));
    globals.put("dict", (Callable) (arguments, _) -> dict(arguments));
    globals.put("namespace", (Callable) (arguments, _) -> namespace(arguments));
    globals.put("joiner", (Callable) (arguments, _) -> joiner(arguments));
    globals.put("cycler", (Callable) (arguments, _) -> cycler(arguments));
    globals.put(
        "raise_exception",
        (Callable)
            (arguments, _) -> {
              throw new TemplateException(
                  TemplateException.REFUSAL, Types.print(arguments.only()).value());
            });
    globals.put(
        "strftime_now",
        (Callable)
            (arguments, _) ->
                Text.authored(
                    TimeFormat.format(
                        Types.text(arguments.only(), "strftime() argument 1").value(),
                        LocalDateTime.now(clock))));
    return globals;
  }

  private static Views.Range range(Arguments arguments) {
    var given = arguments.positional();
    if (given.isEmpty() || given.size() > 3 || !arguments.named().isEmpty()) {
      throw TemplateException.type("range expected 1 to 3 arguments, got %d", given.size());
    }
    long first = Types.integer(given.get(0));
    var range =
        given.size() == 1
            ? new Views.Range(0, first, 1)
            : new Views.Range(
                first,
                Types.integer(given.get(1)),
                given.size() == 3 ? Types.integer(given.get(2)) : 1);
    range.size(); // refuses what is too large
    return range;
  }

  private static Dict dict(Arguments arguments) {
    var dict = new Dict();
    if (!arguments.positional().isEmpty()) {
      if (!(arguments.onlyPositional() instanceof Dict from)) {
        throw TemplateException.type(
            "'%s' object is not a mapping", Types.name(arguments.positional().getFirst()));
      }
      from.entries().forEach(entry -> dict.put(entry.key(), entry.value()));
    }
    arguments.named().forEach((name, value) -> dict.put(Text.authored(name), value));
    return dict;
  }

  private static Namespace namespace(Arguments arguments) {
    var namespace = new Namespace();
    for (Dict.Entry entry : dict(arguments).entries()) {
      namespace.values().put(Types.text(entry.key(), "name").value(), entry.value());
    }
    return namespace;
  }

  private static Callable joiner(Arguments arguments) {
    @Nullable Object separator = arguments.bind("sep").getOrDefault("sep", Text.authored(", "));
    boolean[] used = new boolean[1];
    return (_, _) -> {
      boolean first = !used[0];
      used[0] = true;
      return first ? Text.EMPTY : separator;
    };
  }

  private static Namespace cycler(Arguments arguments) {
    var items = arguments.positional();
    if (items.isEmpty()) {
      throw TemplateException.runtime("at least one item has to be provided");
    }
    var cycler = new Namespace();
    int[] at = new int[1];
    cycler.values().put("current", items.getFirst());
    cycler
        .values()
        .put(
            "next",
            (Callable)
                (_, _) -> {
                  @Nullable Object item = items.get(at[0]);
                  at[0] = (at[0] + 1) % items.size();
                  cycler.values().put("current", items.get(at[0]));
                  return item;
                });
    cycler
        .values()
        .put(
            "reset",
            (Callable)
                (_, _) -> {
                  at[0] = 0;
                  cycler.values().put("current", items.getFirst());
                  return null;
                });
    return cycler;
  }
}
