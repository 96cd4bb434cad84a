package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `text % values`, as Python has it.
final class PercentFormat {
  private static final Pattern PLACE =
      Pattern.compile(
          "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ 0#]*)(?<width>\\d+)?(?:\\.(?<precision>\\d+))?(?<kind>[a-zA-Z%])");
  private static final int WIDEST = 10_000;

  private PercentFormat() {}

  static Text format(Text text, @Nullable Object values, Frame frame) {
    List<?> given = values instanceof Tuple tuple ? tuple.items() : Arrays.asList(values);
    var builder = new Text.Builder();
    Matcher matcher = PLACE.matcher(text.value());
    int from = 0;
    int next = 0;
    while (matcher.find()) {
      builder.append(text.substring(from, matcher.start()));
      from = matcher.end();
      if (matcher.group("kind").equals("%")) {
        builder.append("%", text.hasInput());
        continue;
      }
      @Nullable Object value;
      if (matcher.group("key") != null) {
        if (!(values instanceof Dict dict)) {
          throw TemplateException.type("format requires a mapping");
        }
        value = dict.get(Text.authored(matcher.group("key")));
      } else {
        if (next >= given.size()) {
          throw TemplateException.type("not enough arguments for format string");
        }
        value = given.get(next++);
      }
      String piece = piece(matcher, value);
      frame.budget().characters(piece.length());
      builder.append(piece, Printer.hasInput(value));
    }
    if (next < given.size() && !(values instanceof Dict)) {
      throw TemplateException.type("not all arguments converted during string formatting");
    }
    return builder.append(text.substring(from, text.value().length())).build();
  }

  private static String piece(Matcher place, @Nullable Object value) {
    if (value instanceof Undefined undefined && !place.group("kind").equals("s")) {
      throw undefined.failure();
    }
    String flags = place.group("flags");
    int width = number(place.group("width"), 0);
    int precision = number(place.group("precision"), -1);
    String text =
        switch (place.group("kind")) {
          case "s" -> cut(Types.print(value).value(), precision);
          case "r" -> cut(Printer.repr(value), precision);
          case "d", "i", "u" -> sign(flags, decimal(value));
          case "x" -> sign(flags, Long.toHexString(integer(value)));
          case "X" -> sign(flags, Long.toHexString(integer(value)).toUpperCase(Locale.ROOT));
          case "o" -> sign(flags, Long.toOctalString(integer(value)));
          case "f", "F", "e", "E", "g", "G" ->
              sign(
                  flags,
                  String.format(
                      Locale.ROOT,
                      "%."
                          + (precision < 0 ? 6 : precision)
                          + place.group("kind").replace('F', 'f'),
                      real(value)));
          default ->
              throw TemplateException.value(
                  "unsupported format character '%s'", place.group("kind"));
        };
    int missing = Math.max(0, width - text.codePointCount(0, text.length()));
    return flags.contains("-")
        ? text + " ".repeat(missing)
        : flags.contains("0") && !place.group("kind").equals("s")
            ? "0".repeat(missing) + text
            : " ".repeat(missing) + text;
  }

  private static int number(@Nullable String digits, int absent) {
    if (digits == null) {
      return absent;
    }
    if (digits.length() > 5 || Integer.parseInt(digits) > WIDEST) {
      throw TemplateException.limit("a format is wider than %d", WIDEST);
    }
    return Integer.parseInt(digits);
  }

  private static String cut(String text, int precision) {
    return precision < 0 || text.codePointCount(0, text.length()) <= precision
        ? text
        : text.substring(0, text.offsetByCodePoints(0, precision));
  }

  private static String sign(String flags, String number) {
    return number.startsWith("-")
        ? number
        : flags.contains("+") ? "+" + number : flags.contains(" ") ? " " + number : number;
  }

  private static String decimal(@Nullable Object value) {
    return switch (value) {
      case Double real -> Long.toString(real.longValue());
      case BigInteger large -> large.toString();
      case null, default -> Long.toString(integer(value));
    };
  }

  private static long integer(@Nullable Object value) {
    if (value instanceof BigInteger large) {
      throw Types.tooLarge(large);
    }
    if (!(value instanceof Long || value instanceof Boolean)) {
      throw TemplateException.type(
          "%%d format: a real number is required, not %s", Types.name(value));
    }
    return Types.integer(value);
  }

  private static double real(@Nullable Object value) {
    if (value instanceof BigInteger large) {
      return large.doubleValue();
    }
    if (!Operators.isNumber(value)) {
      throw TemplateException.type("must be real number, not %s", Types.name(value));
    }
    return Operators.real(value);
  }
}
