package dev.inferno.tokenizer.template;

import dev.inferno.tokenizer.template.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads expressions, from the weakest operator to the strongest, each method one level.
/// <https://jinja.palletsprojects.com/en/stable/templates/#expressions>
final class ExpressionParser {
  /// How deep statements, and expressions, may be nested.
  static final int DEEPEST = 200;

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final List<Token> tokens;
  private int at;
  private int depth;

  ExpressionParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  /// The current word, and moves behind it.
  Token next() {
    Token token = tokens.get(at);
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  private Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  int position() {
    return at;
  }

  /// Whether a name is among the words from a position to the current one.
  boolean mentions(String name, int from) {
    return tokens.subList(from, at).stream().anyMatch(token -> token.isName(name));
  }

  Token expect(Kind kind) {
    if (current().kind() != kind) {
      throw unexpected(
          switch (kind) {
            case VARIABLE_END -> "end of print statement";
            case BLOCK_END -> "end of statement block";
            default -> kind.name().toLowerCase(Locale.ROOT);
          });
    }
    return next();
  }

  void expect(String operator) {
    if (!skip(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  boolean skip(String operator) {
    boolean found = current().is(operator);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  private TemplateException unexpected(String expected) {
    Token token = current();
    String found =
        switch (token.kind()) {
          case END -> "end of template";
          case BLOCK_END -> "end of statement block";
          case VARIABLE_END -> "end of print statement";
          default -> "'" + token.text() + "'";
        };
    return Parser.error(
        token.kind() == Kind.END
            ? "unexpected end of template, expected " + expected
            : "expected token %s, got %s".formatted(expected, found),
        token.line());
  }

  Expression expression() {
    if (++depth > DEEPEST) {
      throw Parser.error("expressions are nested too deep", current().line());
    }
    Expression value = or();
    while (skipName("if")) {
      Expression condition = or();
      @Nullable Expression otherwise = skipName("else") ? expression() : null;
      value = new Expression.Conditional(condition, value, otherwise);
    }
    depth--;
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (skipName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (skipName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!current().isName("not")) {
      return comparison();
    }
    int negations = 0;
    while (skipName("not")) {
      negations++;
    }
    Expression value = new Expression.Not(comparison());
    return negations % 2 == 1 ? value : new Expression.Not(value);
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    while (true) {
      Token token = current();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(next().text());
      } else if (skipName("in")) {
        operators.add("in");
      } else if (token.isName("not") && ahead().isName("in")) {
        next();
        next();
        operators.add("not in");
      } else {
        return operators.isEmpty() ? first : new Expression.Comparison(first, operators, operands);
      }
      operands.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (current().is("+") || current().is("-")) {
      String operator = next().text();
      left = new Expression.Binary(operator, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!current().is("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (skip("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (current().is("*") || current().is("/") || current().is("//") || current().is("%")) {
      String operator = next().text();
      left = new Expression.Binary(operator, left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (skip("**")) {
      left = new Expression.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    Expression value;
    if (current().is("-") || current().is("+")) {
      if (++depth > DEEPEST) {
        throw Parser.error("expressions are nested too deep", current().line());
      }
      String sign = next().text();
      value = new Expression.Signed(sign.equals("-"), unary(false));
      depth--;
    } else {
      value = primary();
    }
    value = postfix(value);
    return withFilters ? filtered(value) : value;
  }

  private Expression primary() {
    Token token = current();
    switch (token.kind()) {
      case NAME -> {
        next();
        return switch (token.text()) {
          case "true", "True" -> new Expression.Constant(true);
          case "false", "False" -> new Expression.Constant(false);
          case "none", "None" -> new Expression.Constant(null);
          default -> new Expression.Name(token.text());
        };
      }
      case STRING -> {
        var text = new StringBuilder();
        while (current().kind() == Kind.STRING) {
          text.append(next().text());
        }
        return new Expression.Constant(Text.authored(text.toString()));
      }
      case INTEGER -> {
        next();
        return new Expression.Constant(integer(token));
      }
      case FLOAT -> {
        next();
        return new Expression.Constant(Double.parseDouble(token.text()));
      }
      default -> {}
    }
    if (skip("(")) {
      Expression inner = tuple(true, true);
      expect(")");
      return inner;
    }
    if (current().is("[")) {
      return list();
    }
    if (current().is("{")) {
      return dictionary();
    }
    throw Parser.error("unexpected '%s'".formatted(token.text()), token.line());
  }

  private static Object integer(Token token) {
    String digits = token.text();
    int base = 10;
    if (digits.length() > 2 && digits.charAt(0) == '0' && Character.isLetter(digits.charAt(1))) {
      base =
          switch (Character.toLowerCase(digits.charAt(1))) {
            case 'x' -> 16;
            case 'o' -> 8;
            default -> 2;
          };
      digits = digits.substring(2);
    }
    try {
      return new BigInteger(digits, base).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw Parser.error("impossible integer '%s'".formatted(token.text()), token.line());
    }
  }

  private Expression list() {
    expect("[");
    List<Expression> items = new ArrayList<>();
    while (!current().is("]")) {
      if (!items.isEmpty()) {
        expect(",");
      }
      if (current().is("]")) {
        break;
      }
      items.add(expression());
    }
    expect("]");
    return new Expression.ListOf(items);
  }

  private Expression dictionary() {
    expect("{");
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!current().is("}")) {
      if (!keys.isEmpty()) {
        expect(",");
      }
      if (current().is("}")) {
        break;
      }
      keys.add(expression());
      expect(":");
      values.add(expression());
    }
    expect("}");
    return new Expression.DictOf(keys, values);
  }

  /// Expressions between commas, a tuple if there is a comma.
  Expression tuple() {
    return tuple(false, true);
  }

  /// The same for what an `if` may follow that is not part of it.
  Expression tupleWithoutCondition() {
    return tuple(false, false);
  }

  private Expression tuple(boolean maybeEmpty, boolean conditional) {
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (true) {
      if (!items.isEmpty() && !isTuple) {
        if (!current().is(",")) {
          return items.getFirst();
        }
        isTuple = true;
      }
      if (!items.isEmpty()) {
        if (!skip(",")) {
          break;
        }
      }
      if (endsTuple()) {
        break;
      }
      items.add(conditional ? expression() : or());
    }
    if (items.isEmpty() && !maybeEmpty) {
      throw unexpected("an expression");
    }
    return new Expression.TupleOf(items);
  }

  private boolean endsTuple() {
    Token token = current();
    return switch (token.kind()) {
      case VARIABLE_END, BLOCK_END, END -> true;
      case NAME -> token.isName("recursive");
      default -> token.is(")");
    };
  }

  private Expression postfix(Expression of) {
    Expression value = of;
    while (true) {
      if (skip(".")) {
        Token token = next();
        value =
            switch (token.kind()) {
              case NAME -> new Expression.Attribute(value, token.text());
              case INTEGER -> new Expression.Item(value, new Expression.Constant(integer(token)));
              default -> throw Parser.error("expected name or number", token.line());
            };
      } else if (skip("[")) {
        value = new Expression.Item(value, subscript());
      } else if (current().is("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression subscript() {
    List<Expression> parts = new ArrayList<>();
    boolean comma = false;
    while (!current().is("]")) {
      if (!parts.isEmpty()) {
        expect(",");
        comma = true;
      }
      parts.add(slice());
    }
    expect("]");
    return parts.size() == 1 && !comma ? parts.getFirst() : new Expression.TupleOf(parts);
  }

  private Expression slice() {
    @Nullable Expression from = null;
    if (!current().is(":")) {
      from = expression();
      if (!current().is(":")) {
        return from;
      }
    }
    expect(":");
    @Nullable Expression to = sliceBound();
    @Nullable Expression step = skip(":") ? sliceBound() : null;
    return new Expression.Slice(from, to, step);
  }

  private @Nullable Expression sliceBound() {
    return current().is(":") || current().is("]") || current().is(",") ? null : expression();
  }

  private Expression.Call call(Expression callee) {
    return new Expression.Call(callee, arguments());
  }

  private List<Expression.Argument> arguments() {
    List<Expression.Argument> arguments = new ArrayList<>();
    expect("(");
    while (!current().is(")")) {
      if (!arguments.isEmpty()) {
        expect(",");
      }
      if (current().is(")")) {
        break;
      }
      if (skip("**")) {
        arguments.add(
            new Expression.Argument(Expression.Argument.Kind.NAMED_ALL, "", expression()));
      } else if (skip("*")) {
        arguments.add(new Expression.Argument(Expression.Argument.Kind.ALL, "", expression()));
      } else if (current().kind() == Kind.NAME && ahead().is("=")) {
        String name = next().text();
        next();
        arguments.add(new Expression.Argument(Expression.Argument.Kind.NAMED, name, expression()));
      } else {
        if (!arguments.isEmpty() && arguments.getLast().kind() == Expression.Argument.Kind.NAMED) {
          throw Parser.error("invalid syntax for function call expression", current().line());
        }
        arguments.add(
            new Expression.Argument(Expression.Argument.Kind.POSITIONAL, "", expression()));
      }
    }
    expect(")");
    return arguments;
  }

  private Expression filtered(Expression of) {
    Expression value = of;
    while (true) {
      if (skip("|")) {
        Expression.Filter filter = filter();
        value = new Expression.Filtered(value, filter);
      } else if (skipName("is")) {
        value = test(value);
      } else if (current().is("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression.Filter filter() {
    String name = dottedName();
    List<Expression.Argument> arguments = current().is("(") ? arguments() : List.of();
    return new Expression.Filter(name, arguments);
  }

  private String dottedName() {
    var name = new StringBuilder(expect(Kind.NAME).text());
    while (skip(".")) {
      name.append('.').append(expect(Kind.NAME).text());
    }
    return name.toString();
  }

  /// Filters behind bars, maybe none.
  List<Expression.Filter> filters() {
    List<Expression.Filter> filters = new ArrayList<>();
    while (skip("|")) {
      filters.add(filter());
    }
    return filters;
  }

  /// Filters between bars.
  List<Expression.Filter> filterNames() {
    List<Expression.Filter> filters = new ArrayList<>(List.of(filter()));
    filters.addAll(filters());
    return filters;
  }

  private Expression test(Expression value) {
    boolean negated = skipName("not");
    String name =
        current().kind() == Kind.OPERATOR && COMPARISONS.contains(current().text())
            ? next().text()
            : dottedName();
    List<Expression.Argument> arguments = List.of();
    if (current().is("(")) {
      arguments = arguments();
    } else if (beginsArgument()) {
      if (current().isName("is")) {
        throw Parser.error("You cannot chain multiple tests with is", current().line());
      }
      Expression argument = postfix(primary());
      arguments =
          List.of(new Expression.Argument(Expression.Argument.Kind.POSITIONAL, "", argument));
    }
    Expression test = new Expression.Test(value, name, arguments);
    return negated ? new Expression.Not(test) : test;
  }

  private boolean beginsArgument() {
    Token token = current();
    return switch (token.kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !Set.of("else", "or", "and", "if", "in", "not").contains(token.text());
      default -> token.is("[") || token.is("{");
    };
  }

  /// What is assigned to: a name, names between commas, or, if allowed, a name in a namespace.
  Target target(boolean allowsNamespace) {
    List<Target> targets = new ArrayList<>();
    boolean isTuple = false;
    boolean inParentheses = current().is("(");
    if (inParentheses) {
      next();
    }
    while (true) {
      String name = expect(Kind.NAME).text();
      if (Set.of("true", "false", "none", "True", "False", "None").contains(name)) {
        throw Parser.error("can't assign to '%s'".formatted(name), current().line());
      }
      if (allowsNamespace && skip(".")) {
        targets.add(new Target.InNamespace(name, expect(Kind.NAME).text()));
      } else {
        targets.add(new Target.ToName(name));
      }
      if (!skip(",")) {
        break;
      }
      isTuple = true;
      if (current().kind() != Kind.NAME || current().isName("in")) {
        break;
      }
    }
    if (inParentheses) {
      expect(")");
    }
    return isTuple ? new Target.ToSeveral(targets) : targets.getFirst();
  }
}
