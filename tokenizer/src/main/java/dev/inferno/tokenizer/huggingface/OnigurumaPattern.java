package dev.inferno.tokenizer.huggingface;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/// Rewrites a regular expression of Oniguruma (in its Ruby dialect) for the platform's engine.
///
/// What differs: scripts are written `\p{Han}` instead of `\p{IsHan}`, `\h` is a hexadecimal digit,
/// `\w` has the numbers of Latin-1 and no joiners, `[[:punct:]]` has symbols, `(?m)` lets a dot
/// match line breaks, and a `+` behind `{1,3}` repeats once more instead of making it possessive.
/// For one pattern.
final class OnigurumaPattern {

  /// What a word is made of in brackets.
  private static final String LETTERS = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  /// What `\w` stands for.
  private static final String WORD = LETTERS + "\\xB2\\xB3\\xB9\\xBC-\\xBE";

  private static final String HEXADECIMAL = "0-9A-Fa-f";

  private final String source;
  private final StringBuilder out;
  private int at;

  /// Where in the output the last atom begins, which a quantifier would repeat.
  private int atom;

  /// Where the groups that are open begin.
  private final Deque<Integer> groups = new ArrayDeque<>();

  private int classDepth;

  private OnigurumaPattern(String source) {
    this.source = source;
    this.out = new StringBuilder(source.length() + 16);
  }

  static String translated(String source) {
    return new OnigurumaPattern(source).translate();
  }

  private String translate() {
    while (at < source.length()) {
      char c = source.charAt(at);
      switch (c) {
        case '\\' -> escape();
        case '[' -> openClass();
        case ']' -> closeClass();
        default -> {
          if (classDepth > 0) {
            copy(1);
          } else {
            outside(c);
          }
        }
      }
    }
    return out.toString();
  }

  private void outside(char c) {
    switch (c) {
      case '(' -> {
        groups.push(out.length());
        openGroup();
      }
      case ')' -> {
        copy(1);
        atom = groups.isEmpty() ? out.length() - 1 : groups.pop();
      }
      case '{' -> interval();
      case '*', '+', '?' -> copy(1);
      default -> {
        atom = out.length();
        copy(Character.charCount(source.codePointAt(at)));
      }
    }
  }

  private void copy(int length) {
    out.append(source, at, at + length);
    at += length;
  }

  /// Options of a group: `m` is what others call `s`.
  private void openGroup() {
    copy(1);
    if (at >= source.length() || source.charAt(at) != '?') {
      return;
    }
    copy(1);
    while (at < source.length() && "imx-".indexOf(source.charAt(at)) >= 0) {
      out.append(source.charAt(at) == 'm' ? 's' : source.charAt(at));
      at++;
    }
  }

  private void openClass() {
    if (classDepth == 0) {
      atom = out.length();
    }
    int posix = source.startsWith("[:", at) && classDepth > 0 ? source.indexOf(":]", at) : -1;
    if (posix > 0) {
      String name = source.substring(at + 2, posix);
      boolean negated = name.startsWith("^");
      out.append(negated ? "[^" : "[")
          .append(posix(negated ? name.substring(1) : name))
          .append(']');
      at = posix + 2;
      return;
    }
    classDepth++;
    copy(1);
    if (at < source.length() && source.charAt(at) == '^') {
      copy(1);
    }
    if (at < source.length() && source.charAt(at) == ']') { // the first one is itself
      out.append("\\]");
      at++;
    }
  }

  private void closeClass() {
    if (classDepth > 0) {
      classDepth--;
      copy(1);
    } else {
      atom = out.length();
      out.append("\\]");
      at++;
    }
  }

  private static String posix(String name) {
    return switch (name) {
      case "word" -> LETTERS;
      case "punct" -> "\\p{P}\\p{S}";
      case "ascii" -> "\\p{ASCII}";
      case "xdigit" -> HEXADECIMAL;
      default -> "\\p{" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + "}";
    };
  }

  private void escape() {
    if (classDepth == 0) {
      atom = out.length();
    }
    if (at + 1 >= source.length()) {
      copy(1);
      return;
    }
    char next = source.charAt(at + 1);
    int end = source.indexOf('}', at);
    if ((next == 'p' || next == 'P') && source.startsWith("{", at + 2) && end > 0) {
      property(next, source.substring(at + 3, end));
      at = end + 1;
    } else if (isTranslated(next)) {
      out.append(translated(next));
      at += 2;
    } else if (next == 'x' && source.startsWith("{", at + 2)) {
      copy(3);
    } else {
      copy(1 + Character.charCount(source.codePointAt(at + 1)));
    }
  }

  private boolean isTranslated(char letter) {
    return "hHwW".indexOf(letter) >= 0 || (classDepth == 0 && "bB".indexOf(letter) >= 0);
  }

  private static String translated(char letter) {
    String word = "[" + WORD + "]";
    return switch (letter) {
      case 'h' -> "[" + HEXADECIMAL + "]";
      case 'H' -> "[^" + HEXADECIMAL + "]";
      case 'w' -> word;
      case 'W' -> "[^" + WORD + "]";
      case 'b' -> "(?:(?<=%1$s)(?!%1$s)|(?<!%1$s)(?=%1$s))".formatted(word);
      default -> "(?:(?<=%1$s)(?=%1$s)|(?<!%1$s)(?!%1$s))".formatted(word);
    };
  }

  private void property(char letter, String written) {
    String name = written;
    boolean negated = letter == 'P';
    if (name.startsWith("^")) {
      negated = !negated;
      name = name.substring(1);
    }
    out.append(negated ? "\\P{" : "\\p{").append(isScript(name) ? "Is" : "").append(name);
    out.append('}');
  }

  private static boolean isScript(String name) {
    if (name.length() <= 2 || name.contains("=")) {
      return false; // general categories
    }
    try {
      Character.UnicodeScript.forName(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /// `{1,3}` or `{,3}`, and what follows it.
  private void interval() {
    int end = source.indexOf('}', at);
    String bounds = end < 0 ? "" : source.substring(at + 1, end);
    if (!bounds.matches("\\d*,?\\d*") || bounds.isEmpty() || bounds.equals(",")) {
      atom = out.length();
      out.append("\\{"); // stands for itself
      at++;
      return;
    }
    out.append('{').append(bounds.startsWith(",") ? "0" : "").append(bounds).append('}');
    at = end + 1;
    if (at < source.length() && source.charAt(at) == '+') {
      out.insert(atom, "(?:").append(")+");
      at++;
    }
  }
}
