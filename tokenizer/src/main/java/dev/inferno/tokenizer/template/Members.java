package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Attributes and items of values. An attribute is first looked for among the methods of the
/// value's type, then among its items; an item the other way round. What would change a value is
/// refused, as in Jinja's immutable sandbox.
final class Members {
  private static final Set<String> CHANGING =
      Set.of(
          "append",
          "clear",
          "pop",
          "reverse",
          "insert",
          "sort",
          "extend",
          "remove",
          "setdefault",
          "update",
          "popitem",
          "add");

  private Members() {}

  static @Nullable Object attribute(@Nullable Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (name.startsWith("__")) {
      return unsafe(of, name);
    }
    @Nullable Object method = method(of, name);
    if (method != null) {
      return method;
    }
    return switch (of) {
      case Dict dict when dict.entry(name) != null -> dict.get(Text.authored(name));
      case Namespace namespace when namespace.values().containsKey(name) ->
          namespace.values().get(name);
      case Loop loop -> loop.attribute(name);
      case null, default -> missing(of, name);
    };
  }

  static @Nullable Object item(@Nullable Object of, @Nullable Object index) {
    if (of instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (of instanceof Dict dict) {
      if (index instanceof List<?> || index instanceof Dict) {
        return Undefined.of("'dict object' has no such element");
      }
      if (dict.contains(index)) {
        return dict.get(index);
      }
    }
    if ((index instanceof Long || index instanceof Boolean) && isSequence(of)) {
      long size = Types.length(of);
      long at = Types.integer(index);
      at = at < 0 ? at + size : at;
      if (at < 0 || at >= size) {
        return Undefined.of("%s object has no element %s", Types.name(of), Types.integer(index));
      }
      return of instanceof Text text ? text.at((int) at) : sequence(of).get((int) at);
    }
    if (index instanceof Text name) {
      if (of instanceof Namespace namespace && namespace.values().containsKey(name.value())) {
        return namespace.values().get(name.value());
      }
      @Nullable Object method =
          name.value().startsWith("__") ? unsafe(of, name.value()) : method(of, name.value());
      return method == null ? missing(of, name.value()) : method;
    }
    return Undefined.of("%s has no element %s", object(of), Printer.repr(index));
  }

  private static boolean isSequence(@Nullable Object value) {
    return value instanceof Text
        || value instanceof List<?>
        || value instanceof Tuple
        || value instanceof Views.Range;
  }

  @SuppressWarnings("unchecked") // all lists are of values
  private static List<Object> sequence(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> (List<Object>) list;
      case Tuple tuple -> tuple.items();
      case Views.Range range -> range.items();
      case null, default -> throw new IllegalArgumentException();
    };
  }

  private static Undefined unsafe(@Nullable Object of, String name) {
    return new Undefined(
        "SecurityError",
        "access to attribute '%s' of '%s' object is unsafe.".formatted(name, Types.name(of)));
  }

  private static Undefined missing(@Nullable Object of, String name) {
    return Undefined.of("%s has no attribute '%s'", object(of), name);
  }

  private static String object(@Nullable Object of) {
    return of == null ? "None" : "'%s object'".formatted(Types.name(of));
  }

  /// A method bound to its value, null if its type has none of this name.
  private static @Nullable Object method(@Nullable Object of, String name) {
    return switch (of) {
      case Text text -> Strings.method(text, name);
      case Dict dict -> method(dict, name);
      case List<?> list -> method(list, name, of);
      case Tuple tuple -> method(tuple.items(), name, of);
      case null, default -> null;
    };
  }

  private static @Nullable Object method(Dict dict, String name) {
    if (CHANGING.contains(name) && !name.equals("append") && dict.entry(name) == null) {
      return Set.of("clear", "pop", "popitem", "setdefault", "update").contains(name)
          ? unsafe(dict, name)
          : null;
    }
    return switch (name) {
      case "get" ->
          (Callable)
              (arguments, _) -> {
                var bound = arguments.bind("key", "default");
                return dict.contains(bound.get("key"))
                    ? dict.get(bound.get("key"))
                    : bound.get("default");
              };
      case "items" -> (Callable) (_, _) -> new Views.Items(dict);
      case "keys" -> (Callable) (_, _) -> new Views.Keys(dict);
      case "values" -> (Callable) (_, _) -> new Views.Values(dict);
      case "copy" ->
          (Callable)
              (_, _) -> {
                var copy = new Dict();
                dict.entries().forEach(entry -> copy.put(entry.key(), entry.value()));
                return copy;
              };
      default -> null;
    };
  }

  private static @Nullable Object method(List<?> items, String name, @Nullable Object of) {
    boolean isList = of instanceof List<?>;
    if (isList
        && CHANGING.contains(name)
        && !Set.of("setdefault", "update", "popitem", "add").contains(name)) {
      return unsafe(of, name);
    }
    return switch (name) {
      case "index" ->
          (Callable)
              (arguments, frame) -> {
                @Nullable Object wanted = arguments.first();
                for (int i = 0; i < items.size(); i++) {
                  frame.budget().characters(1);
                  if (Operators.equal(items.get(i), wanted, frame.budget())) {
                    return (long) i;
                  }
                }
                throw TemplateException.value("%s is not in list", Printer.repr(wanted));
              };
      case "count" ->
          (Callable)
              (arguments, frame) -> {
                @Nullable Object wanted = arguments.only();
                frame.budget().reads(items);
                return items.stream()
                    .filter(item -> Operators.equal(item, wanted, frame.budget()))
                    .count();
              };
      case "copy" -> isList ? (Callable) (_, _) -> new ArrayList<>(items) : null;
      default -> null;
    };
  }

  static Object slice(
      @Nullable Object of,
      @Nullable Long from,
      @Nullable Long to,
      @Nullable Long step,
      Frame frame) {
    if (of instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!isSequence(of)) {
      throw of instanceof Dict
          ? TemplateException.type("unhashable type: 'slice'")
          : TemplateException.type("'%s' object is not subscriptable", Types.name(of));
    }
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw TemplateException.value("slice step cannot be zero");
    }
    long size = Types.length(of);
    long least = by > 0 ? 0 : -1;
    long most = by > 0 ? size : size - 1;
    long begin = from == null ? (by > 0 ? 0 : size - 1) : bound(from, size, least, most);
    long end = to == null ? (by > 0 ? size : -1) : bound(to, size, least, most);
    if (of instanceof Text text && by == 1) {
      String value = text.value();
      int first = value.offsetByCodePoints(0, (int) Math.min(begin, size));
      int last = value.offsetByCodePoints(0, (int) Math.max(0, Math.min(end, size)));
      return text.substring(first, last);
    }
    List<Object> items = of instanceof Text text ? text.characters() : sequence(of);
    List<Object> taken = new ArrayList<>();
    for (long i = begin; by > 0 ? i < end : i > end; i += by) {
      frame.budget().step();
      taken.add(items.get((int) i));
    }
    if (of instanceof Text) {
      var builder = new Text.Builder();
      taken.forEach(item -> builder.append((Text) item));
      return builder.build();
    }
    return of instanceof Tuple ? new Tuple(taken) : taken;
  }

  private static long bound(long value, long size, long least, long most) {
    return Math.clamp(value < 0 ? value + size : value, least, most);
  }
}
