package dev.inferno.tokenizer.huggingface;

import java.util.Arrays;

/// A text and the pieces that it is cut into; what lies between them is dropped. Immutable.
public final class Pieces {

  private final AlignedText text;
  private final int[] bounds;

  private Pieces(AlignedText text, int[] bounds) {
    this.text = text;
    this.bounds = bounds;
  }

  /// A part of a text as one piece, or none if it is empty.
  public static Pieces of(AlignedText text, int from, int to) {
    return new Pieces(text, from < to ? new int[] {from, to} : new int[0]);
  }

  /// The text.
  public AlignedText text() {
    return text;
  }

  /// How many pieces there are.
  public int size() {
    return bounds.length / 2;
  }

  /// At which char a piece begins.
  public int start(int i) {
    return bounds[2 * i];
  }

  /// At which char it ends, exclusive.
  public int end(int i) {
    return bounds[2 * i + 1];
  }

  /// Pieces as they are cut. Empty ones are left out. For one thread.
  static final class Builder {
    private int[] bounds;
    private int size;

    Builder(int expectedPieces) {
      this.bounds = new int[2 * expectedPieces + 16];
    }

    void add(int start, int end) {
      if (start >= end) {
        return;
      }
      if (size == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * size);
      }
      bounds[size++] = start;
      bounds[size++] = end;
    }

    Pieces build(AlignedText text) {
      return new Pieces(text, Arrays.copyOf(bounds, size));
    }
  }
}
