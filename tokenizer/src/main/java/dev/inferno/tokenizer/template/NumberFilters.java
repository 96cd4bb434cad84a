package dev.inferno.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The filters that make numbers; see {@link Filters}.
final class NumberFilters {
  private NumberFilters() {}

  static @Nullable Object toInteger(Arguments arguments) {
    var bound = arguments.bind("value", "default", "base");
    @Nullable Object absent = bound.getOrDefault("default", 0L);
    @Nullable Object value = bound.get("value");
    try {
      switch (value) {
        case Undefined undefined -> throw undefined.failure();
        case Long _, BigInteger _ -> {
          return value;
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

  static @Nullable Object toReal(Arguments arguments) {
    var bound = arguments.bind("value", "default");
    @Nullable Object value = bound.get("value");
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (value instanceof BigInteger large) {
      return large.doubleValue();
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

  static Object round(Arguments arguments) {
    var bound = arguments.bind("value", "precision", "method");
    @Nullable Object value = bound.get("value");
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (value instanceof BigInteger large) {
      throw Types.tooLarge(large);
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
}
