package dev.inferno.tokenizer.huggingface;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The platform's normalization forms, in linear time. The platform puts each mark into its place
/// among those before it, one by one, so that a long run of marks in disorder takes quadratic time.
/// Here such a run is put in order first, which changes no form of it.
///
/// The platform does not tell the class of a mark, by which they are ordered, but shows of any two
/// which goes first.
///
/// <https://www.unicode.org/reports/tr15/>
public final class OrderedMarks {

  /// In shorter runs the platform is fast enough.
  private static final int LONG_RUN = 64;

  /// Of the lowest and of the highest class.
  private static final String FIRST = "\u0334";

  private static final String LAST = "\u0345";

  private final Map<Integer, String> parts = new HashMap<>();

  /// For each mark its class as a number from 0 on; those that stay where they are have none.
  private final Map<Integer, Integer> ranks = new HashMap<>();

  private final List<StringBuilder> waiting = new ArrayList<>();
  private final StringBuilder result;

  private OrderedMarks(int length) {
    this.result = new StringBuilder(length);
  }

  /// A text in one of the forms.
  public static String normalize(String text, Form form) {
    return Normalizer.normalize(
        hasLongRun(text) ? new OrderedMarks(text.length()).ordered(text) : text, form);
  }

  /// Whether a text is in one of the forms.
  public static boolean isNormalized(String text, Form form) {
    return hasLongRun(text)
        ? normalize(text, form).equals(text)
        : Normalizer.isNormalized(text, form);
  }

  private static boolean hasLongRun(String text) {
    int run = 0;
    for (int i = 0;
        i < text.length() && run < LONG_RUN;
        i += Character.charCount(text.codePointAt(i))) {
      run = Characters.isMark(text.codePointAt(i)) ? run + 1 : 0;
    }
    return run == LONG_RUN;
  }

  private String ordered(String text) {
    rank(text);
    text.codePoints()
        .forEach(c -> {
          if (parts.containsKey(c)) {
            parts.get(c).codePoints().forEach(this::add);
          } else {
            add(c);
          }
        });
    flush();
    return result.toString();
  }

  private void add(int c) {
    Integer rank = ranks.get(c);
    if (rank == null) {
      flush();
      result.appendCodePoint(c);
    } else {
      waiting.get(rank).appendCodePoint(c);
    }
  }

  private void flush() {
    for (StringBuilder marks : waiting) {
      result.append(marks);
      marks.setLength(0);
    }
  }

  private void rank(String text) {
    text.codePoints()
        .filter(Characters::isMark)
        .distinct()
        .forEach(c -> parts.put(c, Normalizer.normalize(Character.toString(c), Form.NFD)));
    List<String> marks =
        parts.values().stream()
            .flatMapToInt(String::codePoints)
            .distinct()
            .mapToObj(Character::toString)
            .filter(mark -> isBehind(mark, FIRST) || isBehind(LAST, mark))
            .sorted((a, b) -> isBehind(a, b) ? 1 : isBehind(b, a) ? -1 : 0)
            .toList();
    for (int i = 0; i < marks.size(); i++) {
      if (i == 0 || isBehind(marks.get(i), marks.get(i - 1))) {
        waiting.add(new StringBuilder());
      }
      ranks.put(marks.get(i).codePointAt(0), waiting.size() - 1);
    }
  }

  /// Whether two marks in this order are in disorder.
  private static boolean isBehind(String first, String second) {
    String both = first + second;
    return !Normalizer.normalize(both, Form.NFD).equals(both);
  }
}
