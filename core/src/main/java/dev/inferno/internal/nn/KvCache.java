package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

/// The keys and values of all positions so far, in pages of {@link #PAGE} positions per layer,
/// allocated as they fill. Keys are stored after RoPE with their absolute positions.
///
/// A {@link #fork} shares all pages by count. A page that is shared is copied before it is written
/// to, so full pages are never copied. For one thread at a time; caches that share pages may be
/// used from different threads.
public final class KvCache {
  /// Positions in a page.
  public static final int PAGE = 64;

  private final Kernels kernels;
  private final KeyValueType type;
  private final int keyWidth;
  private final int valueWidth;
  private final List<List<KvPage>> layers; // [layer][page]
  private int length;

  private KvCache(Kernels kernels, KeyValueType type, int layers, int keyWidth, int valueWidth) {
    this.kernels = kernels;
    this.type = type;
    this.keyWidth = keyWidth;
    this.valueWidth = valueWidth;
    this.layers = new ArrayList<>(layers);
    for (int layer = 0; layer < layers; layer++) {
      this.layers.add(new ArrayList<>());
    }
  }

  /// An empty cache.
  ///
  /// @param keyWidth the length of all keys of a position together, `keyValueHeads * headSize`
  /// @param valueWidth the length of all values of a position together
  public static KvCache empty(
      Kernels kernels, KeyValueType type, int layers, int keyWidth, int valueWidth) {
    return new KvCache(kernels, type, layers, keyWidth, valueWidth);
  }

  /// How many positions are complete in every layer.
  public int length() {
    return length;
  }

  /// The bytes of the pages, shared ones included.
  public long bytes() {
    long pages = 0;
    for (List<KvPage> layer : layers) {
      pages += layer.size();
    }
    return pages * bytesPerPage(type, keyWidth, valueWidth);
  }

  /// The bytes of a page of one layer.
  public static long bytesPerPage(KeyValueType type, int keyWidth, int valueWidth) {
    return (long) PAGE * (keyWidth + valueWidth) * (type == KeyValueType.F16 ? 2 : 4);
  }

  /// Stores the key and the value of a position, which may lie beyond {@link #length} until {@link
  /// #complete}.
  void write(int layer, int position, float[] keys, int keysAt, float[] values, int valuesAt) {
    List<KvPage> pages = layers.get(layer);
    int index = position / PAGE;
    int row = position % PAGE;
    if (index == pages.size()) {
      pages.add(new KvPage(type, keyWidth, valueWidth));
    }
    KvPage page = pages.get(index);
    if (page.owners.get() > 1) {
      KvPage own = page.copy(row);
      page.owners.decrementAndGet();
      pages.set(index, own);
      page = own;
    }
    page.write(kernels, row, keys, keysAt, values, valuesAt);
  }

  KvPage page(int layer, int index) {
    return layers.get(layer).get(index);
  }

  /// Declares that every layer holds the first `length` positions.
  public void complete(int length) {
    this.length = length;
  }

  /// Forgets all positions from `length` on, also those of a forward pass that was not completed.
  ///
  /// @throws IllegalArgumentException if there are fewer positions than that
  public void truncate(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "cannot keep %d positions of %d".formatted(length, this.length));
    }
    int pages = (length + PAGE - 1) / PAGE;
    for (List<KvPage> layer : layers) {
      while (layer.size() > pages) {
        layer.removeLast().owners.decrementAndGet();
      }
    }
    this.length = length;
  }

  /// Another cache with the same past; full pages are shared for good, the last one until one of
  /// the two writes.
  public KvCache fork() {
    var fork = new KvCache(kernels, type, layers.size(), keyWidth, valueWidth);
    for (int layer = 0; layer < layers.size(); layer++) {
      for (KvPage page : layers.get(layer)) {
        page.owners.incrementAndGet();
        fork.layers.get(layer).add(page);
      }
    }
    fork.length = length;
    return fork;
  }
}
