package dev.inferno.tokenizer.template;

import dev.inferno.tokenizer.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the statements of a template: recursive descent over its words, each method one statement.
/// Expressions are {@link ExpressionParser}'s.
final class Parser {
  private static final Set<String> MORE_THAN_ONE_FILE =
      Set.of("extends", "include", "import", "from", "block");

  private final ExpressionParser expressions;
  private int depth;

  private Parser(List<Token> tokens) {
    this.expressions = new ExpressionParser(tokens);
  }

  /// @throws TemplateException if it breaks the language's rules
  static Statement parse(String template) {
    var parser = new Parser(Lexer.tokens(template));
    Statement all = parser.until(Set.of());
    return all;
  }

  static TemplateException error(String message, int line) {
    return new TemplateException("TemplateSyntaxError", message + " (line " + line + ")");
  }

  /// The statements before one of these closing words, which is the current word then.
  private Statement until(Set<String> ends) {
    if (++depth > ExpressionParser.DEEPEST) {
      throw error("statements are nested too deep", expressions.current().line());
    }
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = expressions.current();
      switch (token.kind()) {
        case DATA -> {
          expressions.next();
          statements.add(new Statement.Data(Text.authored(token.text())));
        }
        case VARIABLE_BEGIN -> {
          expressions.next();
          Expression value = expressions.tuple();
          expressions.expect(Kind.VARIABLE_END);
          statements.add(new Statement.Print(value));
        }
        case BLOCK_BEGIN -> {
          expressions.next();
          Token word = expressions.current();
          if (word.kind() == Kind.NAME && ends.contains(word.text())) {
            depth--;
            return Statement.Sequence.of(statements);
          }
          statements.add(statement());
        }
        default -> {
          if (!ends.isEmpty()) {
            throw error(
                "unexpected end of template, expected one of " + ends.stream().sorted().toList(),
                token.line());
          }
          depth--;
          return Statement.Sequence.of(statements);
        }
      }
    }
  }

  /// Ends the block tag that the closing word is in.
  private void close() {
    expressions.next();
    expressions.expect(Kind.BLOCK_END);
  }

  /// The statements of a block up to its closing word, which it takes with its tag.
  private Statement body(String end) {
    expressions.expect(Kind.BLOCK_END);
    Statement body = until(Set.of(end));
    close();
    return body;
  }

  private Statement statement() {
    Token word = expressions.next();
    if (word.kind() != Kind.NAME) {
      throw error("tag name expected", word.line());
    }
    return switch (word.text()) {
      case "if" -> ifStatement();
      case "for" -> forStatement();
      case "set" -> set();
      case "macro" -> macro();
      case "call" -> call();
      case "filter" -> filter();
      case "with" -> with();
      case "generation" -> new Statement.Generation(body("endgeneration"));
      case "print" -> {
        Expression value = expressions.tuple();
        expressions.expect(Kind.BLOCK_END);
        yield new Statement.Print(value);
      }
      case "break" -> {
        expressions.expect(Kind.BLOCK_END);
        yield new Statement.Leave(Statement.Flow.BREAK);
      }
      case "continue" -> {
        expressions.expect(Kind.BLOCK_END);
        yield new Statement.Leave(Statement.Flow.CONTINUE);
      }
      default ->
          throw error(
              MORE_THAN_ONE_FILE.contains(word.text())
                  ? "the tag '%s' reaches for other files; a chat template is one"
                      .formatted(word.text())
                  : "Encountered unknown tag '%s'".formatted(word.text()),
              word.line());
    };
  }

  private Statement ifStatement() {
    Expression condition = expressions.tupleWithoutCondition();
    expressions.expect(Kind.BLOCK_END);
    Statement then = until(Set.of("elif", "else", "endif"));
    Token word = expressions.next();
    Statement otherwise = Statement.Sequence.of(List.of());
    if (word.isName("elif")) {
      return new Statement.If(condition, then, ifStatement());
    }
    if (word.isName("else")) {
      otherwise = body("endif");
    } else {
      expressions.expect(Kind.BLOCK_END);
    }
    return new Statement.If(condition, then, otherwise);
  }

  private Statement forStatement() {
    Target target = expressions.target(false);
    expressions.expectName("in");
    Expression over = expressions.tupleWithoutCondition();
    @Nullable Expression condition = null;
    if (expressions.skipName("if")) {
      condition = expressions.expression();
    }
    boolean recursive = expressions.skipName("recursive");
    expressions.expect(Kind.BLOCK_END);
    Statement body = until(Set.of("else", "endfor"));
    Statement otherwise = Statement.Sequence.of(List.of());
    if (expressions.next().isName("else")) {
      otherwise = body("endfor");
    } else {
      expressions.expect(Kind.BLOCK_END);
    }
    return new Statement.For(target, over, condition, recursive, body, otherwise);
  }

  private Statement set() {
    Target target = expressions.target(true);
    if (expressions.skip("=")) {
      Expression value = expressions.tuple();
      expressions.expect(Kind.BLOCK_END);
      return new Statement.Set(target, value);
    }
    List<Expression.Filter> filters = expressions.filters();
    return new Statement.SetBlock(target, filters, body("endset"));
  }

  private Statement macro() {
    String name = expressions.expect(Kind.NAME).text();
    List<Statement.Parameter> parameters = parameters();
    return new Statement.DefineMacro(macroBody(name, parameters, "endmacro"));
  }

  private List<Statement.Parameter> parameters() {
    List<Statement.Parameter> parameters = new ArrayList<>();
    expressions.expect("(");
    while (!expressions.current().is(")")) {
      if (!parameters.isEmpty()) {
        expressions.expect(",");
      }
      if (expressions.current().is(")")) {
        break;
      }
      String name = expressions.expect(Kind.NAME).text();
      @Nullable Expression absent = null;
      if (expressions.skip("=")) {
        absent = expressions.expression();
      } else if (!parameters.isEmpty() && parameters.getLast().absent() != null) {
        throw error("non-default argument follows default argument", expressions.current().line());
      }
      parameters.add(new Statement.Parameter(name, absent));
    }
    expressions.expect(")");
    return parameters;
  }

  private Statement call() {
    List<Statement.Parameter> parameters = expressions.current().is("(") ? parameters() : List.of();
    Token at = expressions.current();
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw error("expected call", at.line());
    }
    return new Statement.CallBlock(call, macroBody("caller", parameters, "endcall"));
  }

  private Statement.Body macroBody(String name, List<Statement.Parameter> parameters, String end) {
    int from = expressions.position();
    Statement statements = body(end);
    return new Statement.Body(
        name,
        parameters,
        statements,
        expressions.mentions("varargs", from),
        expressions.mentions("kwargs", from));
  }

  private Statement filter() {
    List<Expression.Filter> filters = expressions.filterNames();
    return new Statement.FilterBlock(filters, body("endfilter"));
  }

  private Statement with() {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (expressions.current().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        expressions.expect(",");
      }
      targets.add(expressions.target(false));
      expressions.expect("=");
      values.add(expressions.expression());
    }
    return new Statement.With(targets, values, body("endwith"));
  }
}
