package dev.inferno.tokenizer.template;

import dev.inferno.tokenizer.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Cuts a template into words, with the settings of Hugging Face: the first newline behind a block
/// is dropped (`trim_blocks`), and so are blanks before a block that begins its line
/// (`lstrip_blocks`). `-` beside a delimiter drops all blanks there, `+` keeps them.
/// <https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control>
final class Lexer {
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean lineStarts = true; // whether the text begins a line

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    return new Lexer(source).read();
  }

  private List<Token> read() {
    while (at < source.length()) {
      int begin = nextDelimiter(at);
      if (begin < 0) {
        data(source.substring(at));
        moveTo(source.length());
        break;
      }
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      data(stripped(source.substring(at, begin), kind, sign));
      moveTo(begin + (sign == '-' || sign == '+' ? 3 : 2));
      switch (kind) {
        case '#' -> comment();
        case '{' -> inside(Kind.VARIABLE_BEGIN, Kind.VARIABLE_END, "}}");
        default -> {
          if (isRaw()) {
            raw();
          } else {
            inside(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
          }
        }
      }
    }
    add(Kind.END, "");
    return tokens;
  }

  private int nextDelimiter(int from) {
    for (int i = from; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /// Text before a delimiter without the blanks that this takes.
  private String stripped(String text, char kind, char sign) {
    if (sign == '-') {
      return text.stripTrailing();
    }
    if (sign == '+' || kind == '{') {
      return text;
    }
    int line = text.lastIndexOf('\n') + 1;
    boolean begins = line > 0 || lineStarts;
    return begins && text.substring(line).isBlank() ? text.substring(0, line) : text;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw error("Missing end of comment tag");
    }
    moveTo(end);
    close(source.charAt(end - 1), true);
  }

  /// Moves behind a closing delimiter of two characters and the blanks that it takes.
  private void close(char sign, boolean isBlock) {
    int end = at + 2;
    if (sign == '-') {
      while (end < source.length() && Character.isWhitespace(source.charAt(end))) {
        end++;
      }
    } else if (sign != '+' && isBlock && end < source.length() && source.charAt(end) == '\n') {
      end++;
    }
    moveTo(end);
    lineStarts = source.charAt(end - 1) == '\n';
  }

  private boolean isRaw() {
    int i = skipBlanks(at);
    return source.startsWith("raw", i) && isBlockEnd(skipBlanks(i + 3));
  }

  private boolean isBlockEnd(int i) {
    return source.startsWith("%}", i) || source.startsWith("-%}", i) || source.startsWith("+%}", i);
  }

  private int skipBlanks(int i) {
    int next = i;
    while (next < source.length() && Character.isWhitespace(source.charAt(next))) {
      next++;
    }
    return next;
  }

  private void raw() {
    int end = source.indexOf("%}", at);
    char sign = source.charAt(end - 1);
    moveTo(end);
    close(sign, false);
    for (int begin = source.indexOf("{%", at);
        begin >= 0;
        begin = source.indexOf("{%", begin + 1)) {
      char opening = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      int name = skipBlanks(begin + (opening == '-' || opening == '+' ? 3 : 2));
      int close = skipBlanks(name + "endraw".length());
      if (source.startsWith("endraw", name) && isBlockEnd(close)) {
        data(stripped(source.substring(at, begin), '%', opening));
        char closing = source.charAt(close);
        moveTo(closing == '%' ? close : close + 1);
        close(closing, true);
        return;
      }
    }
    throw error("Missing end of raw directive");
  }

  private void inside(Kind begin, Kind end, String close) {
    add(begin, "");
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      moveTo(skipBlanks(at));
      if (at >= source.length()) {
        throw error("unexpected end of template, expected '" + close + "'");
      }
      char c = source.charAt(at);
      boolean signed = (c == '-' || c == '+') && source.startsWith(close, at + 1);
      if (open.isEmpty() && (signed || source.startsWith(close, at))) {
        add(end, "");
        moveTo(signed ? at + 1 : at);
        close(signed ? c : ' ', end == Kind.BLOCK_END);
        return;
      }
      if (c == '\'' || c == '"') {
        string(c);
      } else if (isDigit(c)) {
        number();
      } else if (Character.isUnicodeIdentifierStart(source.codePointAt(at)) || c == '_') {
        name();
      } else {
        operator(open);
      }
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator, open);
        add(Kind.OPERATOR, operator);
        moveTo(at + operator.length());
        return;
      }
    }
    throw error("unexpected char '%s'".formatted(Character.toString(source.codePointAt(at))));
  }

  private void balance(String operator, Deque<Character> open) {
    switch (operator) {
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "{" -> open.push('}');
      case ")", "]", "}" -> {
        if (open.isEmpty()) {
          throw error("unexpected '%s'".formatted(operator));
        }
        char expected = open.pop();
        if (operator.charAt(0) != expected) {
          throw error("unexpected '%s', expected '%s'".formatted(operator, expected));
        }
      }
      default -> {}
    }
  }

  private void name() {
    int end = at;
    while (end < source.length()) {
      int c = source.codePointAt(end);
      if (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c)) {
        break;
      }
      end += Character.charCount(c);
    }
    add(Kind.NAME, source.substring(at, end));
    moveTo(end);
  }

  /// A number; behind a dot, an index: `x.0.1` is two of them.
  private void number() {
    boolean isIndex = !tokens.isEmpty() && tokens.getLast().is(".");
    int end = digits(at);
    Kind kind = Kind.INTEGER;
    if (source.charAt(at) == '0'
        && at + 1 < source.length()
        && "xXoObB".indexOf(source.charAt(at + 1)) >= 0) {
      end = at + 2;
      while (end < source.length()
          && (Character.digit(source.charAt(end), 16) >= 0 || source.charAt(end) == '_')) {
        end++;
      }
    } else if (!isIndex) {
      if (end + 1 < source.length()
          && source.charAt(end) == '.'
          && isDigit(source.charAt(end + 1))) {
        end = digits(end + 1);
        kind = Kind.FLOAT;
      }
      if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
        int exponent = end + 1;
        if (exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0) {
          exponent++;
        }
        if (exponent < source.length() && isDigit(source.charAt(exponent))) {
          end = digits(exponent);
          kind = Kind.FLOAT;
        }
      }
    }
    add(kind, source.substring(at, end).replace("_", ""));
    moveTo(end);
  }

  private int digits(int from) {
    int end = from;
    while (end < source.length() && (isDigit(source.charAt(end)) || source.charAt(end) == '_')) {
      end++;
    }
    return end;
  }

  private void string(char quote) {
    var text = new StringBuilder();
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c == '\\' && i < source.length()) {
        i = escape(i, text);
      } else {
        text.append(c);
      }
    }
    if (i >= source.length()) {
      throw error("unexpected char '%s': a string without an end".formatted(quote));
    }
    add(Kind.STRING, text.toString());
    moveTo(i + 1);
  }

  /// Appends what an escape behind a backslash stands for; gives where the text goes on.
  private int escape(int i, StringBuilder text) {
    char c = source.charAt(i);
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'v' -> text.append('\u000b');
      case 'a' -> text.append('\u0007');
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> {}
      case 'x' -> {
        return hexadecimal(i, 2, text);
      }
      case 'u' -> {
        return hexadecimal(i, 4, text);
      }
      case 'U' -> {
        return hexadecimal(i, 8, text);
      }
      default -> {
        if (c >= '0' && c <= '7') {
          return octal(i, text);
        }
        text.append('\\').append(c);
      }
    }
    return i + 1;
  }

  private int hexadecimal(int i, int digits, StringBuilder text) {
    int end = i + 1 + digits;
    try {
      int c = Integer.parseUnsignedInt(source.substring(i + 1, end), 16);
      text.appendCodePoint(c);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw error("truncated or impossible \\%s escape".formatted(source.charAt(i)));
    }
    return end;
  }

  private int octal(int i, StringBuilder text) {
    int end = i;
    int c = 0;
    while (end < i + 3
        && end < source.length()
        && source.charAt(end) >= '0'
        && source.charAt(end) <= '7') {
      c = 8 * c + source.charAt(end++) - '0';
    }
    text.append((char) c);
    return end;
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void moveTo(int next) {
    for (int i = at; i < next; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    at = next;
  }

  private TemplateException error(String message) {
    return Parser.error(message, line);
  }
}
