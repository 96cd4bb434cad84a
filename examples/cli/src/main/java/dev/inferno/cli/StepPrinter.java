package dev.inferno.cli;

import dev.inferno.tokenizer.EncodingStep;
import dev.inferno.tokenizer.Place;
import java.io.PrintStream;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Prints for people how a text becomes tokens. Places are in chars.
final class StepPrinter implements Consumer<EncodingStep> {
  /// What a row has; of a piece with more symbols each row has only the one that was merged.
  private static final int MOST_SYMBOLS = 40;

  private final PrintStream out;

  /// The symbols of the last piece as they are now, by the number of the first that each is made
  /// of.
  private final NavigableMap<Integer, String> symbols = new TreeMap<>();

  private int width;

  StepPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(EncodingStep step) {
    switch (step) {
      case EncodingStep.Normalized(String text, Place place) ->
          out.println("text " + places(place) + "  " + quoted(text));
      case EncodingStep.Piece(String text, Place place) ->
          out.println("piece " + places(place) + "  " + quoted(text));
      case EncodingStep.Symbols start -> begin(start);
      case EncodingStep.Merge merge -> merge(merge);
      case EncodingStep.Candidate candidate ->
          out.println(
              String.format(
                  Locale.ROOT,
                  "  %d-%d  %s %.4f, sum %.4f%s",
                  candidate.start(),
                  candidate.end(),
                  Columns.printable(candidate.token()),
                  candidate.score(),
                  candidate.sum(),
                  candidate.isBest() ? ", the best so far" : ""));
      case EncodingStep.Match(_, String token, Place place) ->
          out.println("  " + places(place) + "  " + Columns.printable(token));
      case EncodingStep.Token token -> token(token);
      case EncodingStep.Dropped(Place place) ->
          out.println("  " + places(place) + "  a byte without token is left out");
    }
  }

  private void begin(EncodingStep.Symbols start) {
    symbols.clear();
    for (String symbol : start.symbols()) {
      symbols.put(symbols.size(), Columns.printable(symbol));
    }
    String row = symbols.size() > MOST_SYMBOLS ? symbols.size() + " symbols" : row();
    width = row.length();
    out.println("  " + row);
  }

  private void merge(EncodingStep.Merge merge) {
    boolean isShort = symbols.size() <= MOST_SYMBOLS;
    String merged = Columns.printable(merge.merged());
    symbols.put(merge.leftAt(), merged);
    symbols.remove(merge.rightAt());
    String row = isShort ? row() : merged;
    out.println(
        "  %s  %s + %s, rank %d"
            .formatted(
                row + " ".repeat(Math.max(0, width - row.length())),
                Columns.printable(merge.left()),
                Columns.printable(merge.right()),
                merge.rank()));
  }

  private String row() {
    return String.join(" ", symbols.values());
  }

  private void token(EncodingStep.Token token) {
    String shown =
        "%s  %s = %d"
            .formatted(places(token.place()), Columns.printable(token.token()), token.id());
    switch (token.origin()) {
      case ADDED -> out.println("added " + shown);
      case FOUND -> out.println("found " + shown);
      case PIECE -> out.println("  " + shown);
      case BYTE -> out.println("  " + shown + ", a byte");
      case UNKNOWN -> out.println("  " + shown + ", unknown");
    }
  }

  private static String places(Place place) {
    return place.charStart() + "-" + place.charEnd();
  }

  private static String quoted(String text) {
    return "'" + Columns.printable(text) + "'";
  }
}
