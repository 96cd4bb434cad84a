package dev.inferno.cli;

import java.io.PrintStream;
import java.util.List;

/// Tables of text for people, whatever a file puts into them.
final class Columns {
  private static final int SHOWN_CHARACTERS = 80;

  private Columns() {}

  /// Prints rows in columns, the last `numbers` of them flush right.
  static void print(PrintStream out, List<List<String>> rows, int numbers) {
    int columns = rows.getFirst().size();
    var widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    out.println();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String blanks = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ");
        line.append(i < columns - numbers ? row.get(i) + blanks : blanks + row.get(i));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /// A text on one line, cut where it is too long for a table.
  static String shown(String text) {
    int characters = text.codePointCount(0, text.length());
    if (characters <= SHOWN_CHARACTERS) {
      return printable(text);
    }
    String beginning = text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS));
    return printable(beginning) + "... (" + characters + " characters)";
  }

  /// The text on one line; control characters would do what they like with a terminal.
  static String printable(String text) {
    var printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> printable.append("\\n");
        case '\t' -> printable.append("\\t");
        case '\r' -> printable.append("\\r");
        default -> {
          if (Character.isISOControl(c)) {
            printable.append("\\u%04x".formatted((int) c));
          } else {
            printable.append(c);
          }
        }
      }
    }
    return printable.toString();
  }
}
