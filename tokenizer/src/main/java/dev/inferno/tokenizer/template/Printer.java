package dev.inferno.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Values as Python prints them.
final class Printer {
  private static final int DEEPEST = 200;

  private Printer() {}

  /// `str(value)`
  static String print(@Nullable Object value) {
    return value instanceof Text text ? text.value() : repr(value);
  }

  /// `repr(value)`
  static String repr(@Nullable Object value) {
    var out = new StringBuilder();
    repr(value, out, 0);
    return out.toString();
  }

  private static void repr(@Nullable Object value, StringBuilder out, int depth) {
    if (depth > DEEPEST) {
      throw TemplateException.limit("a value is nested more than %d deep", DEEPEST);
    }
    if (out.length() > Budget.LONGEST_VALUE) {
      throw TemplateException.limit("a value has more than %d characters", Budget.LONGEST_VALUE);
    }
    switch (value) {
      case null -> out.append("None");
      case Boolean flag -> out.append(flag ? "True" : "False");
      case Long _, BigInteger _ -> out.append(value);
      case Double real -> out.append(real(real));
      case Text text -> quote(text.value(), out);
      case List<?> list -> items("[", list, "]", out, depth);
      case Tuple tuple ->
          items("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")", out, depth);
      case Dict dict -> dict(dict, out, depth);
      case Views.Keys keys -> items("dict_keys([", keys.items(), "])", out, depth);
      case Views.Values values -> items("dict_values([", values.items(), "])", out, depth);
      case Views.Items pairs -> items("dict_items([", pairs.items(), "])", out, depth);
      case Views.Range range ->
          out.append(
              "range(%d, %d%s)"
                  .formatted(
                      range.from(), range.to(), range.step() == 1 ? "" : ", " + range.step()));
      case Undefined _ -> out.append("Undefined");
      default -> out.append('<').append(Types.name(value)).append(" object>");
    }
  }

  private static void items(
      String open, List<?> items, String close, StringBuilder out, int depth) {
    out.append(open);
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      repr(item, out, depth + 1);
      separator = ", ";
    }
    out.append(close);
  }

  private static void dict(Dict dict, StringBuilder out, int depth) {
    out.append('{');
    String separator = "";
    for (Dict.Entry entry : dict.entries()) {
      out.append(separator);
      repr(entry.key(), out, depth + 1);
      out.append(": ");
      repr(entry.value(), out, depth + 1);
      separator = ", ";
    }
    out.append('}');
  }

  /// The shortest digits that mean the same number, with an exponent where Python has one.
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value > 0 ? "0.0" : "-0.0";
    }
    var digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String unscaled = digits.unscaledValue().abs().toString();
    return (value < 0 ? "-" : "")
        + unscaled.charAt(0)
        + (unscaled.length() > 1 ? "." + unscaled.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(c -> {
          if (c == quote || c == '\\') {
            out.append('\\').appendCodePoint(c);
          } else if (c == '\n') {
            out.append("\\n");
          } else if (c == '\r') {
            out.append("\\r");
          } else if (c == '\t') {
            out.append("\\t");
          } else if (isPrintable(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(
                c < 0x100
                    ? "\\x%02x".formatted(c)
                    : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
          }
        });
    out.append(quote);
  }

  private static boolean isPrintable(int c) {
    if (c == ' ') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// Whether any text in a value came from the input. The value is printed before, so that one
  /// without end is refused there.
  static boolean hasInput(@Nullable Object value) {
    List<@Nullable Object> open = new ArrayList<>();
    open.add(value);
    while (!open.isEmpty()) {
      @Nullable Object next = open.removeLast();
      switch (next) {
        case Text text -> {
          if (text.hasInput()) {
            return true;
          }
        }
        case List<?> list -> open.addAll(list);
        case Tuple tuple -> open.addAll(tuple.items());
        case Dict dict -> {
          for (Dict.Entry entry : dict.entries()) {
            open.add(entry.key());
            open.add(entry.value());
          }
        }
        case Views.Keys keys -> open.addAll(keys.items());
        case Views.Values values -> open.addAll(values.items());
        case Views.Items items -> open.addAll(items.items());
        case null, default -> {}
      }
    }
    return false;
  }
}
