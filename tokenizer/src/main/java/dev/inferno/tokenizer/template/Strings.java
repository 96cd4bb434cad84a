package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The methods of texts, as Python has them. Pieces keep where they came from; what is written anew
/// is input if anything that it is made of was.
final class Strings {
  private Strings() {}

  /// A method bound to its text, null if there is none of this name.
  static @Nullable Object method(Text text, String name) {
    String value = text.value();
    return switch (name) {
      case "upper" -> plain(text.derive(value.toUpperCase(Locale.ROOT)));
      case "lower" -> plain(text.derive(value.toLowerCase(Locale.ROOT)));
      case "casefold" ->
          plain(text.derive(value.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT)));
      case "capitalize" -> plain(capitalize(text));
      case "title" -> plain(title(text));
      case "swapcase" -> plain(text.derive(swapCase(value)));
      case "strip" -> (Callable) (arguments, _) -> strip(text, characters(arguments), true, true);
      case "lstrip" -> (Callable) (arguments, _) -> strip(text, characters(arguments), true, false);
      case "rstrip" -> (Callable) (arguments, _) -> strip(text, characters(arguments), false, true);
      case "split" -> (Callable) (arguments, _) -> split(text, arguments, false);
      case "rsplit" -> (Callable) (arguments, _) -> split(text, arguments, true);
      case "splitlines" -> (Callable) (arguments, _) -> splitLines(text, arguments);
      case "partition" -> (Callable) (arguments, _) -> partition(text, arguments, false);
      case "rpartition" -> (Callable) (arguments, _) -> partition(text, arguments, true);
      case "startswith" -> (Callable) (arguments, frame) -> borders(text, arguments, true, frame);
      case "endswith" -> (Callable) (arguments, frame) -> borders(text, arguments, false, frame);
      case "removeprefix" ->
          (Callable)
              (arguments, _) -> {
                String prefix = argument(arguments).value();
                return value.startsWith(prefix)
                    ? text.substring(prefix.length(), value.length())
                    : text;
              };
      case "removesuffix" ->
          (Callable)
              (arguments, _) -> {
                String suffix = argument(arguments).value();
                return value.endsWith(suffix)
                    ? text.substring(0, value.length() - suffix.length())
                    : text;
              };
      case "replace" ->
          (Callable)
              (arguments, frame) -> {
                var bound = arguments.bind("old", "new", "count");
                return replace(
                    text,
                    Types.text(bound.get("old"), "replace() argument 1"),
                    Types.text(bound.get("new"), "replace() argument 2"),
                    bound.containsKey("count") ? Types.integer(bound.get("count")) : -1,
                    frame);
              };
      case "join" -> (Callable) (arguments, frame) -> joined(text, arguments.only(), frame);
      case "find" -> (Callable) (arguments, _) -> find(text, arguments, false);
      case "rfind" -> (Callable) (arguments, _) -> find(text, arguments, true);
      case "index" -> (Callable) (arguments, _) -> requireFound(find(text, arguments, false));
      case "rindex" -> (Callable) (arguments, _) -> requireFound(find(text, arguments, true));
      case "count" -> (Callable) (arguments, _) -> count(value, argument(arguments).value());
      case "center", "ljust", "rjust", "zfill" ->
          (Callable) (arguments, frame) -> padded(text, name, arguments, frame);
      case "format" -> (Callable) (arguments, frame) -> BraceFormat.format(text, arguments, frame);
      case "isalpha" -> all(value, Character::isLetter);
      case "isalnum" -> all(value, Character::isLetterOrDigit);
      case "isdigit", "isdecimal", "isnumeric" -> all(value, Character::isDigit);
      case "isspace" -> all(value, Strings::isSpace);
      case "isascii" -> (Callable) (_, _) -> value.chars().allMatch(c -> c < 128);
      case "isupper" -> plain(isUpper(value));
      case "islower" -> plain(isLower(value));
      case "istitle" ->
          plain(!value.isEmpty() && isCased(value) && title(text).value().equals(value));
      case "isidentifier" ->
          plain(
              !value.isEmpty()
                  && Character.isUnicodeIdentifierStart(value.codePointAt(0))
                  && value.codePoints().allMatch(Character::isUnicodeIdentifierPart));
      default -> null;
    };
  }

  private static Callable plain(Object result) {
    return (arguments, _) -> {
      arguments.bind();
      return result;
    };
  }

  private static Callable all(String value, IntPredicate predicate) {
    return plain(!value.isEmpty() && value.codePoints().allMatch(predicate));
  }

  private static Text argument(Arguments arguments) {
    return Types.text(arguments.first(), arguments.callee() + "() argument");
  }

  private static boolean isCased(String value) {
    return value.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
  }

  static boolean isUpper(String value) {
    return isCased(value) && value.codePoints().noneMatch(Character::isLowerCase);
  }

  static boolean isLower(String value) {
    return isCased(value) && value.codePoints().noneMatch(Character::isUpperCase);
  }

  private static String swapCase(String value) {
    var out = new StringBuilder();
    value
        .codePoints()
        .mapToObj(Character::toString)
        .forEach(
            c -> out.append(isUpper(c) ? c.toLowerCase(Locale.ROOT) : c.toUpperCase(Locale.ROOT)));
    return out.toString();
  }

  static Text capitalize(Text text) {
    String value = text.value();
    if (value.isEmpty()) {
      return text;
    }
    int first = Character.charCount(value.codePointAt(0));
    return text.derive(
        Character.toString(Character.toTitleCase(value.codePointAt(0)))
            + value.substring(first).toLowerCase(Locale.ROOT));
  }

  /// The first letter of each run of letters in upper case, as the method does.
  private static Text title(Text text) {
    var out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.value().codePoints().toArray()) {
      boolean cased =
          Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
      out.appendCodePoint(
          !cased ? c : inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = cased;
    }
    return text.derive(out.toString());
  }

  /// What Python takes for white space.
  static boolean isSpace(int c) {
    return (c >= 9 && c <= 13)
        || (c >= 28 && c <= 32)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /// The characters that are to be stripped, null for white space.
  private static @Nullable String characters(Arguments arguments) {
    @Nullable Object given = arguments.bind("chars").get("chars");
    return given == null ? null : Types.text(given, "strip arg").value();
  }

  static Text strip(Text text, @Nullable String characters, boolean left, boolean right) {
    String value = text.value();
    IntPredicate isStripped = characters == null ? Strings::isSpace : among(characters);
    int from = 0;
    int to = value.length();
    while (left && from < to && isStripped.test(value.codePointAt(from))) {
      from += Character.charCount(value.codePointAt(from));
    }
    while (right && from < to && isStripped.test(value.codePointBefore(to))) {
      to -= Character.charCount(value.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  private static IntPredicate among(String characters) {
    var set = new BitSet();
    characters.codePoints().forEach(set::set);
    return set::get;
  }

  private static List<Object> split(Text text, Arguments arguments, boolean fromRight) {
    var bound = arguments.bind("sep", "maxsplit");
    @Nullable Object separator = bound.get("sep");
    long most = bound.containsKey("maxsplit") ? Types.integer(bound.get("maxsplit")) : -1;
    long limit = most < 0 ? Long.MAX_VALUE : most;
    if (separator == null) {
      return fromRight ? splitBlanksFromRight(text, limit) : splitBlanks(text, limit);
    }
    String by = Types.text(separator, "split() separator").value();
    if (by.isEmpty()) {
      throw TemplateException.value("empty separator");
    }
    return fromRight ? splitFromRight(text, by, limit) : split(text, by, limit);
  }

  private static List<Object> split(Text text, String by, long limit) {
    List<Object> pieces = new ArrayList<>();
    int from = 0;
    Search search = Search.forwards(by);
    int next = search.next(text.value(), 0);
    for (; next >= 0 && pieces.size() < limit; next = search.next(text.value(), from)) {
      pieces.add(text.substring(from, next));
      from = next + by.length();
    }
    pieces.add(text.substring(from, text.value().length()));
    return pieces;
  }

  private static List<Object> splitFromRight(Text text, String by, long limit) {
    List<Object> pieces = new ArrayList<>();
    int to = text.value().length();
    Search search = Search.backwards(by);
    while (pieces.size() < limit) {
      int at = search.next(text.value(), to);
      if (at < 0) {
        break;
      }
      pieces.addFirst(text.substring(at + by.length(), to));
      to = at;
    }
    pieces.addFirst(text.substring(0, to));
    return pieces;
  }

  private static List<Object> splitBlanks(Text text, long limit) {
    String value = text.value();
    List<Object> pieces = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < value.length() && isSpace(value.charAt(at))) {
        at++;
      }
      if (at == value.length()) {
        return pieces;
      }
      int from = at;
      if (pieces.size() >= limit) {
        pieces.add(text.substring(from, value.length()));
        return pieces;
      }
      while (at < value.length() && !isSpace(value.charAt(at))) {
        at++;
      }
      pieces.add(text.substring(from, at));
    }
  }

  private static List<Object> splitBlanksFromRight(Text text, long limit) {
    String value = text.value();
    List<Object> pieces = new ArrayList<>();
    int at = value.length();
    while (true) {
      while (at > 0 && isSpace(value.charAt(at - 1))) {
        at--;
      }
      if (at == 0) {
        return pieces;
      }
      int to = at;
      if (pieces.size() >= limit) {
        pieces.addFirst(text.substring(0, to));
        return pieces;
      }
      while (at > 0 && !isSpace(value.charAt(at - 1))) {
        at--;
      }
      pieces.addFirst(text.substring(at, to));
    }
  }

  private static boolean isLineEnd(char c) {
    return (c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  private static List<Object> splitLines(Text text, Arguments arguments) {
    boolean keep = Types.truth(arguments.bind("keepends").get("keepends"));
    return lines(text, keep);
  }

  /// The lines of a text.
  static List<Object> lines(Text text, boolean keepEnds) {
    String value = text.value();
    List<Object> lines = new ArrayList<>();
    int from = 0;
    while (from < value.length()) {
      int end = from;
      while (end < value.length() && !isLineEnd(value.charAt(end))) {
        end++;
      }
      int next = end < value.length() ? end + (value.startsWith("\r\n", end) ? 2 : 1) : end;
      lines.add(text.substring(from, keepEnds ? next : end));
      from = next;
    }
    return lines;
  }

  private static Tuple partition(Text text, Arguments arguments, boolean fromRight) {
    Text separator = argument(arguments);
    String value = text.value();
    int at = first(value, separator.value(), fromRight);
    if (at < 0) {
      return new Tuple(
          fromRight
              ? List.of(Text.EMPTY, Text.EMPTY, text)
              : List.of(text, Text.EMPTY, Text.EMPTY));
    }
    int behind = at + separator.value().length();
    return new Tuple(
        List.of(
            text.substring(0, at),
            text.substring(at, behind),
            text.substring(behind, value.length())));
  }

  /// Where the first or last of a text begins in another, or -1.
  private static int first(String value, String wanted, boolean fromRight) {
    return fromRight
        ? Search.backwards(wanted).next(value, value.length())
        : Search.forwards(wanted).next(value, 0);
  }

  private static boolean borders(Text text, Arguments arguments, boolean begins, Frame frame) {
    @Nullable Object wanted = arguments.first();
    List<Object> options =
        wanted instanceof Tuple tuple ? tuple.items() : List.of(requireText(wanted, arguments));
    for (Object option : options) {
      String border = requireText(option, arguments).value();
      frame.budget().characters(border.length());
      if (begins ? text.value().startsWith(border) : text.value().endsWith(border)) {
        return true;
      }
    }
    return false;
  }

  private static Text requireText(@Nullable Object value, Arguments arguments) {
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!(value instanceof Text text)) {
      throw TemplateException.type(
          "%s first arg must be str or a tuple of str, not %s",
          arguments.callee(), Types.name(value));
    }
    return text;
  }

  static Text replace(Text text, Text old, Text replacement, long count, Frame frame) {
    String value = text.value();
    var builder = new Text.Builder();
    int from = 0;
    long left = count < 0 ? Long.MAX_VALUE : count;
    Search search = Search.forwards(old.value());
    for (int at = search.next(value, 0); at >= 0 && left > 0; left--) {
      frame.budget().characters(at - from + replacement.value().length());
      builder.append(text.substring(from, at)).append(replacement);
      from = at + old.value().length();
      if (old.isEmpty()) {
        if (at == value.length()) {
          return builder.build();
        }
        builder.append(text.substring(at, at + 1));
        from = at + 1;
      }
      at = search.next(value, from);
    }
    return builder.append(text.substring(from, value.length())).build();
  }

  private static Text joined(Text separator, @Nullable Object items, Frame frame) {
    var builder = new Text.Builder();
    int index = 0;
    for (Object item : Types.list(items, frame)) {
      if (!(item instanceof Text text)) {
        throw TemplateException.type(
            "sequence item %d: expected str instance, %s found", index, Types.name(item));
      }
      frame.budget().characters(separator.value().length() + text.value().length());
      if (index++ > 0) {
        builder.append(separator);
      }
      builder.append(text);
    }
    return builder.build();
  }

  private static long find(Text text, Arguments arguments, boolean last) {
    var bound = arguments.bind("sub", "start", "end");
    String wanted = Types.text(bound.get("sub"), "find() argument 1").value();
    String value = text.value();
    int from = offset(bound.get("start"), text, 0);
    int to = offset(bound.get("end"), text, value.length());
    if (from > to) {
      return -1;
    }
    String part = value.substring(from, to);
    int at = first(part, wanted, last);
    return at < 0 ? -1 : value.codePointCount(0, from + at);
  }

  private static int offset(@Nullable Object index, Text text, int absent) {
    if (index == null) {
      return absent;
    }
    long at = Types.integer(index);
    long length = text.length();
    return text.value()
        .offsetByCodePoints(0, (int) Math.clamp(at < 0 ? at + length : at, 0, length));
  }

  private static long requireFound(long at) {
    if (at < 0) {
      throw TemplateException.value("substring not found");
    }
    return at;
  }

  private static long count(String value, String wanted) {
    if (wanted.isEmpty()) {
      return value.codePointCount(0, value.length()) + 1L;
    }
    long count = 0;
    Search search = Search.forwards(wanted);
    for (int at = search.next(value, 0); at >= 0; at = search.next(value, at + wanted.length())) {
      count++;
    }
    return count;
  }

  private static Text padded(Text text, String method, Arguments arguments, Frame frame) {
    var bound = arguments.bind("width", "fillchar");
    String fill =
        bound.containsKey("fillchar") ? Types.text(bound.get("fillchar"), "fillchar").value() : " ";
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw TemplateException.type("The fill character must be exactly one character long");
    }
    long missing = Types.integer(bound.get("width")) - text.length();
    if (missing <= 0) {
      return text;
    }
    frame.budget().characters(missing);
    int all = (int) missing;
    return switch (method) {
      case "ljust" -> text.plus(Text.authored(fill.repeat(all)));
      case "rjust" -> Text.authored(fill.repeat(all)).plus(text);
      case "zfill" -> {
        int sign = text.value().startsWith("-") || text.value().startsWith("+") ? 1 : 0;
        yield text.substring(0, sign)
            .plus(Text.authored("0".repeat(all)))
            .plus(text.substring(sign, text.value().length()));
      }
      default -> {
        int left = all / 2 + (all & (int) (text.length() + missing) & 1);
        yield Text.authored(fill.repeat(left))
            .plus(text)
            .plus(Text.authored(fill.repeat(all - left)));
      }
    };
  }

  /// By code points, as Python compares.
  static int compare(String left, String right) {
    int[] first = left.codePoints().toArray();
    int[] second = right.codePoints().toArray();
    return Arrays.compare(first, second);
  }

  /// With the five characters of HTML escaped.
  static Text escape(Text text) {
    return text.derive(
        text.value()
            .replace("&", "&amp;")
            .replace(">", "&gt;")
            .replace("<", "&lt;")
            .replace("'", "&#39;")
            .replace("\"", "&#34;"));
  }
}
