package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// The keys and values of {@link KvCache#PAGE} positions in one layer. Owned by as many caches as
/// share it; written only while it has one owner.
final class KvPage {
  final KvRows keys;
  final KvRows values;
  final AtomicInteger owners = new AtomicInteger(1);

  private KvPage(KvRows keys, KvRows values) {
    this.keys = keys;
    this.values = values;
  }

  static KvPage empty(KeyValueType type, Attention.Heads heads) {
    return new KvPage(
        KvRows.of(type, KvLayout.keys(heads.keyValueHeads(), heads.keySize())),
        KvRows.of(type, KvLayout.values(heads.keyValueHeads(), heads.valueSize())));
  }

  static long bytes(KeyValueType type, Attention.Heads heads) {
    return KvRows.bytes(type, KvLayout.keys(heads.keyValueHeads(), heads.keySize()))
        + KvRows.bytes(type, KvLayout.values(heads.keyValueHeads(), heads.valueSize()));
  }

  /// The same page for one owner.
  KvPage copy() {
    return new KvPage(keys.copy(), values.copy());
  }

  /// Writes the first positions as they are stored: their keys, then their values.
  void save(int positions, ByteBuffer out) {
    keys.save(positions, out);
    values.save(positions, out);
  }

  /// Takes the first positions as {@link #save} wrote them.
  void restore(int positions, ByteBuffer in) {
    keys.restore(positions, in);
    values.restore(positions, in);
  }
}
