package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.MalformedTokenizerException;
import java.util.Arrays;

/// A text on its way to tokens, and where in its source each char stems from. Immutable.
///
/// A char that was put in has an empty place. Places never run backwards.
public final class AlignedText {

  /// How many chars one byte of the source may become, several times what any known text does.
  static final int LARGEST_GROWTH = 32;

  /// Chars that may be put in, however short the source.
  static final int MOST_ADDED = 1 << 20;

  private final String text;
  private final int[] starts;
  private final int[] ends;

  private AlignedText(String text, int[] starts, int[] ends) {
    this.text = text;
    this.starts = starts;
    this.ends = ends;
  }

  /// A text with places.
  ///
  /// @param starts where in the source each char's origin begins
  /// @param ends where it ends, exclusive
  public static AlignedText of(String text, int[] starts, int[] ends) {
    return new AlignedText(text, starts, ends);
  }

  /// The text itself.
  public String text() {
    return text;
  }

  /// How many chars it has.
  public int length() {
    return text.length();
  }

  /// Where in the source the origin of a char begins.
  public int start(int i) {
    return starts[i];
  }

  /// Where it ends, exclusive.
  public int end(int i) {
    return ends[i];
  }

  /// How many chars may be made of it: steps that each make more of their text could fill any
  /// memory.
  private int mostChars() {
    long bytes = text.isEmpty() ? 0 : ends[text.length() - 1] - (long) starts[0];
    return Math.clamp(LARGEST_GROWTH * bytes + MOST_ADDED, 0, Integer.MAX_VALUE);
  }

  /// A text that grows. For one thread.
  public static final class Builder {
    private final StringBuilder text;
    private int filled;
    private int[] starts;
    private int[] ends;
    private final int mostChars;

    /// For a text that may have about this many chars.
    ///
    /// @param source what it is made of
    Builder(AlignedText source, int expectedLength) {
      this.mostChars = source.mostChars();
      this.text = new StringBuilder(expectedLength);
      this.starts = new int[expectedLength + 8];
      this.ends = new int[expectedLength + 8];
    }

    /// How many chars there are so far.
    public int length() {
      return text.length();
    }

    /// Appends a character that stems from a place.
    public void add(int codePoint, int start, int end) {
      text.appendCodePoint(codePoint);
      fill(start, end);
    }

    /// Appends characters that all stem from one place.
    public void add(String characters, int start, int end) {
      text.append(characters);
      fill(start, end);
    }

    /// Appends a part of another text with its places.
    public void add(AlignedText source, int from, int to) {
      int at = text.length();
      text.append(source.text, from, to);
      reserve();
      System.arraycopy(source.starts, from, starts, at, to - from);
      System.arraycopy(source.ends, from, ends, at, to - from);
      filled = text.length();
    }

    private void fill(int start, int end) {
      reserve();
      Arrays.fill(starts, filled, text.length(), start);
      Arrays.fill(ends, filled, text.length(), end);
      filled = text.length();
    }

    private void reserve() {
      if (text.length() > mostChars) {
        throw new MalformedTokenizerException(
            "makes more than %d chars of %d bytes of text; possible are %d for each byte and %d more"
                .formatted(
                    mostChars,
                    (mostChars - MOST_ADDED) / LARGEST_GROWTH,
                    LARGEST_GROWTH,
                    MOST_ADDED));
      }
      if (text.length() > starts.length) {
        int capacity = 2 * text.length();
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
      }
    }

    /// The text.
    public AlignedText build() {
      return new AlignedText(
          text.toString(), Arrays.copyOf(starts, filled), Arrays.copyOf(ends, filled));
    }
  }
}
