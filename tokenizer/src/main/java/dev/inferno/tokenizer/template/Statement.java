package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A statement, and what it does.
interface Statement {

  /// How a statement ends.
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow run(Frame frame);

  /// Text between tags.
  record Data(Text text) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.budget().step();
      frame.output().write(text, frame.budget());
      return Flow.NEXT;
    }
  }

  /// `{{ a }}`
  record Print(Expression value) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.budget().step();
      frame.output().write(Types.print(value.value(frame)), frame.budget());
      return Flow.NEXT;
    }
  }

  /// Statements one after the other.
  record Sequence(List<Statement> statements) implements Statement {
    static Statement of(List<Statement> statements) {
      return statements.size() == 1 ? statements.getFirst() : new Sequence(statements);
    }

    @Override
    public Flow run(Frame frame) {
      for (Statement statement : statements) {
        Flow flow = statement.run(frame);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }
  }

  /// `{% break %}`, `{% continue %}`
  record Leave(Flow flow) implements Statement {
    @Override
    public Flow run(Frame frame) {
      return flow;
    }
  }

  /// `{% if a %}`
  record If(Expression condition, Statement then, Statement otherwise) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.budget().step();
      return (Types.truth(condition.value(frame)) ? then : otherwise).run(frame);
    }
  }

  /// `{% for a in b if c %}`; each round has a scope of its own.
  record For(
      Target target,
      Expression over,
      @Nullable Expression condition,
      boolean recursive,
      Statement body,
      Statement otherwise)
      implements Statement {

    @Override
    public Flow run(Frame frame) {
      return run(over.value(frame), 0, frame);
    }

    Flow run(@Nullable Object values, int depth, Frame frame) {
      List<Object> items = new ArrayList<>();
      for (Iterator<Object> all = Types.iterator(values, frame); all.hasNext(); ) {
        frame.budget().step();
        Object item = all.next();
        if (condition != null) {
          Frame scope = frame.inner();
          target.assign(item, scope);
          if (!Types.truth(condition.value(scope))) {
            continue;
          }
        }
        items.add(item);
      }
      if (items.isEmpty()) {
        return otherwise.run(frame.inner());
      }
      var loop = new Loop(items, depth, recursive ? this : null, frame);
      for (Object item : items) {
        frame.budget().step();
        loop.next();
        Frame scope = frame.inner();
        scope.set("loop", loop);
        target.assign(item, scope);
        if (body.run(scope) == Flow.BREAK) {
          break;
        }
      }
      return Flow.NEXT;
    }
  }

  /// `{% set a = b %}`
  record Set(Target target, Expression value) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.budget().step();
      target.assign(value.value(frame), frame);
      return Flow.NEXT;
    }
  }

  /// `{% set a %}...{% endset %}`
  record SetBlock(Target target, List<Expression.Filter> filters, Statement body)
      implements Statement {
    @Override
    public Flow run(Frame frame) {
      target.assign(filtered(filters, body, frame), frame);
      return Flow.NEXT;
    }
  }

  /// `{% filter a %}...{% endfilter %}`
  record FilterBlock(List<Expression.Filter> filters, Statement body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.output().write(Types.print(filtered(filters, body, frame)), frame.budget());
      return Flow.NEXT;
    }
  }

  private static @Nullable Object filtered(
      List<Expression.Filter> filters, Statement body, Frame frame) {
    var output = new Output();
    body.run(frame.inner(output));
    @Nullable Object value = output.text();
    for (Expression.Filter filter : filters) {
      value = filter.apply(value, frame);
    }
    return value;
  }

  /// `{% with a = b %}`
  record With(List<Target> targets, List<Expression> values, Statement body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      Frame scope = frame.inner();
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(values.get(i).value(frame), scope);
      }
      return body.run(scope);
    }
  }

  /// `{% generation %}`: what the assistant is to have generated.
  record Generation(Statement body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      int from = frame.output().length();
      Flow flow = body.run(frame.inner());
      frame.output().generated(from);
      return flow;
    }
  }

  /// A parameter of a macro.
  ///
  /// @param absent what it is if it is not given
  record Parameter(String name, @Nullable Expression absent) {}

  /// The body of a macro or of a call block.
  ///
  /// @param takesMore whether it reads `varargs`, arguments beyond its parameters
  /// @param takesNamed whether it reads `kwargs`, named arguments that are no parameters
  record Body(
      String name,
      List<Parameter> parameters,
      Statement statements,
      boolean takesMore,
      boolean takesNamed) {
    Macro in(Frame frame) {
      return new Macro(this, frame);
    }
  }

  /// `{% macro a(b) %}`
  record DefineMacro(Body body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      frame.set(body.name(), body.in(frame));
      return Flow.NEXT;
    }
  }

  /// `{% call(a) b(c) %}`
  record CallBlock(Expression.Call call, Body body) implements Statement {
    @Override
    public Flow run(Frame frame) {
      @Nullable Object value = call.call(List.of(), Map.of("caller", body.in(frame)), frame);
      frame.output().write(Types.print(value), frame.budget());
      return Flow.NEXT;
    }
  }
}
