package dev.inferno.internal.huggingface;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/// A `config.json`, or an object in it, each value checked when it is taken. Immutable.
///
/// @param name what messages call the file
/// @param path what stands before a key in messages
/// @param values as {@link dev.inferno.format.ModelFolder#config} has them: null is absent
record Config(String name, String path, Map<String, Object> values) {

  boolean has(String key) {
    return values.containsKey(key);
  }

  /// The same with what others say where it says nothing.
  Config or(Map<String, Object> others) {
    Map<String, Object> both = new HashMap<>(others);
    both.putAll(values);
    return new Config(name, path, both);
  }

  /// The same with a key under the name that others have for it, unless that is there, too.
  Config called(String own, String usual) {
    Object value = values.get(own);
    return value == null ? this : or(Map.of(usual, value));
  }

  /// How messages call a key.
  String label(String key) {
    return path + key;
  }

  Optional<String> text(String key) {
    return value(key, String.class, "a text");
  }

  String requiredText(String key) {
    return text(key).orElseThrow(() -> missing(key));
  }

  OptionalLong integer(String key) {
    Optional<Long> value = value(key, Long.class, "an integer");
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
  }

  /// An integer between these.
  long count(String key, long least, long most) {
    return checked(key, integer(key).orElseThrow(() -> missing(key)), least, most);
  }

  /// The same, if there is such a key.
  OptionalLong optionalCount(String key, long least, long most) {
    OptionalLong value = integer(key);
    value.ifPresent(number -> checked(key, number, least, most));
    return value;
  }

  private long checked(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw malformed(key, "is %d; possible are %d to %d".formatted(value, least, most));
    }
    return value;
  }

  /// A positive number that a float holds, rounded to one as in GGUF.
  double positive(String key) {
    return optionalPositive(key).orElseThrow(() -> missing(key));
  }

  /// The same, not rounded, for a number that is computed with before it is.
  double exact(String key) {
    positive(key);
    return value(key, Number.class, "a number").orElseThrow(() -> missing(key)).doubleValue();
  }

  double positive(String key, double absent) {
    return optionalPositive(key).orElse(absent);
  }

  Optional<Double> optionalPositive(String key) {
    return value(key, Number.class, "a number")
        .map(number -> {
          float value = number.floatValue();
          if (!(value > 0) || Float.isInfinite(value)) {
            throw malformed(
                key, "is %s; possible are positive numbers of 32 bits".formatted(number));
          }
          return (double) value;
        });
  }

  boolean flag(String key, boolean absent) {
    return value(key, Boolean.class, "true or false").orElse(absent);
  }

  /// Whether a key says yes: it is true, or a number that is not 0.
  boolean says(String key, boolean absent) {
    return values.get(key) instanceof Number number ? number.doubleValue() != 0 : flag(key, absent);
  }

  Optional<Config> object(String key) {
    return value(key, Map.class, "an object")
        .map(map -> {
          @SuppressWarnings("unchecked") // so are all maps among the values
          Map<String, Object> members = map;
          return new Config(name, path + key + ".", members);
        });
  }

  /// The objects of an array, none if there is no such key.
  List<Config> objects(String key) {
    List<?> list = list(key).orElse(List.of());
    List<Config> objects = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (!(list.get(i) instanceof Map<?, ?> map)) {
        throw malformed(key, "has %s, must be an array of objects".formatted(list.get(i)));
      }
      @SuppressWarnings("unchecked") // so are all maps among the values
      Map<String, Object> members = (Map<String, Object>) map;
      objects.add(new Config(name, "%s%s[%d].".formatted(path, key, i), members));
    }
    return objects;
  }

  Optional<List<?>> list(String key) {
    return value(key, List.class, "an array").map(list -> (List<?>) list);
  }

  /// Refuses a text that is none of these, if there is such a key.
  void requireOneOf(String key, Set<String> supported) {
    text(key)
        .ifPresent(text -> {
          if (!supported.contains(text)) {
            throw unsupported(
                key, "is '%s'; supported are %s".formatted(text, new TreeSet<>(supported)));
          }
        });
  }

  /// Refuses a flag that is set otherwise, if there is such a key.
  void requireFlag(String key, boolean supported) {
    if (flag(key, supported) != supported) {
      throw unsupported(key, "is %s; supported is %s".formatted(!supported, supported));
    }
  }

  /// Refuses a key that says anything.
  void requireAbsent(String key, String supported) {
    if (has(key)) {
      throw unsupported(
          key, "is %s; supported is %s".formatted(values.getOrDefault(key, ""), supported));
    }
  }

  private <T> Optional<T> value(String key, Class<T> type, String expected) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      String found = value instanceof String ? "'" + value + "'" : value.toString();
      throw malformed(key, "is %s, must be %s".formatted(found, expected));
    }
    return Optional.of(type.cast(value));
  }

  private MalformedModelException missing(String key) {
    return new MalformedModelException(
        "%s: malformed: there is no key '%s'".formatted(name, label(key)));
  }

  MalformedModelException malformed(String key, String what) {
    return new MalformedModelException("%s: malformed: %s %s".formatted(name, label(key), what));
  }

  UnsupportedModelException unsupported(String key, String what) {
    return new UnsupportedModelException(
        "%s: unsupported: %s %s".formatted(name, label(key), what));
  }
}
