package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
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
      case "tojson" -> toJson(arguments, frame);
      case "default", "d" -> {
        var bound = arguments.bind("value", "default_value", "boolean");
        boolean replaced =
            value instanceof Undefined
                || (Types.truth(bound.get("boolean")) && !Types.truth(value));
        yield replaced ? bound.getOrDefault("default_value", Text.EMPTY) : value;
      }
      case "int" -> NumberFilters.toInteger(arguments);
      case "float" -> NumberFilters.toReal(arguments);
      case "abs" -> {
        @Nullable Object number = arguments.only();
        if (number instanceof Undefined undefined) {
          throw undefined.failure();
        }
        if (number instanceof BigInteger large) {
          throw Types.tooLarge(large);
        }
        if (!Operators.isNumber(number)) {
          throw TemplateException.type("bad operand type for abs(): '%s'", Types.name(number));
        }
        yield number instanceof Double real
            ? (Object) Math.abs(real)
            : Math.absExact(Types.integer(number));
      }
      case "round" -> NumberFilters.round(arguments);
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
      case "join" -> SequenceFilters.join(arguments, frame);
      case "items" -> SequenceFilters.items(arguments.only());
      case "dictsort" -> SequenceFilters.dictSort(arguments, frame);
      case "sort" -> SequenceFilters.sort(arguments, frame);
      case "unique" -> SequenceFilters.unique(arguments, frame);
      case "min", "max" -> SequenceFilters.extreme(name.equals("max"), arguments, frame);
      case "sum" -> SequenceFilters.sum(arguments, frame);
      case "reverse" -> SequenceFilters.reverse(arguments.only(), frame);
      case "groupby" -> SequenceFilters.groupBy(arguments, frame);
      case "batch" -> SequenceFilters.batch(arguments, frame);
      case "slice" -> SequenceFilters.slice(arguments, frame);
      case "map" -> SequenceFilters.map(arguments, frame);
      case "select", "reject", "selectattr", "rejectattr" ->
          SequenceFilters.select(name, arguments, frame);
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
    @Nullable Object indented = bound.get("s");
    if (indented instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!(indented instanceof Text lines)) {
      throw indented instanceof List<?>
          ? new TemplateException("AttributeError", "'list' object has no attribute 'splitlines'")
          : TemplateException.type(
              "unsupported operand type(s) for +=: '%s' and 'str'", Types.name(indented));
    }
    Text text = lines.plus(Text.authored("\n"));
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

  private static @Nullable Object truncate(Arguments arguments) {
    var bound = arguments.bind("s", "length", "killwords", "end", "leeway");
    @Nullable Object value = bound.get("s");
    long length = Types.integer(bound.getOrDefault("length", 255L));
    Text end = Types.print(bound.getOrDefault("end", Text.authored("...")));
    @Nullable Object leeway = bound.get("leeway");
    if (Types.length(value) <= length + (leeway == null ? 5 : Types.integer(leeway))) {
      return value;
    }
    if (!(value instanceof Text text)) {
      throw TemplateException.type("a %s cannot be truncated, only a str", Types.name(value));
    }
    long keep = Math.max(0, length - end.length());
    Text kept = text.substring(0, text.value().offsetByCodePoints(0, (int) keep));
    if (!Types.truth(bound.get("killwords"))) {
      int blank = kept.value().lastIndexOf(' ');
      kept = blank < 0 ? kept : kept.substring(0, blank);
    }
    return kept.plus(end);
  }

  private static Text toJson(Arguments arguments, Frame frame) {
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
            Types.truth(bound.get("sort_keys")),
            frame.budget());
    return derived(json.write(value), value);
  }
}
