package dev.inferno;

import dev.inferno.internal.models.Architecture;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.Rope;
import java.util.Optional;

/// The keys and values that a {@link Session} holds for the tokens that have passed through the
/// model, to look into and to change. {@link Session#cache} gives it.
///
/// Keys are those that queries meet: after the norm, if there is one, and turned to their position.
/// They come in the order of dimensions in which the points `hook_k` and `hook_rot_k` show them:
/// the two numbers of a turned pair are half of the turned dimensions apart.
///
/// What is changed counts for every token that passes through the model later. The logits of the
/// last token are computed again when they are next asked for; for this the last position passes
/// through the model once more, if it is in the cache, which replaces its own keys and values. A
/// fork keeps what it shares.
///
/// For one thread at a time, while the session is idle; not from its listeners.
public final class KeyValueCache {
  private final Session session;
  private final KvCache cache;

  KeyValueCache(Session session, KvCache cache) {
    this.session = session;
    this.cache = cache;
  }

  /// How many positions it holds. The last token of a generation has not passed through the model,
  /// so that there may be one less than the session has tokens.
  public int length() {
    return cache.length();
  }

  /// Its bytes, pages that are shared with forks included.
  public long bytes() {
    return cache.bytes();
  }

  /// The keys of a position in a layer, `[keyValueHeads * keySize]`, a fresh copy.
  ///
  /// @throws IllegalArgumentException if there is no such layer or position
  public float[] key(int layer, int position) {
    require(layer, position);
    return cache.keys(layer, position, rope(layer), heads().keySize());
  }

  /// The values of a position in a layer, `[keyValueHeads * valueSize]`, a fresh copy.
  ///
  /// @throws IllegalArgumentException if there is no such layer or position
  public float[] value(int layer, int position) {
    require(layer, position);
    return cache.values(layer, position);
  }

  /// Sets the keys of a position in a layer, rounded to the number format of the cache.
  ///
  /// @param key `[keyValueHeads * keySize]`, as {@link #key} gives them
  /// @throws IllegalArgumentException if there is no such layer or position, the array has another
  ///   length, or a number is not finite
  public void setKey(int layer, int position, float[] key) {
    require(layer, position);
    require("key", key, heads().keyWidth());
    cache.setKeys(layer, position, key, rope(layer), heads().keySize());
    session.outdateLogits();
  }

  /// Sets the values of a position in a layer, rounded to the number format of the cache.
  ///
  /// @param value `[keyValueHeads * valueSize]`, as {@link #value} gives them
  /// @throws IllegalArgumentException if there is no such layer or position, the array has another
  ///   length, or a number is not finite
  public void setValue(int layer, int position, float[] value) {
    require(layer, position);
    require("value", value, heads().valueWidth());
    cache.setValues(layer, position, value);
    session.outdateLogits();
  }

  /// Forgets positions and their tokens. What is behind them moves down, its keys turned to where
  /// they come to stand, its values as they are: they were computed with the forgotten ones in
  /// sight. What is left of a text whose length turned all its positions is forgotten, too, as
  /// {@link Session#rewind} does.
  ///
  /// @param first the first position to forget
  /// @param end the position behind the last one to forget
  /// @throws IllegalArgumentException if the cache does not hold these positions, or if something
  ///   would have to move in a model that has learned embeddings of positions, or in a context that
  ///   is longer than it was trained for if its positions are scaled by the length of the text
  public void drop(int first, int end) {
    session.requireIdle();
    int length = cache.length();
    if (first < 0 || end < first || end > length) {
      throw new IllegalArgumentException(
          "cannot drop the positions from %d to before %d; the cache holds those from 0 to before %d"
              .formatted(first, end, length));
    }
    if (first == end) {
      return;
    }
    Optional<String> immovable = session.immovable();
    if (end < length && immovable.isPresent()) {
      throw new IllegalArgumentException(
          "cannot drop the positions from %d to before %d of %d: the model '%s' %s, so what is behind cannot move; possible are the last positions"
              .formatted(first, end, length, session.model().info().name(), immovable.get()));
    }
    session.drop(first, end);
  }

  private Architecture architecture() {
    return session.model().architecture();
  }

  private Attention.Heads heads() {
    return architecture().heads();
  }

  private Rope rope(int layer) {
    return architecture().rope(layer);
  }

  private void require(int layer, int position) {
    session.requireIdle();
    int layers = session.model().info().layers();
    if (layer < 0 || layer >= layers) {
      throw new IllegalArgumentException(
          "layer must be from 0 to %d, but is %d".formatted(layers - 1, layer));
    }
    if (position < 0 || position >= cache.length()) {
      throw new IllegalArgumentException(
          "position must be one of the %d that the cache holds, counted from 0, but is %d"
              .formatted(cache.length(), position));
    }
  }

  private static void require(String name, float[] numbers, int width) {
    if (numbers.length != width) {
      throw new IllegalArgumentException(
          "%s must have %d numbers, but has %d".formatted(name, width, numbers.length));
    }
    for (int i = 0; i < width; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw new IllegalArgumentException(
            "%s[%d] must be finite, but is %s".formatted(name, i, numbers[i]));
      }
    }
  }
}
