package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tests behind `is`.
/// <https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-tests>
final class Tests {
  private static final Set<String> NAMES =
      Set.of(
          "defined",
          "undefined",
          "none",
          "true",
          "false",
          "boolean",
          "integer",
          "float",
          "number",
          "string",
          "mapping",
          "sequence",
          "iterable",
          "callable",
          "escaped",
          "odd",
          "even",
          "divisibleby",
          "lower",
          "upper",
          "sameas",
          "in",
          "filter",
          "test",
          "eq",
          "equalto",
          "==",
          "ne",
          "!=",
          "lt",
          "lessthan",
          "<",
          "le",
          "<=",
          "gt",
          "greaterthan",
          ">",
          "ge",
          ">=");

  private Tests() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  static boolean holds(String name, Arguments arguments, Frame frame) {
    @Nullable Object value = arguments.first();
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "boolean" -> value instanceof Boolean;
      case "integer" -> value instanceof Long || value instanceof BigInteger;
      case "float" -> value instanceof Double;
      case "number" -> Operators.isNumber(value) || value instanceof BigInteger;
      case "string" -> value instanceof Text;
      case "mapping" -> value instanceof Dict;
      case "sequence" ->
          value instanceof Text
              || value instanceof List<?>
              || value instanceof Tuple
              || value instanceof Dict
              || value instanceof Views.Range
              || value instanceof Undefined;
      case "iterable" -> Types.isIterable(value);
      case "callable" -> value instanceof Callable;
      case "escaped" -> value instanceof Text text && text.isSafe();
      case "odd" -> remainder(value, 2L, frame) == 1;
      case "even" -> remainder(value, 2L, frame) == 0;
      case "divisibleby" -> remainder(value, argument(arguments), frame) == 0;
      case "lower" -> Strings.isLower(read(value, frame));
      case "upper" -> Strings.isUpper(read(value, frame));
      case "sameas" -> isSame(value, argument(arguments));
      case "in" -> Operators.contains(argument(arguments), value, frame);
      case "filter" -> value instanceof Text text && Filters.exists(text.value());
      case "test" -> value instanceof Text text && exists(text.value());
      case "eq", "equalto", "==" -> Operators.compares("==", value, argument(arguments), frame);
      case "ne", "!=" -> Operators.compares("!=", value, argument(arguments), frame);
      case "lt", "lessthan", "<" -> Operators.compares("<", value, argument(arguments), frame);
      case "le", "<=" -> Operators.compares("<=", value, argument(arguments), frame);
      case "gt", "greaterthan", ">" -> Operators.compares(">", value, argument(arguments), frame);
      case "ge", ">=" -> Operators.compares(">=", value, argument(arguments), frame);
      default -> throw TemplateException.runtime("No test named '%s'.", name);
    };
  }

  private static @Nullable Object argument(Arguments arguments) {
    if (arguments.positional().size() != 2) {
      throw TemplateException.type("the test '%s' takes one argument", arguments.callee());
    }
    return arguments.positional().get(1);
  }

  private static String read(@Nullable Object value, Frame frame) {
    Text text = Types.print(value);
    frame.budget().reads(text);
    return text.value();
  }

  private static double remainder(@Nullable Object value, @Nullable Object by, Frame frame) {
    @Nullable Object rest = Operators.binary("%", value, by, frame);
    return Operators.isNumber(rest) ? Operators.real(rest) : Double.NaN;
  }

  @SuppressWarnings("ReferenceEquality") // which is what is asked
  private static boolean isSame(@Nullable Object left, @Nullable Object right) {
    return left == right
        || (left instanceof Long && left.equals(right))
        || (left instanceof Boolean && left.equals(right))
        || (left instanceof Text && left.equals(right));
  }
}
