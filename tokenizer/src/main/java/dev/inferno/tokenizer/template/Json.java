package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes values as `json.dumps` does.
///
/// @param ascii whether all else is escaped
/// @param indent what each level is moved by, null to stay on one line
/// @param budget what comparing keys may take
record Json(
    boolean ascii,
    @Nullable String indent,
    String itemSeparator,
    String keySeparator,
    boolean sorted,
    Budget budget) {
  private static final int DEEPEST = 200;

  String write(@Nullable Object value) {
    var out = new StringBuilder();
    write(value, out, 0);
    return out.toString();
  }

  private void write(@Nullable Object value, StringBuilder out, int depth) {
    if (depth > DEEPEST) {
      throw TemplateException.limit("a value is nested more than %d deep", DEEPEST);
    }
    requireShort(out.length());
    switch (value) {
      case null -> out.append("null");
      case Boolean flag -> out.append(flag);
      case Long _, BigInteger _ -> out.append(value);
      case Double real -> out.append(real(real));
      case Text text -> quote(text.value(), out);
      case List<?> list -> items(list, out, depth);
      case Tuple tuple -> items(tuple.items(), out, depth);
      case Dict dict -> entries(dict, out, depth);
      default ->
          throw TemplateException.type(
              "Object of type %s is not JSON serializable", Types.name(value));
    }
  }

  private static void requireShort(long length) {
    if (length > Budget.LONGEST_VALUE) {
      throw TemplateException.limit("a value has more than %d characters", Budget.LONGEST_VALUE);
    }
  }

  private static String real(double real) {
    return Double.isNaN(real)
        ? "NaN"
        : Double.isInfinite(real) ? (real > 0 ? "Infinity" : "-Infinity") : Printer.real(real);
  }

  private void items(List<?> items, StringBuilder out, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      out.append(i > 0 ? itemSeparator : "");
      newLine(out, depth + 1);
      write(items.get(i), out, depth + 1);
    }
    newLine(out, depth);
    out.append(']');
  }

  private void entries(Dict dict, StringBuilder out, int depth) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    List<Dict.Entry> entries = new ArrayList<>(dict.entries());
    if (sorted) {
      entries.sort((a, b) -> Operators.compare(a.key(), b.key(), "<", budget));
    }
    out.append('{');
    for (int i = 0; i < entries.size(); i++) {
      out.append(i > 0 ? itemSeparator : "");
      newLine(out, depth + 1);
      quote(key(entries.get(i).key()), out);
      out.append(keySeparator);
      write(entries.get(i).value(), out, depth + 1);
    }
    newLine(out, depth);
    out.append('}');
  }

  private static String key(@Nullable Object key) {
    return switch (key) {
      case null -> "null";
      case Text text -> text.value();
      case Boolean flag -> flag.toString();
      case Long _, BigInteger _ -> key.toString();
      case Double real -> real(real);
      default ->
          throw TemplateException.type(
              "keys must be str, int, float, bool or None, not %s", Types.name(key));
    };
  }

  private void newLine(StringBuilder out, int depth) {
    if (indent != null) {
      requireShort(out.length() + (long) indent.length() * depth);
      out.append('\n').repeat(indent, depth);
    }
  }

  private void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
