package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Cuts around what a regular expression matches: what it matches are pieces, and so is what lies
/// between.
///
/// For the rarer families of tokenizers, and only for expressions without repeated groups and
/// without repetitions that are tried anew from every place; see {@link PreTokenizer} for the rest.
final class PatternSplitter implements Splitter {

  private final String expression;

  /// Compiled when first used: a model needs few of those that there are.
  private volatile @Nullable Pattern pattern;

  /// @param expression with classes such as `\s` in their Unicode meaning
  PatternSplitter(String expression) {
    this.expression = expression;
  }

  private Pattern pattern() {
    Pattern compiled = pattern;
    if (compiled == null) {
      compiled =
          Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE);
      pattern = compiled; // by two threads perhaps, with the same result
    }
    return compiled;
  }

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    String text = new String(utf8, from, to - from, StandardCharsets.UTF_8);
    boolean ascii = text.length() == to - from;
    Matcher matcher = pattern().matcher(text);
    int at = 0;
    int end = from; // the same place in bytes
    while (matcher.find()) {
      if (matcher.start() > at) {
        end += ascii ? matcher.start() - at : length(text, at, matcher.start());
        ends.add(end);
      }
      at = matcher.start();
      if (matcher.end() > at) {
        end += ascii ? matcher.end() - at : length(text, at, matcher.end());
        ends.add(end);
        at = matcher.end();
      }
    }
    if (end < to) {
      ends.add(to);
    }
  }

  /// How many bytes chars take.
  private static int length(String text, int start, int end) {
    int length = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      // Each half of a pair of surrogates stands for two of four bytes.
      length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return length;
  }

  @Override
  public String toString() {
    return expression;
  }
}
