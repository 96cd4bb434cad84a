package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

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
    KvPage page = own(layer, index, row);
    page.writeKeys(kernels, row, keys, keysAt);
    page.writeValues(kernels, row, values, valuesAt);
  }

  /// A page to write to. One that is shared gives way to a copy of its first rows.
  private KvPage own(int layer, int index, int rows) {
    List<KvPage> pages = layers.get(layer);
    KvPage page = pages.get(index);
    if (page.owners.get() > 1) {
      KvPage own = page.copy(rows);
      page.owners.decrementAndGet();
      pages.set(index, own);
      return own;
    }
    return page;
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

  /// Forgets the positions from `first` on, before `end`, and moves those behind them down. Their
  /// values stay as they are; their keys are turned to where they come to stand, which in half
  /// precision rounds them once more. Shared pages stay as they are for the others.
  ///
  /// @param ropes what turned the keys of a layer
  /// @param keySize the length of a key of one head
  public void drop(int first, int end, IntFunction<Rope> ropes, int keySize) {
    int dropped = end - first;
    if (dropped > 0 && end < length) {
      moveDown(end, dropped, ropes, keySize);
    }
    truncate(length - dropped);
  }

  private void moveDown(int from, int by, IntFunction<Rope> ropes, int keySize) {
    for (int layer = 0; layer < layers.size(); layer++) {
      // All copies are made before anything moves: without memory for them nothing has happened.
      for (int index = (from - by) / PAGE; index * PAGE < length - by; index++) {
        own(layer, index, PAGE);
      }
    }
    float[] key = new float[keyWidth];
    float[] cosines = new float[keySize / 2];
    float[] sines = new float[keySize / 2];
    for (int position = from; position < length; position++) {
      int target = position - by;
      @Nullable Rope prepared = null; // layers share a rope as a rule
      for (int layer = 0; layer < layers.size(); layer++) {
        Rope rope = ropes.apply(layer);
        if (rope != prepared) {
          rope.between(position, target, cosines, sines);
          prepared = rope;
        }
        KvPage source = page(layer, position / PAGE);
        KvPage page = page(layer, target / PAGE);
        source.readKeys(kernels, position % PAGE, key);
        rope.turn(key, 0, keyWidth / keySize, keySize, cosines, sines, 0);
        page.writeKeys(kernels, target % PAGE, key, 0);
        page.copyValues(source, position % PAGE, target % PAGE);
      }
    }
  }

  /// The keys of a position, those of all heads side by side: a fresh `[keyWidth]`. The two numbers
  /// of a turned pair are half of the turned dimensions apart, whatever the order of the file.
  ///
  /// @param rope what turned the keys of this layer
  /// @param keySize the length of a key of one head
  public float[] keys(int layer, int position, Rope rope, int keySize) {
    float[] stored = new float[keyWidth];
    page(layer, position / PAGE).readKeys(kernels, position % PAGE, stored);
    if (rope.order() == Rope.Order.HALVES) {
      return stored;
    }
    float[] keys = new float[keyWidth];
    rope.toHalves(stored, 0, keys, 0, keyWidth / keySize, keySize);
    return keys;
  }

  /// Sets the keys of a position, in the order of {@link #keys}.
  public void setKeys(int layer, int position, float[] keys, Rope rope, int keySize) {
    float[] stored = keys;
    if (rope.order() == Rope.Order.NEIGHBOURS) {
      stored = new float[keyWidth];
      rope.fromHalves(keys, 0, stored, 0, keyWidth / keySize, keySize);
    }
    own(layer, position / PAGE, PAGE).writeKeys(kernels, position % PAGE, stored, 0);
  }

  /// The values of a position, those of all heads side by side: a fresh `[valueWidth]`.
  public float[] values(int layer, int position) {
    float[] values = new float[valueWidth];
    page(layer, position / PAGE).readValues(kernels, position % PAGE, values);
    return values;
  }

  /// Sets the values of a position, as {@link #values} gives them.
  public void setValues(int layer, int position, float[] values) {
    own(layer, position / PAGE, PAGE).writeValues(kernels, position % PAGE, values, 0);
  }

  /// The number format of keys and values.
  public KeyValueType type() {
    return type;
  }

  /// The length of all keys of a position in a layer.
  public int keyWidth() {
    return keyWidth;
  }

  /// The length of all values of a position in a layer.
  public int valueWidth() {
    return valueWidth;
  }

  /// The bytes of a position in one layer, as it is stored.
  public long bytesPerPosition() {
    return bytesPerPage(type, keyWidth, valueWidth) / PAGE;
  }

  /// Writes the positions of a page as they are stored: their keys, then their values.
  public void write(int layer, int index, ByteBuffer out) {
    page(layer, index).write(Math.min(PAGE, length - index * PAGE), out);
  }

  /// Adds a page to a layer, of so many positions that {@link #write} wrote. They count when every
  /// layer has them and they are {@link #complete}.
  public void read(int layer, int rows, ByteBuffer in) {
    var page = new KvPage(type, keyWidth, valueWidth);
    page.read(rows, in);
    layers.get(layer).add(page);
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
