package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The filters that take, order and group the items of a value; see {@link Filters}.
final class SequenceFilters {
  private SequenceFilters() {}

  static Text join(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "d", "attribute");
    Text separator = Types.print(bound.getOrDefault("d", Text.EMPTY));
    @Nullable Object attribute = bound.get("attribute");
    var builder = new Text.Builder();
    boolean first = true;
    for (Object item : Types.list(bound.get("value"), frame)) {
      Text text = Types.print(attribute == null ? item : attribute(item, attribute));
      frame.budget().characters(separator.value().length() + text.value().length());
      if (!first) {
        builder.append(separator);
      }
      builder.append(text);
      first = false;
    }
    return builder.build();
  }

  static Object items(@Nullable Object value) {
    if (value instanceof Undefined) {
      return new Generator(List.<Object>of().iterator());
    }
    if (!(value instanceof Dict dict)) {
      throw TemplateException.type("Can only get item pairs from a mapping.");
    }
    return new Generator(new Views.Items(dict).items().iterator());
  }

  static List<Object> dictSort(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "case_sensitive", "by", "reverse");
    if (!(bound.get("value") instanceof Dict dict)) {
      if (bound.get("value") instanceof Undefined undefined) {
        throw undefined.failure();
      }
      throw TemplateException.type(
          "dictsort needs a mapping, not %s", Types.name(bound.get("value")));
    }
    String by = Types.print(bound.getOrDefault("by", Text.authored("key"))).value();
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException(
          "FilterArgumentError", "You can only sort by either \"key\" or \"value\"");
    }
    int index = by.equals("key") ? 0 : 1;
    boolean caseSensitive = Types.truth(bound.get("case_sensitive"));
    List<Object> pairs = new ArrayList<>(new Views.Items(dict).items());
    sort(
        pairs,
        pair -> folded(((Tuple) pair).items().get(index), caseSensitive),
        Types.truth(bound.get("reverse")),
        frame.budget());
    return pairs;
  }

  /// What an item is sorted or compared by.
  private interface Key {
    @Nullable Object of(Object item);
  }

  private static void sort(List<Object> items, Key key, boolean reverse, Budget budget) {
    items.sort((left, right) -> {
      @Nullable Object first = key.of(left);
      @Nullable Object second = key.of(right);
      budget.characters(1);
      int order = Operators.compare(first, second, "<", budget);
      return reverse ? -order : order;
    });
  }

  private static @Nullable Object folded(@Nullable Object value, boolean caseSensitive) {
    return value instanceof Text text && !caseSensitive
        ? Text.authored(text.value().toLowerCase(Locale.ROOT))
        : value;
  }

  static List<Object> sort(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "reverse", "case_sensitive", "attribute");
    boolean caseSensitive = Types.truth(bound.get("case_sensitive"));
    @Nullable Object attribute = bound.get("attribute");
    List<Object> items = new ArrayList<>(Types.list(bound.get("value"), frame));
    sort(
        items,
        item -> {
          List<Object> keys = new ArrayList<>();
          if (attribute instanceof Text text) {
            for (String part : text.value().split(",", -1)) {
              keys.add(folded(attribute(item, Text.authored(part)), caseSensitive));
            }
          } else {
            keys.add(folded(attribute == null ? item : attribute(item, attribute), caseSensitive));
          }
          return keys;
        },
        Types.truth(bound.get("reverse")),
        frame.budget());
    return items;
  }

  private static Key key(@Nullable Object attribute, boolean caseSensitive) {
    return item -> folded(attribute == null ? item : attribute(item, attribute), caseSensitive);
  }

  static Generator unique(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "case_sensitive", "attribute");
    Key key = key(bound.get("attribute"), Types.truth(bound.get("case_sensitive")));
    Set<Object> seen = new HashSet<>();
    List<Object> items = new ArrayList<>();
    for (Object item : Types.list(bound.get("value"), frame)) {
      if (seen.add(Dict.canonical(key.of(item)))) {
        items.add(item);
      }
    }
    return new Generator(items.iterator());
  }

  static @Nullable Object extreme(boolean largest, Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "case_sensitive", "attribute");
    Key key = key(bound.get("attribute"), Types.truth(bound.get("case_sensitive")));
    List<Object> items = Types.list(bound.get("value"), frame);
    if (items.isEmpty()) {
      return Undefined.of("No aggregated item, sequence was empty.");
    }
    Object best = items.getFirst();
    for (Object item : items) {
      int order =
          Operators.compare(key.of(item), key.of(best), largest ? ">" : "<", frame.budget());
      best = (largest ? order > 0 : order < 0) ? item : best;
    }
    return best;
  }

  static @Nullable Object sum(Arguments arguments, Frame frame) {
    var bound = arguments.bind("iterable", "attribute", "start");
    @Nullable Object sum = bound.getOrDefault("start", 0L);
    @Nullable Object attribute = bound.get("attribute");
    for (Object item : Types.list(bound.get("iterable"), frame)) {
      sum =
          Operators.binary("+", sum, attribute == null ? item : attribute(item, attribute), frame);
    }
    return sum;
  }

  static Object reverse(@Nullable Object value, Frame frame) {
    if (value instanceof Text text) {
      var builder = new Text.Builder();
      text.characters().reversed().forEach(character -> builder.append((Text) character));
      return builder.build();
    }
    return new Generator(new ArrayList<>(Types.list(value, frame)).reversed().iterator());
  }

  static List<Object> groupBy(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "attribute", "default", "case_sensitive");
    boolean caseSensitive = Types.truth(bound.get("case_sensitive"));
    @Nullable Object attribute = bound.get("attribute");
    @Nullable Object absent = bound.get("default");
    Key real =
        item -> {
          @Nullable Object found = attribute(item, attribute);
          return found instanceof Undefined && bound.containsKey("default") ? absent : found;
        };
    List<Object> items = new ArrayList<>(Types.list(bound.get("value"), frame));
    sort(items, item -> folded(real.of(item), caseSensitive), false, frame.budget());
    List<Object> groups = new ArrayList<>();
    List<Object> group = List.of();
    @Nullable Object last = null;
    for (Object item : items) {
      @Nullable Object key = real.of(item);
      if (group.isEmpty()
          || !Operators.equal(
              folded(key, caseSensitive), folded(last, caseSensitive), frame.budget())) {
        group = new ArrayList<>();
        List<Object> pair = new ArrayList<>();
        pair.add(key);
        pair.add(group);
        groups.add(new Tuple(pair));
        last = key;
      }
      group.add(item);
    }
    return groups;
  }

  static Generator batch(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "linecount", "fill_with");
    long size = Types.integer(bound.get("linecount"));
    if (size < 1) {
      throw TemplateException.value("batch needs at least one item a line");
    }
    List<Object> lines = new ArrayList<>();
    List<Object> line = new ArrayList<>();
    for (Object item : Types.list(bound.get("value"), frame)) {
      if (line.size() == size) {
        lines.add(line);
        line = new ArrayList<>();
      }
      line.add(item);
    }
    if (!line.isEmpty()) {
      while (bound.get("fill_with") != null && line.size() < size) {
        frame.budget().step();
        line.add(bound.get("fill_with"));
      }
      lines.add(line);
    }
    return new Generator(lines.iterator());
  }

  static Generator slice(Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "slices", "fill_with");
    List<Object> items = Types.list(bound.get("value"), frame);
    long count = Types.integer(bound.get("slices"));
    if (count < 1) {
      throw new TemplateException("ZeroDivisionError", "integer division or modulo by zero");
    }
    long each = items.size() / count;
    long more = items.size() % count;
    List<Object> slices = new ArrayList<>();
    int from = 0;
    for (long i = 0; i < count; i++) {
      frame.budget().step();
      int to = (int) (from + each + (i < more ? 1 : 0));
      List<Object> slice = new ArrayList<>(items.subList(from, to));
      if (bound.get("fill_with") != null && more > 0 && i >= more) {
        slice.add(bound.get("fill_with"));
      }
      slices.add(slice);
      from = to;
    }
    return new Generator(slices.iterator());
  }

  /// The items of a value; of none, if it is false.
  private static Iterator<Object> itemsOf(@Nullable Object value, Frame frame) {
    return Types.truth(value) ? Types.iterator(value, frame) : List.of().iterator();
  }

  static Generator map(Arguments arguments, Frame frame) {
    Iterator<Object> items = itemsOf(arguments.first(), frame);
    List<Object> mapped = new ArrayList<>();
    if (arguments.positional().size() == 1 && arguments.named().containsKey("attribute")) {
      @Nullable Object attribute = arguments.named().get("attribute");
      while (items.hasNext()) {
        frame.budget().step();
        @Nullable Object found = attribute(items.next(), attribute);
        mapped.add(
            found instanceof Undefined && arguments.named().containsKey("default")
                ? arguments.named().get("default")
                : found);
      }
    } else {
      if (arguments.positional().size() < 2) {
        throw new TemplateException("FilterArgumentError", "map requires a filter argument");
      }
      String filter = Types.text(arguments.positional().get(1), "filter name").value();
      List<@Nullable Object> rest =
          arguments.positional().subList(2, arguments.positional().size());
      while (items.hasNext()) {
        frame.budget().step();
        List<@Nullable Object> all = new ArrayList<>();
        Object item = items.next();
        frame.budget().reads(item);
        all.add(item);
        all.addAll(rest);
        mapped.add(Filters.apply(filter, new Arguments(filter, all, arguments.named()), frame));
      }
    }
    return new Generator(mapped.iterator());
  }

  static Generator select(String name, Arguments arguments, Frame frame) {
    boolean byAttribute = name.endsWith("attr");
    boolean wanted = name.startsWith("select");
    List<@Nullable Object> given = arguments.positional();
    int at = byAttribute ? 2 : 1;
    if (byAttribute && given.size() < 2) {
      throw new TemplateException("FilterArgumentError", "Missing parameter for attribute name");
    }
    List<Object> selected = new ArrayList<>();
    for (Iterator<Object> items = itemsOf(arguments.first(), frame); items.hasNext(); ) {
      frame.budget().step();
      Object item = items.next();
      @Nullable Object tested = byAttribute ? attribute(item, given.get(1)) : item;
      boolean holds;
      if (given.size() > at) {
        String test = Types.text(given.get(at), "test name").value();
        List<@Nullable Object> all = new ArrayList<>();
        all.add(tested);
        all.addAll(given.subList(at + 1, given.size()));
        holds = Tests.holds(test, new Arguments(test, all, arguments.named()), frame);
      } else {
        holds = Types.truth(tested);
      }
      if (holds == wanted) {
        selected.add(item);
      }
    }
    return new Generator(selected.iterator());
  }

  /// An attribute of an item: an index, or names and indices between dots.
  private static @Nullable Object attribute(@Nullable Object item, @Nullable Object attribute) {
    if (!(attribute instanceof Text path)) {
      return Members.item(item, attribute);
    }
    @Nullable Object value = item;
    for (String part : path.value().split("\\.", -1)) {
      boolean isIndex = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
      value =
          Members.item(
              value,
              isIndex && part.length() < 10 ? (Object) Long.parseLong(part) : Text.authored(part));
    }
    return value;
  }
}
