package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.UnsupportedTokenizerException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression in the dialect of Oniguruma, in which a `tokenizer.json` writes them.
///
/// The two dialects agree on what published files use, once classes of characters mean those of
/// Unicode, `^` and `$` those of lines, and the differences that {@link OnigurumaPattern} knows are
/// translated.
final class Regex implements Matches {

  /// The platform's engine calls itself for each round of a repeated group; on the stack of an
  /// ordinary thread, thousands of rounds are too many.
  private static final long LARGE_STACK = 1L << 30;

  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /// An expression of this program.
  static Regex of(String expression) {
    return new Regex(Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS));
  }

  /// The expression that a node has.
  ///
  /// @throws UnsupportedTokenizerException if the platform has no such expression
  static Regex read(Node node) {
    String key = "Regex";
    String expression = node.requiredText(key);
    try {
      return new Regex(
          Pattern.compile(
              OnigurumaPattern.translated(expression),
              Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES));
    } catch (PatternSyntaxException | StackOverflowError e) {
      String reason =
          e instanceof PatternSyntaxException syntax ? syntax.getDescription() : "nested too deep";
      throw node.unsupported(
          key, "is '%s', which is not understood: %s".formatted(Node.quoted(expression), reason));
    }
  }

  @Override
  public int[] in(String text, int from, int to) {
    try {
      return find(text, from, to);
    } catch (StackOverflowError e) {
      return findOnLargeStack(text, from, to);
    }
  }

  private int[] find(String text, int from, int to) {
    Matcher matcher = pattern.matcher(text).region(from, to); // neither looks beyond its bounds
    var found = new Found();
    while (matcher.find()) {
      found.add(matcher.start(), matcher.end());
    }
    return found.all();
  }

  private int[] findOnLargeStack(String text, int from, int to) {
    int[][] result = new int[1][];
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                result[0] = find(text, from, to);
              } catch (StackOverflowError e) {
                failure[0] = e;
              }
            },
            "inferno-regex",
            LARGE_STACK);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the text is cut all the same
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure[0] != null) {
      throw new UnsupportedTokenizerException(
          "a text of %d chars is too long for the regular expression '%s'"
              .formatted(to - from, Node.quoted(pattern.pattern())));
    }
    return result[0];
  }
}
