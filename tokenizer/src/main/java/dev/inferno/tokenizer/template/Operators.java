package dev.inferno.tokenizer.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Operators between values, as Python has them.
final class Operators {
  private Operators() {}

  static @Nullable Object binary(
      String operator, @Nullable Object left, @Nullable Object right, Frame frame) {
    requireDefined(left);
    if (!(left instanceof Text && operator.equals("%"))) {
      requireDefined(right);
    }
    if (left instanceof BigInteger large) {
      throw Types.tooLarge(large);
    }
    if (right instanceof BigInteger large && !(left instanceof Text && operator.equals("%"))) {
      throw Types.tooLarge(large);
    }
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Double || right instanceof Double || operator.equals("/")
          ? reals(operator, real(left), real(right))
          : integers(operator, Types.integer(left), Types.integer(right));
    }
    if (operator.equals("%") && left instanceof Text text) {
      return PercentFormat.format(text, right, frame);
    }
    return switch (operator) {
      case "+" -> plus(left, right, frame);
      case "*" -> times(left, right, frame);
      default -> throw unsupported(operator, left, right);
    };
  }

  private static void requireDefined(@Nullable Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  private static TemplateException unsupported(
      String operator, @Nullable Object left, @Nullable Object right) {
    return TemplateException.type(
        "unsupported operand type(s) for %s: '%s' and '%s'",
        operator.equals("**") ? "** or pow()" : operator, Types.name(left), Types.name(right));
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double real(@Nullable Object value) {
    return value instanceof Double real ? real : Types.integer(value);
  }

  private static Object integers(String operator, long left, long right) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(left, right);
        case "-" -> Math.subtractExact(left, right);
        case "*" -> Math.multiplyExact(left, right);
        case "//" -> Math.floorDiv(left, right);
        case "%" -> Math.floorMod(left, right);
        default ->
            right < 0 ? (Object) Math.pow((double) left, (double) right) : power(left, right);
      };
    } catch (ArithmeticException e) {
      throw right == 0 && (operator.equals("//") || operator.equals("%"))
          ? divisionByZero()
          : TemplateException.limit("%d %s %d needs more than 64 bits", left, operator, right);
    }
  }

  private static long power(long base, long exponent) {
    long result = 1;
    for (long i = 0; i < exponent && result != 0 && (result != 1 || base != 1); i++) {
      result = Math.multiplyExact(result, base);
      if (i > 64 && base == -1) {
        return exponent % 2 == 0 ? 1 : -1;
      }
    }
    return result;
  }

  private static Object reals(String operator, double left, double right) {
    if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw divisionByZero();
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> {
        double rest = left % right;
        yield rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
      }
      default -> Math.pow(left, right);
    };
  }

  private static TemplateException divisionByZero() {
    return new TemplateException("ZeroDivisionError", "division by zero");
  }

  private static Object plus(@Nullable Object left, @Nullable Object right, Frame frame) {
    if (left instanceof Text first && right instanceof Text second) {
      frame.budget().characters(first.value().length() + second.value().length());
      return join(first, second);
    }
    if (left instanceof Text) {
      throw TemplateException.type(
          "can only concatenate str (not \"%s\") to str", Types.name(right));
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      frame.budget().reads(first);
      List<Object> all = new ArrayList<>(first);
      all.addAll(second);
      return all;
    }
    if (left instanceof Tuple first && right instanceof Tuple second) {
      frame.budget().reads(first);
      List<Object> all = new ArrayList<>(first.items());
      all.addAll(second.items());
      return new Tuple(all);
    }
    throw unsupported("+", left, right);
  }

  /// Puts texts together; beside one that is safe HTML, the other is escaped.
  static Text join(Text first, Text second) {
    if (first.isSafe() == second.isSafe()) {
      Text both = first.plus(second);
      return first.isSafe() ? both.withSafe() : both;
    }
    return (first.isSafe()
            ? first.plus(Strings.escape(second))
            : Strings.escape(first).plus(second))
        .withSafe();
  }

  private static Object times(@Nullable Object left, @Nullable Object right, Frame frame) {
    Object items = isNumber(left) ? right : left;
    Object count = isNumber(left) ? left : right;
    if (!(count instanceof Long || count instanceof Boolean)) {
      throw items instanceof Text || items instanceof List<?> || items instanceof Tuple
          ? TemplateException.type(
              "can't multiply sequence by non-int of type '%s'", Types.name(count))
          : unsupported("*", left, right);
    }
    long times = Math.max(0, Types.integer(count));
    if (items instanceof Text text) {
      frame
          .budget()
          .characters(
              Math.multiplyHigh(times, text.value().length()) != 0
                  ? Long.MAX_VALUE
                  : times * text.value().length());
      var builder = new Text.Builder();
      for (long i = 0; i < times && !text.isEmpty(); i++) {
        builder.append(text);
      }
      return builder.build();
    }
    if (items instanceof List<?> list) {
      return repeated(list, times, frame);
    }
    if (items instanceof Tuple tuple) {
      return new Tuple(repeated(tuple.items(), times, frame));
    }
    throw unsupported("*", left, right);
  }

  private static List<Object> repeated(List<?> list, long times, Frame frame) {
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < times && !list.isEmpty(); i++) {
      for (Object item : list) {
        frame.budget().step();
        all.add(item);
      }
    }
    return all;
  }

  static Object signed(boolean negative, @Nullable Object value) {
    requireDefined(value);
    if (value instanceof BigInteger large) {
      return negative ? large.negate() : large;
    }
    if (!isNumber(value)) {
      throw TemplateException.type(
          "bad operand type for unary %s: '%s'", negative ? "-" : "+", Types.name(value));
    }
    if (value instanceof Double real) {
      return negative ? -real : real;
    }
    long integer = Types.integer(value);
    return negative ? Math.negateExact(integer) : integer;
  }

  @SuppressWarnings("ReferenceEquality") // the quick answer for what is the same
  static boolean equal(@Nullable Object left, @Nullable Object right, Budget budget) {
    if (isNumber(left) && isNumber(right)) {
      if (left instanceof Double || right instanceof Double) {
        return real(left) == real(right);
      }
      return Types.integer(left) == Types.integer(right);
    }
    if (left == right) {
      return true;
    }
    if (isLarge(left, right)) {
      return compareLarge(left, right) == 0;
    }
    return switch (left) {
      case null -> false;
      case Text text -> right instanceof Text other && equalTexts(text, other, budget);
      case List<?> list -> right instanceof List<?> other && equalItems(list, other, budget);
      case Tuple tuple ->
          right instanceof Tuple other && equalItems(tuple.items(), other.items(), budget);
      case Dict dict -> right instanceof Dict other && equalEntries(dict, other, budget);
      case Views.Range range ->
          right instanceof Views.Range other && equalItems(range.items(), other.items(), budget);
      case Namespace _ -> false; // is equal to itself alone
      default -> left.equals(right);
    };
  }

  /// Whether two numbers are to be compared of which one has more than 64 bits.
  private static boolean isLarge(@Nullable Object left, @Nullable Object right) {
    return (left instanceof BigInteger && (right instanceof BigInteger || isNumber(right)))
        || (right instanceof BigInteger && isNumber(left));
  }

  private static int compareLarge(@Nullable Object left, @Nullable Object right) {
    if (left instanceof Double real && !Double.isFinite(real)) {
      return real > 0 ? 1 : -1;
    }
    if (right instanceof Double real && !Double.isFinite(real)) {
      return real > 0 ? -1 : 1;
    }
    return exact(left).compareTo(exact(right));
  }

  private static BigDecimal exact(@Nullable Object number) {
    return switch (number) {
      case BigInteger large -> new BigDecimal(large);
      case Double real -> new BigDecimal(real);
      case null, default -> BigDecimal.valueOf(Types.integer(number));
    };
  }

  private static boolean equalTexts(Text left, Text right, Budget budget) {
    if (left.value().length() != right.value().length()) {
      return false;
    }
    budget.reads(left);
    return left.equals(right);
  }

  private static boolean equalItems(List<?> left, List<?> right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      budget.characters(1);
      if (!equal(left.get(i), right.get(i), budget)) {
        return false;
      }
    }
    return true;
  }

  private static boolean equalEntries(Dict left, Dict right, Budget budget) {
    if (left.size() != right.size()) {
      return false;
    }
    for (Dict.Entry entry : left.entries()) {
      budget.characters(1);
      if (!right.contains(entry.key()) || !equal(entry.value(), right.get(entry.key()), budget)) {
        return false;
      }
    }
    return true;
  }

  /// Less than 0, 0, or more, as the left is before, at or behind the right.
  ///
  /// @param operator for the message if they have no order
  static int compare(
      @Nullable Object left, @Nullable Object right, String operator, Budget budget) {
    requireDefined(left);
    requireDefined(right);
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Double || right instanceof Double
          ? Double.compare(real(left) + 0.0, real(right) + 0.0)
          : Long.compare(Types.integer(left), Types.integer(right));
    }
    if (isLarge(left, right)) {
      return compareLarge(left, right);
    }
    if (left instanceof Text first && right instanceof Text second) {
      budget.reads(first);
      budget.reads(second);
      return Strings.compare(first.value(), second.value());
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      return compareItems(first, second, operator, budget);
    }
    if (left instanceof Tuple first && right instanceof Tuple second) {
      return compareItems(first.items(), second.items(), operator, budget);
    }
    throw TemplateException.type(
        "'%s' not supported between instances of '%s' and '%s'",
        operator, Types.name(left), Types.name(right));
  }

  private static int compareItems(List<?> left, List<?> right, String operator, Budget budget) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      budget.characters(1);
      if (!equal(left.get(i), right.get(i), budget)) {
        return compare(left.get(i), right.get(i), operator, budget);
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  static boolean contains(@Nullable Object container, @Nullable Object item, Frame frame) {
    frame.budget().reads(container);
    return switch (container) {
      case Text text -> Search.isIn(text.value(), part(item).value());
      case Dict dict -> dict.contains(item);
      case Views.Keys keys -> keys.dict().contains(item);
      case null, default -> {
        if (!Types.isIterable(container)) {
          throw TemplateException.type(
              "argument of type '%s' is not iterable", Types.name(container));
        }
        boolean found = false;
        for (Iterator<Object> items = Types.iterator(container, frame);
            items.hasNext() && !found; ) {
          found = equal(items.next(), item, frame.budget());
        }
        yield found;
      }
    };
  }

  private static Text part(@Nullable Object item) {
    return switch (item) {
      case Text text -> text;
      case Undefined undefined -> throw undefined.failure();
      case null, default ->
          throw TemplateException.type(
              "'in <string>' requires string as left operand, not %s", Types.name(item));
    };
  }

  static boolean compares(
      String operator, @Nullable Object left, @Nullable Object right, Frame frame) {
    Budget budget = frame.budget();
    return switch (operator) {
      case "==" -> equal(left, right, budget);
      case "!=" -> !equal(left, right, budget);
      case "in" -> contains(right, left, frame);
      case "not in" -> !contains(right, left, frame);
      case "<" -> !isNan(left, right) && compare(left, right, operator, budget) < 0;
      case "<=" -> !isNan(left, right) && compare(left, right, operator, budget) <= 0;
      case ">" -> !isNan(left, right) && compare(left, right, operator, budget) > 0;
      default -> !isNan(left, right) && compare(left, right, operator, budget) >= 0;
    };
  }

  private static boolean isNan(@Nullable Object left, @Nullable Object right) {
    return (left instanceof Double a && a.isNaN()) || (right instanceof Double b && b.isNaN());
  }
}
