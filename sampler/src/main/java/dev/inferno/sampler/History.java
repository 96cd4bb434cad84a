package dev.inferno.sampler;

import java.util.Arrays;
import java.util.Objects;

/// The tokens so far, oldest first: those of prompts, which count for penalties, and generated
/// ones, which also advance the draw.
///
/// Belongs to one {@link SamplerState}; read-only for everybody else.
public final class History {
  /// A generated token as its id, one of a prompt as the complement of its id.
  private int[] tokens;

  private int size;
  private long generated;
  private int vocabulary; // of the latest logits, a hint
  private final Tally tally = new Tally();

  History(int capacity) {
    tokens = new int[capacity];
  }

  /// How many tokens there are.
  public int size() {
    return size;
  }

  /// The id of token `i`, 0 being the oldest.
  public int id(int i) {
    int token = tokens[Objects.checkIndex(i, size)];
    return token < 0 ? ~token : token;
  }

  /// Whether token `i` was generated, and not part of a prompt.
  public boolean isGenerated(int i) {
    return tokens[Objects.checkIndex(i, size)] >= 0;
  }

  /// How many of the tokens were generated.
  public long generated() {
    return generated;
  }

  /// Counts the last `lastN` tokens (all of them if that is -1) by id.
  public Tally tally(int lastN) {
    tally.countFrom(lastN < 0 ? 0 : Math.max(0, size - lastN));
    return tally;
  }

  void append(int id, boolean isGenerated) {
    if (id < 0) {
      throw new IllegalArgumentException("a token id must be at least 0, but is " + id);
    }
    reserve(1);
    tokens[size++] = isGenerated ? id : ~id;
    if (isGenerated) {
      generated++;
    }
  }

  void rewind(int count) {
    if (count < 0 || count > size) {
      throw new IllegalArgumentException(
          "rewind must be between 0 and the %d tokens so far, but is %d".formatted(size, count));
    }
    for (int i = 0; i < count; i++) {
      if (isGenerated(size - 1)) {
        generated--;
      }
      size--;
    }
  }

  /// The length of the logits that are about to be sampled.
  void vocabulary(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /// Makes room for so many more tokens.
  void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(needed, 2 * tokens.length));
    }
  }

  History copy() {
    History copy = new History(tokens.length);
    System.arraycopy(tokens, 0, copy.tokens, 0, size);
    copy.size = size;
    copy.generated = generated;
    return copy;
  }

  /// How often each token is in a stretch of the history; valid until the next {@link #tally}.
  public final class Tally {
    private int[] counts = {}; // by id
    private int[] ids = {}; // those with a count, in the order they appear
    private int distinct;

    private Tally() {}

    /// How many different ids there are.
    public int size() {
      return distinct;
    }

    /// One of the different ids, `i` from 0 to {@link #size()} - 1.
    public int id(int i) {
      return ids[Objects.checkIndex(i, distinct)];
    }

    /// How often the token `id` appears, 0 if it does not.
    public int count(int id) {
      return id < counts.length ? counts[id] : 0;
    }

    private void countFrom(int start) {
      for (int i = 0; i < distinct; i++) {
        counts[ids[i]] = 0;
      }
      distinct = 0;
      if (ids.length < tokens.length) {
        ids = new int[tokens.length];
      }
      for (int i = start; i < size; i++) {
        int id = History.this.id(i);
        if (id >= counts.length) {
          counts = Arrays.copyOf(counts, Math.max(id + 1, vocabulary));
        }
        if (counts[id]++ == 0) {
          ids[distinct++] = id;
        }
      }
    }
  }
}
