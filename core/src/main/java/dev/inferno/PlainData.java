package dev.inferno;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values as JSON has them: null, String, Boolean, Number, List, and Map with String keys.
final class PlainData {
  private static final int DEEPEST = 100;

  private PlainData() {}

  /// A copy that nobody can change.
  ///
  /// @param what what messages call the value
  /// @throws IllegalArgumentException if it is something else
  static @Nullable Object copy(String what, @Nullable Object value) {
    return copy(what, value, 0);
  }

  /// The same of a map.
  static Map<String, @Nullable Object> copy(String what, Map<?, ?> map) {
    return copy(what, map, 0);
  }

  private static Map<String, @Nullable Object> copy(String what, Map<?, ?> map, int depth) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> {
      if (!(key instanceof String name)) {
        throw new IllegalArgumentException(
            "%s: a name must be a String, but is %s".formatted(what, key));
      }
      copy.put(name, copy(what, value, depth + 1));
    });
    return Collections.unmodifiableMap(copy);
  }

  private static @Nullable Object copy(String what, @Nullable Object value, int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("%s: nested more than %d deep".formatted(what, DEEPEST));
    }
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Boolean flag -> flag;
      case Number number -> number;
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        list.forEach(item -> copy.add(copy(what, item, depth + 1)));
        yield Collections.unmodifiableList(copy);
      }
      case Map<?, ?> map -> copy(what, map, depth);
      default ->
          throw new IllegalArgumentException(
              "%s: a value is a %s; possible are String, Boolean, Number, List, Map and null"
                  .formatted(what, value.getClass().getName()));
    };
  }
}
