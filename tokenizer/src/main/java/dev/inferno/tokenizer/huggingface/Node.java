package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.MalformedTokenizerException;
import dev.inferno.tokenizer.UnsupportedTokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// An object of a JSON file, each value checked when it is taken. Immutable.
///
/// @param name what messages call the file
/// @param path where in the file it stands, empty for the whole file
/// @param values Strings, Longs, Doubles, Booleans, Lists and Maps; null is absent
public record Node(String name, String path, Map<String, Object> values) {

  private static final int LONGEST_QUOTE = 60;

  /// An object that says nothing.
  public static Node empty(String name) {
    return new Node(name, "", Map.of());
  }

  /// Whether there is such a key.
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /// The text of a key, if it is there.
  public Optional<String> text(String key) {
    return value(key, String.class, "a text");
  }

  /// The text of a key that must be there.
  public String requiredText(String key) {
    return text(key).orElseThrow(() -> missing(key, "a text"));
  }

  /// The text of a key that must be there and not be empty.
  public String filledText(String key) {
    String text = requiredText(key);
    if (text.isEmpty()) {
      throw malformed(key, "is empty; it must have at least one character");
    }
    return text;
  }

  /// The one character that a key says.
  ///
  /// @param absent what holds where there is no such key
  public int character(String key, int absent) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return absent;
    }
    if (text.get().codePointCount(0, text.get().length()) != 1) {
      throw malformed(key, "is '%s'; it must be one character".formatted(quoted(text.get())));
    }
    return text.get().codePointAt(0);
  }

  /// The integer of a key, if it is there.
  public OptionalLong integer(String key) {
    Optional<Long> value = value(key, Long.class, "an integer");
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
  }

  /// An integer between these.
  ///
  /// @param absent what holds where there is no such key
  public int count(String key, int least, int most, int absent) {
    long value = integer(key).orElse(absent);
    if (value < least || value > most) {
      throw malformed(key, "is %d; possible are %d to %d".formatted(value, least, most));
    }
    return (int) value;
  }

  /// What a key says, yes or no.
  ///
  /// @param absent what holds where there is no such key
  public boolean flag(String key, boolean absent) {
    return value(key, Boolean.class, "true or false").orElse(absent);
  }

  /// The object of a key, if it is there.
  public Optional<Node> object(String key) {
    return value(key, Map.class, "an object").map(map -> node(label(key), map));
  }

  /// The object of a key that must be there.
  public Node requiredObject(String key) {
    return object(key).orElseThrow(() -> missing(key, "an object"));
  }

  /// The objects of an array, none if there is no such key.
  public List<Node> objects(String key) {
    List<?> list = list(key).orElse(List.of());
    List<Node> objects = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String label = "%s[%d]".formatted(label(key), i);
      if (!(list.get(i) instanceof Map<?, ?> map)) {
        throw new MalformedTokenizerException(
            "%s: malformed: %s is %s, must be an object"
                .formatted(name, label, described(list.get(i))));
      }
      objects.add(node(label, map));
    }
    return objects;
  }

  /// The array of a key, if it is there.
  public Optional<List<?>> list(String key) {
    return value(key, List.class, "an array").map(list -> (List<?>) list);
  }

  /// The array of a key that must be there.
  public List<?> requiredList(String key) {
    return list(key).orElseThrow(() -> missing(key, "an array"));
  }

  private Node node(String label, Map<?, ?> map) {
    @SuppressWarnings("unchecked") // so are all maps among the values
    Map<String, Object> members = (Map<String, Object>) map;
    return new Node(name, label, members);
  }

  private <T> Optional<T> value(String key, Class<T> type, String expected) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw malformed(key, "is %s, must be %s".formatted(described(value), expected));
    }
    return Optional.of(type.cast(value));
  }

  /// How messages call a key.
  public String label(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /// A value as messages show it.
  public static String described(Object value) {
    return switch (value) {
      case String text -> "'" + quoted(text) + "'";
      case List<?> list -> "an array of " + list.size();
      case Map<?, ?> map -> "an object of " + map.size();
      default -> value.toString();
    };
  }

  /// The beginning of a text, as messages show it.
  public static String quoted(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }

  private MalformedTokenizerException missing(String key, String expected) {
    return malformed(key, "is not there, must be " + expected);
  }

  /// The refusal of what a key says.
  public MalformedTokenizerException malformed(String key, String what) {
    return new MalformedTokenizerException(
        "%s: malformed: %s %s".formatted(name, label(key), what));
  }

  /// The refusal of what a key asks for.
  public UnsupportedTokenizerException unsupported(String key, String what) {
    return new UnsupportedTokenizerException(
        "%s: unsupported: %s %s".formatted(name, label(key), what));
  }
}
