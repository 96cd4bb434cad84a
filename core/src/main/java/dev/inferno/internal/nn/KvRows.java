package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;

/// The keys, or the values, of a page's positions in one number format.
sealed interface KvRows permits FloatRows, HalfRows, ByteRows {

  static KvRows of(KeyValueType type, KvLayout layout) {
    return switch (type) {
      case F32 -> new FloatRows(layout, new float[layout.numbers()]);
      case F16 -> new HalfRows(layout, new short[layout.numbers()]);
      case Q8_0 -> ByteRows.of(layout);
    };
  }

  /// The bytes that they take.
  static long bytes(KeyValueType type, KvLayout layout) {
    return switch (type) {
      case F32 -> 4L * layout.numbers();
      case F16 -> 2L * layout.numbers();
      case Q8_0 -> layout.numbers() + 2L * ByteRows.scales(layout).numbers();
    };
  }

  /// Stores `count` positions from the `first`-th on; all heads of the i-th of them lie side by
  /// side from `x[at + i * stride]` on.
  void write(int first, int count, float[] x, int at, int stride);

  /// What all heads have at a position, side by side.
  void read(int position, float[] x);

  /// Takes a position of other rows of this format, or of these, bit for bit.
  void copy(KvRows from, int fromPosition, int position);

  /// Writes the first positions as they are stored.
  void save(int positions, ByteBuffer out);

  /// Takes the first positions as {@link #save} wrote them.
  void restore(int positions, ByteBuffer in);

  /// The same rows for another owner.
  KvRows copy();

  /// A head's panel: in the room's, which is filled, or in an array of its own, from {@link
  /// #panelAt} on. Its first `count` positions are valid, the others undefined.
  float[] panel(Kernels kernels, int head, int count, AttentionRoom room);

  /// Where {@link #panel} begins.
  int panelAt(int head);
}
