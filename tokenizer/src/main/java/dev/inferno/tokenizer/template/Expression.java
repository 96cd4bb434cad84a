package dev.inferno.tokenizer.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An expression, and what it means.
interface Expression {

  @Nullable Object value(Frame frame);

  /// A literal.
  record Constant(@Nullable Object constant) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      return constant;
    }
  }

  /// A variable.
  record Name(String name) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      frame.budget().step();
      return frame.get(name);
    }
  }

  /// `[a, b]`
  record ListOf(List<Expression> items) implements Expression {
    @Override
    public Object value(Frame frame) {
      return values(items, frame);
    }
  }

  /// `(a, b)`
  record TupleOf(List<Expression> items) implements Expression {
    @Override
    public Object value(Frame frame) {
      return new Tuple(values(items, frame));
    }
  }

  private static List<Object> values(List<Expression> items, Frame frame) {
    List<Object> values = new ArrayList<>();
    for (Expression item : items) {
      values.add(item.value(frame));
    }
    return values;
  }

  /// `{a: b}`
  record DictOf(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Frame frame) {
      var dict = new Dict();
      for (int i = 0; i < keys.size(); i++) {
        dict.put(keys.get(i).value(frame), values.get(i).value(frame));
      }
      return dict;
    }
  }

  /// `a if condition else b`
  record Conditional(Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      if (Types.truth(condition.value(frame))) {
        return then.value(frame);
      }
      return otherwise == null
          ? Undefined.of(
              "the inline if-expression evaluated to false and no else section was defined.")
          : otherwise.value(frame);
    }
  }

  /// `a or b`
  record Or(Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      @Nullable Object value = left.value(frame);
      return Types.truth(value) ? value : right.value(frame);
    }
  }

  /// `a and b`
  record And(Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      @Nullable Object value = left.value(frame);
      return Types.truth(value) ? right.value(frame) : value;
    }
  }

  /// `not a`
  record Not(Expression of) implements Expression {
    @Override
    public Object value(Frame frame) {
      return !Types.truth(of.value(frame));
    }
  }

  /// `a < b <= c`
  record Comparison(Expression first, List<String> operators, List<Expression> operands)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      frame.budget().step();
      @Nullable Object left = first.value(frame);
      for (int i = 0; i < operators.size(); i++) {
        @Nullable Object right = operands.get(i).value(frame);
        if (!Operators.compares(operators.get(i), left, right, frame)) {
          return false;
        }
        left = right;
      }
      return true;
    }
  }

  /// `a + b`
  record Binary(String operator, Expression left, Expression right) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      frame.budget().step();
      return Operators.binary(operator, left.value(frame), right.value(frame), frame);
    }
  }

  /// `-a`
  record Signed(boolean negative, Expression of) implements Expression {
    @Override
    public Object value(Frame frame) {
      return Operators.signed(negative, of.value(frame));
    }
  }

  /// `a ~ b`
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object value(Frame frame) {
      var builder = new Text.Builder();
      for (Expression part : parts) {
        Text text = Types.print(part.value(frame));
        frame.budget().characters(text.value().length());
        builder.append(text);
      }
      return builder.build();
    }
  }

  /// `a.b`
  record Attribute(Expression of, String name) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      frame.budget().step();
      @Nullable Object owner = of.value(frame);
      if (owner instanceof Text) { // a method of it
        frame.budget().reads(owner);
      }
      return Members.attribute(owner, name);
    }
  }

  /// `a[b]`
  record Item(Expression of, Expression index) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      frame.budget().step();
      @Nullable Object container = of.value(frame);
      if (container instanceof Text || container instanceof Views.View) {
        frame.budget().reads(container); // counts its characters, makes its items
      }
      return index instanceof Slice slice
          ? Members.slice(
              container,
              slice.bound(slice.from, frame),
              slice.bound(slice.to, frame),
              slice.bound(slice.step, frame),
              frame)
          : Members.item(container, index.value(frame));
    }
  }

  /// `a:b:c` between brackets
  record Slice(@Nullable Expression from, @Nullable Expression to, @Nullable Expression step)
      implements Expression {
    @Override
    public Object value(Frame frame) {
      throw TemplateException.type("unhashable type: 'slice'");
    }

    @Nullable Long bound(@Nullable Expression expression, Frame frame) {
      @Nullable Object value = expression == null ? null : expression.value(frame);
      if (value == null) {
        return null;
      }
      if (!(value instanceof Long
          || value instanceof Boolean
          || value instanceof BigInteger
          || value instanceof Undefined)) {
        throw TemplateException.type(
            "slice indices must be integers or None or have an __index__ method");
      }
      return Types.integer(value);
    }
  }

  /// One argument of a call.
  record Argument(Kind kind, String name, Expression value) {
    enum Kind {
      POSITIONAL,
      NAMED,
      ALL,
      NAMED_ALL
    }
  }

  /// The arguments of a call, evaluated.
  static Arguments arguments(
      String callee, List<@Nullable Object> first, List<Argument> arguments, Frame frame) {
    List<@Nullable Object> positional = new ArrayList<>(first);
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    for (Argument argument : arguments) {
      @Nullable Object value = argument.value().value(frame);
      switch (argument.kind()) {
        case POSITIONAL -> positional.add(value);
        case NAMED -> named.put(argument.name(), value);
        case ALL -> positional.addAll(Types.list(value, frame));
        case NAMED_ALL -> {
          if (!(value instanceof Dict dict)) {
            throw TemplateException.type(
                "%s() argument after ** must be a mapping, not %s", callee, Types.name(value));
          }
          for (Dict.Entry entry : dict.entries()) {
            named.put(Types.text(entry.key(), "keywords").value(), entry.value());
          }
        }
      }
    }
    return new Arguments(callee, positional, named);
  }

  /// `a(b)`
  record Call(Expression callee, List<Argument> arguments) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      return call(List.of(), Map.of(), frame);
    }

    /// The same with more named arguments.
    @Nullable Object call(
        List<@Nullable Object> first, Map<String, @Nullable Object> more, Frame frame) {
      frame.budget().step();
      @Nullable Object function = callee.value(frame);
      if (function instanceof Undefined undefined) {
        throw undefined.failure();
      }
      if (!(function instanceof Callable callable)) {
        throw TemplateException.type("'%s' object is not callable", Types.name(function));
      }
      Arguments all = Expression.arguments(name(), first, arguments, frame);
      all.named().putAll(more);
      return callable.call(all, frame);
    }

    private String name() {
      return switch (callee) {
        case Name name -> name.name();
        case Attribute attribute -> attribute.name();
        default -> "function";
      };
    }
  }

  /// A filter and its arguments.
  record Filter(String name, List<Argument> arguments) {
    @Nullable Object apply(@Nullable Object value, Frame frame) {
      frame.budget().step();
      List<@Nullable Object> first = new ArrayList<>();
      first.add(value);
      frame.budget().reads(value);
      @Nullable Object result =
          Filters.apply(name, Expression.arguments(name, first, arguments, frame), frame);
      if (!(value instanceof Text)) {
        frame.budget().reads(result); // which may be longer
      }
      return result;
    }
  }

  /// `a | b`
  record Filtered(Expression of, Filter filter) implements Expression {
    @Override
    public @Nullable Object value(Frame frame) {
      return filter.apply(of.value(frame), frame);
    }
  }

  /// `a is b`
  record Test(Expression of, String name, List<Argument> arguments) implements Expression {
    @Override
    public Object value(Frame frame) {
      frame.budget().step();
      List<@Nullable Object> first = new ArrayList<>();
      first.add(of.value(frame));
      return Tests.holds(name, Expression.arguments(name, first, arguments, frame), frame);
    }
  }
}
