package dev.inferno.tokenizer.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The filters behind `|`, and `tojson` as Hugging Face has it.
/// <https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters>
final class Filters {
  private static final Set<String> NAMES =
      Set.of(
          "abs",
          "attr",
          "batch",
          "capitalize",
          "center",
          "count",
          "d",
          "default",
          "dictsort",
          "e",
          "escape",
          "first",
          "float",
          "forceescape",
          "format",
          "groupby",
          "indent",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "max",
          "min",
          "pprint",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "slice",
          "sort",
          "string",
          "sum",
          "title",
          "tojson",
          "trim",
          "truncate",
          "unique",
          "upper",
          "wordcount");
  private static final Pattern WORD_BEGINS = Pattern.compile("([-\\s({\\[<]+)");
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  private Filters() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  static @Nullable Object apply(String name, Arguments arguments, Frame frame) {
    @Nullable Object value = arguments.first();
    return switch (name) {
      case "length", "count" -> Types.length(arguments.only());
      case "string" -> Types.print(arguments.only());
      case "safe" -> Types.print(arguments.only()).withSafe();
      case "e", "escape" -> {
        Text text = Types.print(arguments.only());
        yield text.isSafe() ? text : Strings.escape(text).withSafe();
      }
      case "forceescape" -> Strings.escape(Types.print(arguments.only())).withSafe();
      case "lower", "upper", "capitalize" ->
          method(Types.print(arguments.only()), name, List.of(), frame);
      case "title" -> title(Types.print(arguments.only()));
      case "trim" -> {
        var bound = arguments.bind("value", "chars");
        @Nullable Object characters = bound.get("chars");
        yield Strings.strip(
            Types.print(value),
            characters == null ? null : Types.text(characters, "chars").value(),
            true,
            true);
      }
      case "replace" -> {
        var bound = arguments.bind("s", "old", "new", "count");
        yield Strings.replace(
            Types.print(value),
            Types.print(bound.get("old")),
            Types.print(bound.get("new")),
            bound.get("count") == null ? -1 : Types.integer(bound.get("count")),
            frame);
      }
      case "center" -> {
        var bound = arguments.bind("value", "width");
        @Nullable Object width = bound.getOrDefault("width", 80L);
        List<@Nullable Object> to = List.of(Types.integer(width));
        yield method(Types.print(value), "center", to, frame);
      }
      case "indent" -> indent(arguments, frame);
      case "truncate" -> truncate(arguments);
      case "wordcount" -> WORD.matcher(Types.print(arguments.only()).value()).results().count();
      case "format" -> {
        Arguments rest = arguments.rest("format");
        if (!rest.named().isEmpty()) {
          var named = new Dict();
          rest.named().forEach((key, each) -> named.put(Text.authored(key), each));
          yield PercentFormat.format(Types.print(value), named, frame);
        }
        yield PercentFormat.format(
            Types.print(value), new Tuple(new ArrayList<>(rest.positional())), frame);
      }
      case "pprint" -> derived(Printer.repr(value), value);
      case "tojson" -> toJson(arguments);
      case "default", "d" -> {
        var bound = arguments.bind("value", "default_value", "boolean");
        boolean replaced =
            value instanceof Undefined
                || (Types.truth(bound.get("boolean")) && !Types.truth(value));
        yield replaced ? bound.getOrDefault("default_value", Text.EMPTY) : value;
      }
      case "int" -> toInteger(arguments);
      case "float" -> toReal(arguments);
      case "abs" -> {
        @Nullable Object number = arguments.only();
        if (number instanceof Undefined undefined) {
          throw undefined.failure();
        }
        if (!Operators.isNumber(number)) {
          throw TemplateException.type("bad operand type for abs(): '%s'", Types.name(number));
        }
        yield number instanceof Double real
            ? (Object) Math.abs(real)
            : Math.absExact(Types.integer(number));
      }
      case "round" -> round(arguments);
      case "attr" -> {
        var bound = arguments.bind("obj", "name");
        String attribute = Types.text(bound.get("name"), "attribute name").value();
        yield value instanceof Dict
            ? Undefined.of("'dict object' has no attribute '%s'", attribute)
            : Members.attribute(value, attribute);
      }
      case "list" -> new ArrayList<>(Types.list(arguments.only(), frame));
      case "first" -> {
        Iterator<Object> items = Types.iterator(arguments.only(), frame);
        yield items.hasNext() ? items.next() : Undefined.of("No first item, sequence was empty.");
      }
      case "last" -> {
        if (value instanceof Generator) {
          throw TemplateException.type("'generator' object is not reversible");
        }
        List<Object> items = Types.list(arguments.only(), frame);
        yield items.isEmpty() ? Undefined.of("No last item, sequence was empty.") : items.getLast();
      }
      case "join" -> join(arguments, frame);
      case "items" -> items(arguments.only());
      case "dictsort" -> dictSort(arguments);
      case "sort" -> sort(arguments, frame);
      case "unique" -> unique(arguments, frame);
      case "min", "max" -> extreme(name.equals("max"), arguments, frame);
      case "sum" -> sum(arguments, frame);
      case "reverse" -> reverse(arguments.only(), frame);
      case "groupby" -> groupBy(arguments, frame);
      case "batch" -> batch(arguments, frame);
      case "slice" -> slice(arguments, frame);
      case "map" -> map(arguments, frame);
      case "select", "reject", "selectattr", "rejectattr" -> select(name, arguments, frame);
      default -> throw TemplateException.runtime("No filter named '%s' found.", name);
    };
  }

  private static Text derived(String text, @Nullable Object from) {
    return Printer.hasInput(from) ? Text.input(text) : Text.authored(text);
  }

  private static @Nullable Object method(
      Text text, String name, List<@Nullable Object> arguments, Frame frame) {
    return Strings.method(text, name) instanceof Callable method
        ? method.call(new Arguments(name, arguments, Map.of()), frame)
        : null;
  }

  /// The first letter of each word in upper case, all others in lower case.
  private static Text title(Text text) {
    var out = new StringBuilder();
    var separators = WORD_BEGINS.matcher(text.value());
    int from = 0;
    while (separators.find()) {
      out.append(word(text.value().substring(from, separators.start()))).append(separators.group());
      from = separators.end();
    }
    return text.derive(out.append(word(text.value().substring(from))).toString());
  }

  private static String word(String word) {
    if (word.isEmpty()) {
      return word;
    }
    int first = Character.charCount(word.codePointAt(0));
    return word.substring(0, first).toUpperCase(Locale.ROOT)
        + word.substring(first).toLowerCase(Locale.ROOT);
  }

  private static Text indent(Arguments arguments, Frame frame) {
    var bound = arguments.bind("s", "width", "first", "blank");
    @Nullable Object width = bound.getOrDefault("width", 4L);
    Text by;
    if (width instanceof Text text) {
      by = text;
    } else {
      long count = Math.max(0, Types.integer(width));
      frame.budget().characters(count);
      by = Text.authored(" ".repeat((int) count));
    }
    boolean blank = Types.truth(bound.get("blank"));
    Text text = Types.print(bound.get("s")).plus(Text.authored("\n"));
    var builder = new Text.Builder();
    if (Types.truth(bound.get("first"))) {
      builder.append(by);
    }
    int index = 0;
    for (Object line : Strings.lines(text, false)) {
      Text each = (Text) line;
      frame.budget().characters(by.value().length() + each.value().length());
      if (index++ > 0) {
        builder.append("\n", false);
        if (blank || !each.isEmpty()) {
          builder.append(by);
        }
      }
      builder.append(each);
    }
    return builder.build();
  }

  private static Text truncate(Arguments arguments) {
    var bound = arguments.bind("s", "length", "killwords", "end", "leeway");
    Text text = Types.print(bound.get("s"));
    long length = Types.integer(bound.getOrDefault("length", 255L));
    Text end = Types.print(bound.getOrDefault("end", Text.authored("...")));
    @Nullable Object leeway = bound.get("leeway");
    if (text.length() <= length + (leeway == null ? 5 : Types.integer(leeway))) {
      return text;
    }
    long keep = Math.max(0, length - end.length());
    Text kept = text.substring(0, text.value().offsetByCodePoints(0, (int) keep));
    if (!Types.truth(bound.get("killwords"))) {
      int blank = kept.value().lastIndexOf(' ');
      kept = blank < 0 ? kept : kept.substring(0, blank);
    }
    return kept.plus(end);
  }

  private static Text toJson(Arguments arguments) {
    var bound = arguments.bind("x", "ensure_ascii", "indent", "separators", "sort_keys");
    @Nullable Object indent = bound.get("indent");
    @Nullable String by =
        switch (indent) {
          case null -> null;
          case Text text -> text.value();
          default -> " ".repeat(Math.clamp(Types.integer(indent), 0, 1000));
        };
    String item = by == null ? ", " : ",";
    String key = ": ";
    @Nullable Object separators = bound.get("separators");
    if (separators != null) {
      List<?> pair =
          separators instanceof Tuple tuple
              ? tuple.items()
              : separators instanceof List<?> list ? list : List.of();
      if (pair.size() != 2) {
        throw TemplateException.value("separators must be two texts");
      }
      item = Types.text(pair.get(0), "item separator").value();
      key = Types.text(pair.get(1), "key separator").value();
    }
    @Nullable Object value = bound.get("x");
    var json =
        new Json(
            Types.truth(bound.get("ensure_ascii")),
            by,
            item,
            key,
            Types.truth(bound.get("sort_keys")));
    return derived(json.write(value), value);
  }

  private static @Nullable Object toInteger(Arguments arguments) {
    var bound = arguments.bind("value", "default", "base");
    @Nullable Object absent = bound.getOrDefault("default", 0L);
    @Nullable Object value = bound.get("value");
    try {
      switch (value) {
        case Undefined undefined -> throw undefined.failure();
        case Long integer -> {
          return integer;
        }
        case Boolean flag -> {
          return flag ? 1L : 0L;
        }
        case Double real -> {
          if (Double.isNaN(real) || Double.isInfinite(real)) {
            return absent;
          }
          return real.longValue();
        }
        case Text text -> {
          String digits = text.value().strip().replace("_", "");
          int base = (int) Types.integer(bound.getOrDefault("base", 10L));
          try {
            return Long.parseLong(withoutPrefix(digits, base), base);
          } catch (NumberFormatException e) {
            double real = parse(digits);
            return Double.isNaN(real) || Double.isInfinite(real) ? absent : (Object) (long) real;
          }
        }
        case null, default -> {
          return absent;
        }
      }
    } catch (NumberFormatException e) {
      return absent;
    }
  }

  private static String withoutPrefix(String digits, int base) {
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
    return !prefix.isEmpty() && digits.toLowerCase(Locale.ROOT).startsWith(prefix)
        ? digits.substring(2)
        : digits;
  }

  private static double parse(String text) {
    if (!text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "inf", "infinity", "+inf" -> Double.POSITIVE_INFINITY;
        case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
        case "nan" -> Double.NaN;
        default -> throw new NumberFormatException(text);
      };
    }
    return Double.parseDouble(text);
  }

  private static @Nullable Object toReal(Arguments arguments) {
    var bound = arguments.bind("value", "default");
    @Nullable Object value = bound.get("value");
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (Operators.isNumber(value)) {
      return Operators.real(value);
    }
    try {
      if (value instanceof Text text) {
        return parse(text.value().strip());
      }
    } catch (NumberFormatException e) {
      return bound.getOrDefault("default", 0.0);
    }
    return bound.getOrDefault("default", 0.0);
  }

  private static Object round(Arguments arguments) {
    var bound = arguments.bind("value", "precision", "method");
    @Nullable Object value = bound.get("value");
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!Operators.isNumber(value)) {
      throw TemplateException.type("type %s doesn't define __round__ method", Types.name(value));
    }
    int precision = Math.clamp(Types.integer(bound.getOrDefault("precision", 0L)), -300, 300);
    String method = Types.print(bound.getOrDefault("method", Text.authored("common"))).value();
    RoundingMode mode =
        switch (method) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default ->
              throw new TemplateException(
                  "FilterArgumentError", "method must be common, ceil or floor");
        };
    if (value instanceof Long integer && method.equals("common")) {
      return precision >= 0
          ? integer
          : new BigDecimal(integer).setScale(precision, mode).longValue();
    }
    double real = Operators.real(value);
    return Double.isNaN(real) || Double.isInfinite(real)
        ? real
        : new BigDecimal(real).setScale(precision, mode).doubleValue();
  }

  private static Text join(Arguments arguments, Frame frame) {
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

  private static Object items(@Nullable Object value) {
    if (value instanceof Undefined) {
      return new Generator(List.<Object>of().iterator());
    }
    if (!(value instanceof Dict dict)) {
      throw TemplateException.type("Can only get item pairs from a mapping.");
    }
    return new Generator(new Views.Items(dict).items().iterator());
  }

  private static List<Object> dictSort(Arguments arguments) {
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
        Types.truth(bound.get("reverse")));
    return pairs;
  }

  /// What an item is sorted or compared by.
  private interface Key {
    @Nullable Object of(Object item);
  }

  private static void sort(List<Object> items, Key key, boolean reverse) {
    items.sort((left, right) -> {
      @Nullable Object first = key.of(left);
      @Nullable Object second = key.of(right);
      int order = Operators.equal(first, second) ? 0 : Operators.compare(first, second, "<");
      return reverse ? -order : order;
    });
  }

  private static @Nullable Object folded(@Nullable Object value, boolean caseSensitive) {
    return value instanceof Text text && !caseSensitive
        ? Text.authored(text.value().toLowerCase(Locale.ROOT))
        : value;
  }

  private static List<Object> sort(Arguments arguments, Frame frame) {
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
        Types.truth(bound.get("reverse")));
    return items;
  }

  private static Key key(@Nullable Object attribute, boolean caseSensitive) {
    return item -> folded(attribute == null ? item : attribute(item, attribute), caseSensitive);
  }

  private static Generator unique(Arguments arguments, Frame frame) {
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

  private static @Nullable Object extreme(boolean largest, Arguments arguments, Frame frame) {
    var bound = arguments.bind("value", "case_sensitive", "attribute");
    Key key = key(bound.get("attribute"), Types.truth(bound.get("case_sensitive")));
    List<Object> items = Types.list(bound.get("value"), frame);
    if (items.isEmpty()) {
      return Undefined.of("No aggregated item, sequence was empty.");
    }
    Object best = items.getFirst();
    for (Object item : items) {
      int order = Operators.compare(key.of(item), key.of(best), largest ? ">" : "<");
      best = (largest ? order > 0 : order < 0) ? item : best;
    }
    return best;
  }

  private static @Nullable Object sum(Arguments arguments, Frame frame) {
    var bound = arguments.bind("iterable", "attribute", "start");
    @Nullable Object sum = bound.getOrDefault("start", 0L);
    @Nullable Object attribute = bound.get("attribute");
    for (Object item : Types.list(bound.get("iterable"), frame)) {
      sum =
          Operators.binary("+", sum, attribute == null ? item : attribute(item, attribute), frame);
    }
    return sum;
  }

  private static Object reverse(@Nullable Object value, Frame frame) {
    if (value instanceof Text text) {
      var builder = new Text.Builder();
      text.characters().reversed().forEach(character -> builder.append((Text) character));
      return builder.build();
    }
    return new Generator(new ArrayList<>(Types.list(value, frame)).reversed().iterator());
  }

  private static List<Object> groupBy(Arguments arguments, Frame frame) {
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
    sort(items, item -> folded(real.of(item), caseSensitive), false);
    List<Object> groups = new ArrayList<>();
    List<Object> group = List.of();
    @Nullable Object last = null;
    for (Object item : items) {
      @Nullable Object key = real.of(item);
      if (group.isEmpty()
          || !Operators.equal(folded(key, caseSensitive), folded(last, caseSensitive))) {
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

  private static Generator batch(Arguments arguments, Frame frame) {
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

  private static Generator slice(Arguments arguments, Frame frame) {
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

  private static Generator map(Arguments arguments, Frame frame) {
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
        all.add(items.next());
        all.addAll(rest);
        mapped.add(apply(filter, new Arguments(filter, all, arguments.named()), frame));
      }
    }
    return new Generator(mapped.iterator());
  }

  private static Generator select(String name, Arguments arguments, Frame frame) {
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
