package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final Attention.Heads heads;
  private final List<List<KvPage>> layers; // [layer][page]
  private int length;
  private boolean longText; // what its keys were turned as, see Rope.shortText
  private int[] turnedFor = new int[PAGE]; // of each position, see turnedFor()

  private KvCache(Kernels kernels, KeyValueType type, int layers, Attention.Heads heads) {
    this.kernels = kernels;
    this.type = type;
    this.heads = heads;
    this.layers = new ArrayList<>(layers);
    for (int layer = 0; layer < layers; layer++) {
      this.layers.add(new ArrayList<>());
    }
  }

  /// An empty cache for layers with these heads.
  public static KvCache empty(
      Kernels kernels, KeyValueType type, int layers, Attention.Heads heads) {
    return new KvCache(kernels, type, layers, heads);
  }

  /// How many positions are complete in every layer.
  public int length() {
    return length;
  }

  /// Whether its positions are those of a text that is long for {@link Rope#shortText}.
  public boolean isLongText() {
    return longText;
  }

  /// Says whether the text is a long one. What was computed for the other kind is forgotten.
  public void longText(boolean longText) {
    if (this.longText != longText) {
      truncate(0);
      this.longText = longText;
    }
  }

  /// The bytes of the pages, shared ones included.
  public long bytes() {
    long pages = 0;
    for (List<KvPage> layer : layers) {
      pages += layer.size();
    }
    return pages * KvPage.bytes(type, heads);
  }

  /// Makes room for `count` positions from `first` on, and makes it the cache's own.
  void reserve(int layer, int first, int count) {
    List<KvPage> pages = layers.get(layer);
    for (int index = first / PAGE; index * PAGE < first + count; index++) {
      if (index == pages.size()) {
        pages.add(KvPage.empty(type, heads));
      } else {
        own(layer, index);
      }
    }
  }

  /// Stores keys and values of `count` positions from `first` on, of one page that was reserved;
  /// they may lie beyond {@link #length} until {@link #complete}. Pages may be written to by
  /// several threads.
  ///
  /// @param rows keys and values of a position lie in a row of it
  /// @param row the first of them
  /// @param keysAt where in a row the keys begin
  /// @param valuesAt where in a row the values begin
  void write(int layer, int first, int count, Rows rows, int row, int keysAt, int valuesAt) {
    KvPage page = page(layer, first / PAGE);
    int at = row * rows.width();
    page.keys.write(first % PAGE, count, rows.data(), at + keysAt, rows.width());
    page.values.write(first % PAGE, count, rows.data(), at + valuesAt, rows.width());
  }

  /// A page to write to. One that is shared gives way to a copy.
  private KvPage own(int layer, int index) {
    List<KvPage> pages = layers.get(layer);
    KvPage page = pages.get(index);
    if (page.owners.get() > 1) {
      KvPage own = page.copy();
      page.owners.decrementAndGet();
      pages.set(index, own);
      return own;
    }
    return page;
  }

  KvPage page(int layer, int index) {
    return layers.get(layer).get(index);
  }

  /// Declares that every layer holds the first `length` positions, which passed through the model
  /// as a text of that length.
  public void complete(int length) {
    complete(length, length);
  }

  /// The same where the text that they passed through the model with is longer.
  public void complete(int length, int textLength) {
    if (length > turnedFor.length) {
      turnedFor = Arrays.copyOf(turnedFor, Math.max(length, 2 * turnedFor.length));
    }
    if (length > this.length) {
      Arrays.fill(turnedFor, this.length, length, textLength);
    }
    this.length = length;
  }

  /// The length of the longest text that one of its positions passed through the model with, which
  /// is that of the last one: where {@link Rope#longestMovable} is shorter, it is what turned them.
  public int turnedFor() {
    return length == 0 ? 0 : turnedFor[length - 1];
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
        own(layer, index);
      }
    }
    float[] key = new float[heads.keyWidth()];
    float[] cosines = new float[keySize];
    float[] sines = new float[keySize];
    for (int position = from; position < length; position++) {
      int target = position - by;
      @Nullable Rope prepared = null; // layers share a rope as a rule
      for (int layer = 0; layer < layers.size(); layer++) {
        Rope rope = ropes.apply(layer);
        if (rope != prepared) {
          rope.between(position, target, longText, cosines, sines);
          prepared = rope;
        }
        KvPage source = page(layer, position / PAGE);
        KvPage page = page(layer, target / PAGE);
        source.keys.read(position % PAGE, key);
        rope.turn(kernels, key, 0, heads.keyValueHeads(), heads.keySize(), cosines, sines, 0);
        page.keys.write(target % PAGE, 1, key, 0, 0);
        page.values.copy(source.values, position % PAGE, target % PAGE);
      }
    }
  }

  /// The keys of a position, those of all heads side by side: a fresh `[keyWidth]`. The two numbers
  /// of a turned pair are half of the turned dimensions apart, whatever the order of the file.
  ///
  /// @param rope what turned the keys of this layer
  /// @param keySize the length of a key of one head
  public float[] keys(int layer, int position, Rope rope, int keySize) {
    float[] stored = new float[heads.keyWidth()];
    page(layer, position / PAGE).keys.read(position % PAGE, stored);
    if (rope.order() == Rope.Order.HALVES) {
      return stored;
    }
    float[] keys = new float[heads.keyWidth()];
    rope.toHalves(stored, 0, keys, 0, heads.keyValueHeads(), keySize);
    return keys;
  }

  /// Sets the keys of a position, in the order of {@link #keys}.
  public void setKeys(int layer, int position, float[] keys, Rope rope, int keySize) {
    float[] stored = keys;
    if (rope.order() == Rope.Order.NEIGHBOURS) {
      stored = new float[heads.keyWidth()];
      rope.fromHalves(keys, 0, stored, 0, heads.keyValueHeads(), keySize);
    }
    own(layer, position / PAGE).keys.write(position % PAGE, 1, stored, 0, 0);
  }

  /// The values of a position, those of all heads side by side: a fresh `[valueWidth]`.
  public float[] values(int layer, int position) {
    float[] values = new float[heads.valueWidth()];
    page(layer, position / PAGE).values.read(position % PAGE, values);
    return values;
  }

  /// Sets the values of a position, as {@link #values} gives them.
  public void setValues(int layer, int position, float[] values) {
    own(layer, position / PAGE).values.write(position % PAGE, 1, values, 0, 0);
  }

  /// The number format of keys and values.
  public KeyValueType type() {
    return type;
  }

  /// The sizes of what a layer holds.
  public Attention.Heads heads() {
    return heads;
  }

  /// The bytes of a position in one layer, as it is stored.
  public long bytesPerPosition() {
    return KvPage.bytes(type, heads) / PAGE;
  }

  /// Writes the positions of a page as they are stored: their keys, then their values.
  public void save(int layer, int index, ByteBuffer out) {
    page(layer, index).save(Math.min(PAGE, length - index * PAGE), out);
  }

  /// Adds a page to a layer, of so many positions that {@link #save} wrote. They count when every
  /// layer has them and they are {@link #complete}.
  public void restore(int layer, int positions, ByteBuffer in) {
    KvPage page = KvPage.empty(type, heads);
    page.restore(positions, in);
    layers.get(layer).add(page);
  }

  /// Another cache with the same past; full pages are shared for good, the last one until one of
  /// the two writes.
  public KvCache fork() {
    var fork = new KvCache(kernels, type, layers.size(), heads);
    for (int layer = 0; layer < layers.size(); layer++) {
      for (KvPage page : layers.get(layer)) {
        page.owners.incrementAndGet();
        fork.layers.get(layer).add(page);
      }
    }
    fork.length = length;
    fork.longText = longText;
    fork.turnedFor = turnedFor.clone();
    return fork;
  }
}
