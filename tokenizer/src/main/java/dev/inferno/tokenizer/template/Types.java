package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What values are: a null is None; Boolean, Long and Double are numbers; {@link Text}, List,
/// {@link Tuple}, {@link Dict} are what they are in Python.
final class Types {
  private Types() {}

  /// The name of a value's type in Python.
  static String name(@Nullable Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean _ -> "bool";
      case Long _, BigInteger _ -> "int";
      case Double _ -> "float";
      case Text text -> text.isSafe() ? "Markup" : "str";
      case List<?> _ -> "list";
      case Tuple _ -> "tuple";
      case Dict _ -> "dict";
      case Generator _ -> "generator";
      case Namespace _ -> "Namespace";
      case Undefined _ -> "Undefined";
      case Views.Keys _ -> "dict_keys";
      case Views.Values _ -> "dict_values";
      case Views.Items _ -> "dict_items";
      case Views.Range _ -> "range";
      case Loop _ -> "LoopContext";
      default -> "function";
    };
  }

  /// Whether a value is true in a condition.
  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean flag -> flag;
      case Long integer -> integer != 0;
      case Double real -> real != 0;
      case Text text -> !text.isEmpty();
      case Undefined _ -> false;
      case List<?> list -> !list.isEmpty();
      case Tuple tuple -> !tuple.items().isEmpty();
      case Dict dict -> dict.size() > 0;
      case Views.View view -> view.size() > 0;
      default -> true;
    };
  }

  /// How many items a value has.
  static long length(@Nullable Object value) {
    return switch (value) {
      case Text text -> text.length();
      case List<?> list -> list.size();
      case Tuple tuple -> tuple.items().size();
      case Dict dict -> dict.size();
      case Views.View view -> view.size();
      case Loop loop -> loop.length();
      case Undefined _ -> 0;
      case null, default ->
          throw TemplateException.type("object of type '%s' has no len()", name(value));
    };
  }

  /// The items of a value, one after the other.
  static Iterator<Object> iterator(@Nullable Object value, Frame frame) {
    return value instanceof Generator generator
        ? generator.iterator()
        : list(value, frame).iterator();
  }

  static boolean isIterable(@Nullable Object value) {
    return switch (value) {
      case Text _, List<?> _, Tuple _, Dict _, Generator _, Views.View _, Undefined _, Loop _ ->
          true;
      case null, default -> false;
    };
  }

  /// All items of a value. Not to be changed.
  @SuppressWarnings("unchecked") // all lists are of values
  static List<Object> list(@Nullable Object value, Frame frame) {
    return switch (value) {
      case Text text -> text.characters();
      case List<?> list -> (List<Object>) list;
      case Tuple tuple -> tuple.items();
      case Dict dict -> (List<Object>) (List<?>) dict.keys();
      case Views.View view -> view.items();
      case Generator generator -> {
        List<Object> items = new ArrayList<>();
        while (generator.iterator().hasNext()) {
          frame.budget().step();
          items.add(generator.iterator().next());
        }
        yield items;
      }
      case Undefined _ -> List.of();
      case null, default ->
          throw TemplateException.type("'%s' object is not iterable", name(value));
    };
  }

  /// The integer that a value is, where one is needed.
  static long integer(@Nullable Object value) {
    return switch (value) {
      case Long integer -> integer;
      case Boolean flag -> flag ? 1 : 0;
      case BigInteger large -> throw tooLarge(large);
      case Undefined undefined -> throw undefined.failure();
      case null, default ->
          throw TemplateException.type(
              "'%s' object cannot be interpreted as an integer", name(value));
    };
  }

  /// Whoever computes with an integer of more than 64 bits gets this.
  static TemplateException tooLarge(BigInteger large) {
    return TemplateException.limit(
        "%d has more than 64 bits; it can be printed and compared, not computed with", large);
  }

  /// The text that a value is, where one is needed.
  static Text text(@Nullable Object value, String where) {
    return switch (value) {
      case Text text -> text;
      case Undefined undefined -> throw undefined.failure();
      case null, default ->
          throw TemplateException.type("%s must be str, not %s", where, name(value));
    };
  }

  /// The text that a value prints as.
  static Text print(@Nullable Object value) {
    return switch (value) {
      case Text text -> text;
      case Undefined _ -> Text.EMPTY;
      case null, default -> {
        String text = Printer.print(value);
        yield Printer.hasInput(value) ? Text.input(text) : Text.authored(text);
      }
    };
  }
}
