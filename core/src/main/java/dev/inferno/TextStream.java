package dev.inferno;

import dev.inferno.tokenizer.StreamDecoder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Text that grows token by token and ends before a stop string. What could still turn out to be
/// the beginning of a stop string is held back until it is certain.
final class TextStream {
  private final Optional<StreamDecoder> decoder;
  private final String[] stops; // an array, since this is walked through for every token
  private final Consumer<String> certain;
  private final StringBuilder text = new StringBuilder();
  private int given; // how much of the text was given out
  private boolean stopped;

  /// @param decoder turns tokens into text; without one every token is without text
  TextStream(Optional<StreamDecoder> decoder, List<String> stops, Consumer<String> certain) {
    this.decoder = decoder;
    this.stops = stops.toArray(String[]::new);
    this.certain = certain;
  }

  void append(int id) {
    add(decoder.isPresent() ? decoder.get().append(id) : "");
    give(text.length() - heldBack());
  }

  /// There are no more tokens: what was held back is certain, half a character becomes U+FFFD.
  void finish() {
    if (!stopped) {
      add(decoder.map(StreamDecoder::flush).orElse(""));
      give(text.length());
    }
  }

  /// Whether a stop string appeared.
  boolean stopped() {
    return stopped;
  }

  String text() {
    return text.toString();
  }

  private void add(String piece) {
    int from = text.length();
    text.append(piece);
    int end = Integer.MAX_VALUE;
    for (String stop : stops) {
      int at = text.indexOf(stop, Math.max(0, Math.max(given, from - stop.length() + 1)));
      if (at >= 0) {
        end = Math.min(end, at);
      }
    }
    if (end < Integer.MAX_VALUE) {
      text.setLength(end);
      stopped = true;
    }
  }

  /// How many characters at the end may be the beginning of a stop string.
  private int heldBack() {
    int held = 0;
    if (!stopped) {
      for (String stop : stops) {
        for (int n = Math.min(stop.length() - 1, text.length() - given); n > held; n--) {
          if (text.substring(text.length() - n).equals(stop.substring(0, n))) {
            held = n;
          }
        }
      }
    }
    return held;
  }

  private void give(int end) {
    if (end > given) {
      String piece = text.substring(given, end);
      given = end;
      certain.accept(piece);
    }
  }
}
