package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A dictionary in the order of insertion, whose keys are equal as in Python: 1, 1.0 and true are
/// the same.
final class Dict {
  private static final Object NONE = new Object();

  /// Of tuples that are keys, many times what any template has.
  private static final int MOST_ITEMS = 256;

  private final Map<Object, Entry> entries = new LinkedHashMap<>();

  /// A key and its value.
  record Entry(@Nullable Object key, @Nullable Object value) {}

  void put(@Nullable Object key, @Nullable Object value) {
    Object canonical = canonical(key);
    Entry old = entries.get(canonical);
    entries.put(canonical, new Entry(old == null ? key : old.key(), value));
  }

  boolean contains(@Nullable Object key) {
    return entries.containsKey(canonical(key));
  }

  @Nullable Object get(@Nullable Object key) {
    Entry entry = entries.get(canonical(key));
    return entry == null ? null : entry.value();
  }

  @Nullable Entry entry(String key) {
    return entries.get(key);
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  List<@Nullable Object> keys() {
    List<@Nullable Object> keys = new ArrayList<>();
    entries.values().forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  int size() {
    return entries.size();
  }

  /// Tuples within tuples count as often as they are reached.
  ///
  /// @param before how many items the key had before this tuple
  /// @return how many it has with it
  private static int add(Tuple tuple, List<Object> canonical, int before) {
    int count = before;
    for (Object item : tuple.items()) {
      if (++count > MOST_ITEMS) {
        throw TemplateException.limit("a key has more than %d items", MOST_ITEMS);
      }
      if (item instanceof Tuple inner) {
        List<Object> items = new ArrayList<>();
        count = add(inner, items, count);
        canonical.add(items);
      } else {
        canonical.add(canonical(item));
      }
    }
    return count;
  }

  /// What equal keys have in common.
  static Object canonical(@Nullable Object key) {
    return switch (key) {
      case null -> NONE;
      case Text text -> text.value();
      case Boolean flag -> flag ? 1L : 0L;
      case Double real when real == Math.rint(real) && Math.abs(real) < 0x1p53 -> real.longValue();
      case Tuple tuple -> {
        List<Object> items = new ArrayList<>();
        add(tuple, items, 0);
        yield items;
      }
      case Long integer -> integer;
      case BigInteger large -> large;
      case Double real -> real;
      case Undefined undefined -> undefined;
      default -> throw TemplateException.type("unhashable type: '%s'", Types.name(key));
    };
  }
}
