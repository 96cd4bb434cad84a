package dev.inferno;

import dev.inferno.internal.nn.KvCache;
import java.io.IOException;
import java.nio.file.Path;

/// The beginning of a text, computed once and continued by any number of sessions: its tokens, what
/// the KV cache holds of them, and the logits behind the last one. {@link Session#prefix} makes it,
/// {@link Model#newSession(SessionOptions, Prefix)} begins with it, {@link #save} and {@link
/// Model#loadPrefix} keep it in a file for another process.
///
/// A session that begins with it goes on, to the bit, as the one that it was made of: how those
/// tokens were computed, in how many passes and under which interventions, is not done again. Full
/// pages of the cache are shared by all, the last one until a session writes to it.
///
/// Immutable and thread-safe. Its memory is freed when nobody refers to it.
public final class Prefix {
  private final Model model;
  private final int[] tokens;
  private final KvCache cache; // nobody writes to it
  private final float[] logits;

  /// @param cache holds all tokens and belongs to this prefix alone, as do the arrays
  Prefix(Model model, int[] tokens, KvCache cache, float[] logits) {
    this.model = model;
    this.tokens = tokens;
    this.cache = cache;
    this.logits = logits;
  }

  /// The model that it is a text of.
  public Model model() {
    return model;
  }

  /// How many tokens it has.
  public int length() {
    return tokens.length;
  }

  /// Its tokens, a fresh copy.
  public int[] tokens() {
    return tokens.clone();
  }

  /// The number format of its keys and values: sessions that begin with it have the same.
  public KeyValueType keyValueType() {
    return cache.type();
  }

  /// The bytes of its keys and values, pages shared with sessions included.
  public long cacheBytes() {
    return cache.bytes();
  }

  /// Writes it to a file, which takes the place of one that is there when it is complete. {@link
  /// Model#loadPrefix} reads it.
  ///
  /// The file names the model by a fingerprint: a hash of the architecture and its settings in the
  /// metadata, of the name, type and shape of every tensor, and of a sample of its bytes, up to 4
  /// KiB in 16 places; and of the adapters, the layout of the weights and the rounding that it was
  /// loaded with. Two models that differ in none of these are taken for the same.
  ///
  /// @throws IOException if it cannot be written
  /// @throws IllegalStateException if the model is closed
  public void save(Path path) throws IOException {
    PrefixFile.write(path, this);
  }

  KvCache cache() {
    return cache;
  }

  float[] logits() {
    return logits;
  }

  int[] ids() {
    return tokens;
  }
}
