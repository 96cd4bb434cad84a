package dev.inferno.internal.nn;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// The keys and values of {@link KvCache#PAGE} positions in one layer: rows of K, rows of V, one
/// element type. Owned by as many caches as share it; written only while it has one owner.
final class KvPage {
  private final int keyWidth;
  private final int valueWidth;
  private final float[] floatKeys;
  private final float[] floatValues;
  private final short[] halfKeys;
  private final short[] halfValues;
  private final boolean half;
  final AtomicInteger owners = new AtomicInteger(1);

  KvPage(KeyValueType type, int keyWidth, int valueWidth) {
    this.keyWidth = keyWidth;
    this.valueWidth = valueWidth;
    this.half = type == KeyValueType.F16;
    this.floatKeys = new float[half ? 0 : KvCache.PAGE * keyWidth];
    this.floatValues = new float[half ? 0 : KvCache.PAGE * valueWidth];
    this.halfKeys = new short[half ? KvCache.PAGE * keyWidth : 0];
    this.halfValues = new short[half ? KvCache.PAGE * valueWidth : 0];
  }

  /// A page of one owner with the same first rows.
  KvPage copy(int rows) {
    var copy = new KvPage(half ? KeyValueType.F16 : KeyValueType.F32, keyWidth, valueWidth);
    int keys = rows * keyWidth;
    int values = rows * valueWidth;
    if (half) {
      System.arraycopy(halfKeys, 0, copy.halfKeys, 0, keys);
      System.arraycopy(halfValues, 0, copy.halfValues, 0, values);
    } else {
      System.arraycopy(floatKeys, 0, copy.floatKeys, 0, keys);
      System.arraycopy(floatValues, 0, copy.floatValues, 0, values);
    }
    return copy;
  }

  void writeKeys(Kernels kernels, int row, float[] keys, int at) {
    if (half) {
      kernels.toHalf(keys, at, halfKeys, row * keyWidth, keyWidth);
    } else {
      System.arraycopy(keys, at, floatKeys, row * keyWidth, keyWidth);
    }
  }

  void writeValues(Kernels kernels, int row, float[] values, int at) {
    if (half) {
      kernels.toHalf(values, at, halfValues, row * valueWidth, valueWidth);
    } else {
      System.arraycopy(values, at, floatValues, row * valueWidth, valueWidth);
    }
  }

  void readKeys(Kernels kernels, int row, float[] keys) {
    if (half) {
      kernels.fromHalf(halfKeys, row * keyWidth, keys, 0, keyWidth);
    } else {
      System.arraycopy(floatKeys, row * keyWidth, keys, 0, keyWidth);
    }
  }

  void readValues(Kernels kernels, int row, float[] values) {
    if (half) {
      kernels.fromHalf(halfValues, row * valueWidth, values, 0, valueWidth);
    } else {
      System.arraycopy(floatValues, row * valueWidth, values, 0, valueWidth);
    }
  }

  /// Takes the values of a row of another page, or of this one, bit for bit.
  void copyValues(KvPage from, int fromRow, int row) {
    int at = fromRow * valueWidth;
    if (half) {
      System.arraycopy(from.halfValues, at, halfValues, row * valueWidth, valueWidth);
    } else {
      System.arraycopy(from.floatValues, at, floatValues, row * valueWidth, valueWidth);
    }
  }

  /// Writes the first rows as they are stored: their keys, then their values.
  void write(int rows, ByteBuffer out) {
    if (half) {
      put(halfKeys, rows * keyWidth, out);
      put(halfValues, rows * valueWidth, out);
    } else {
      put(floatKeys, rows * keyWidth, out);
      put(floatValues, rows * valueWidth, out);
    }
  }

  /// Takes the first rows as {@link #write} wrote them.
  void read(int rows, ByteBuffer in) {
    if (half) {
      get(halfKeys, rows * keyWidth, in);
      get(halfValues, rows * valueWidth, in);
    } else {
      get(floatKeys, rows * keyWidth, in);
      get(floatValues, rows * valueWidth, in);
    }
  }

  private static void put(short[] numbers, int count, ByteBuffer out) {
    out.asShortBuffer().put(numbers, 0, count);
    out.position(out.position() + count * Short.BYTES);
  }

  private static void put(float[] numbers, int count, ByteBuffer out) {
    out.asFloatBuffer().put(numbers, 0, count);
    out.position(out.position() + count * Float.BYTES);
  }

  private static void get(short[] numbers, int count, ByteBuffer in) {
    in.asShortBuffer().get(numbers, 0, count);
    in.position(in.position() + count * Short.BYTES);
  }

  private static void get(float[] numbers, int count, ByteBuffer in) {
    in.asFloatBuffer().get(numbers, 0, count);
    in.position(in.position() + count * Float.BYTES);
  }

  /// `scores[at + i] = scale * (q . key i)` for the first `count` positions; the key begins
  /// `offset` into its row.
  void scores(
      Kernels kernels,
      float[] q,
      int qAt,
      int offset,
      int size,
      int count,
      float scale,
      float[] scores,
      int at) {
    if (half) {
      kernels.scores(q, qAt, halfKeys, offset, keyWidth, size, count, scale, scores, at);
    } else {
      kernels.scores(q, qAt, floatKeys, offset, keyWidth, size, count, scale, scores, at);
    }
  }

  /// `z += sum of weights[at + i] * value i` over the first `count` positions; the value begins
  /// `offset` into its row.
  void mix(
      Kernels kernels,
      float[] weights,
      int at,
      int offset,
      int size,
      int count,
      float[] z,
      int zAt) {
    if (half) {
      kernels.mix(weights, at, halfValues, offset, valueWidth, size, count, z, zAt);
    } else {
      kernels.mix(weights, at, floatValues, offset, valueWidth, size, count, z, zAt);
    }
  }

  /// Lays one head's keys out as a panel `[size][PAGE]`, the positions beyond `count` zero.
  void packKeys(Kernels kernels, int offset, int size, int count, float[] row, float[] panel) {
    for (int position = 0; position < KvCache.PAGE; position++) {
      if (position >= count) {
        for (int k = 0; k < size; k++) {
          panel[k * KvCache.PAGE + position] = 0;
        }
        continue;
      }
      int from = position * keyWidth + offset;
      if (half) {
        kernels.fromHalf(halfKeys, from, row, 0, size);
      } else {
        System.arraycopy(floatKeys, from, row, 0, size);
      }
      for (int k = 0; k < size; k++) {
        panel[k * KvCache.PAGE + position] = row[k];
      }
    }
  }

  /// Lays one head's values out as a panel `[count][panelWidth]`, the columns beyond `size` zero.
  void packValues(Kernels kernels, int offset, int size, int count, int panelWidth, float[] panel) {
    for (int position = 0; position < count; position++) {
      int from = position * valueWidth + offset;
      int to = position * panelWidth;
      if (half) {
        kernels.fromHalf(halfValues, from, panel, to, size);
      } else {
        System.arraycopy(floatValues, from, panel, to, size);
      }
      java.util.Arrays.fill(panel, to + size, to + panelWidth, 0);
    }
  }
}
