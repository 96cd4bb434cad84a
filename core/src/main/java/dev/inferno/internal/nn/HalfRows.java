package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/// Rows in half precision, rounded to nearest even. What is too large for it becomes the largest
/// half: an infinity would turn the sums of rows that do not see it into no numbers.
final class HalfRows implements KvRows {
  private static final float LARGEST = 65_504;

  private final KvLayout layout;
  private final short[] data;

  HalfRows(KvLayout layout, short[] data) {
    this.layout = layout;
    this.data = data;
  }

  @Override
  public void write(int first, int count, float[] x, int at, int stride) {
    for (int head = 0; head < layout.heads(); head++) {
      int from = at + head * layout.size();
      int to = layout.at(head, first);
      if (layout.isByPosition()) {
        for (int i = 0; i < count; i++) {
          for (int k = 0; k < layout.size(); k++) {
            data[to + i * layout.size() + k] = half(x[from + i * stride + k]);
          }
        }
        continue;
      }
      for (int k = 0; k < layout.size(); k++) {
        for (int i = 0; i < count; i++) { // side by side in the page
          data[to + k * KvCache.PAGE + i] = half(x[from + i * stride + k]);
        }
      }
    }
  }

  private static short half(float x) {
    return Float.floatToFloat16(Math.max(-LARGEST, Math.min(LARGEST, x)));
  }

  @Override
  public void read(int position, float[] x) {
    for (int i = 0; i < layout.width(); i++) {
      int at = layout.at(i / layout.size(), position) + i % layout.size() * layout.step();
      x[i] = Float.float16ToFloat(data[at]);
    }
  }

  @Override
  public void copy(KvRows from, int fromPosition, int position) {
    short[] source = ((HalfRows) from).data;
    for (int i = 0; i < layout.width(); i++) {
      int head = i / layout.size();
      int k = i % layout.size() * layout.step();
      data[layout.at(head, position) + k] = source[layout.at(head, fromPosition) + k];
    }
  }

  @Override
  public void save(int positions, ByteBuffer out) {
    ShortBuffer numbers = out.asShortBuffer();
    for (int piece = 0; piece < layout.pieces(); piece++) {
      numbers.put(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    out.position(out.position() + numbers.position() * Short.BYTES);
  }

  @Override
  public void restore(int positions, ByteBuffer in) {
    ShortBuffer numbers = in.asShortBuffer();
    for (int piece = 0; piece < layout.pieces(); piece++) {
      numbers.get(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    in.position(in.position() + numbers.position() * Short.BYTES);
  }

  @Override
  public KvRows copy() {
    return new HalfRows(layout, data.clone());
  }

  @Override
  public float[] panel(Kernels kernels, int head, int count, AttentionRoom room) {
    if (layout.isPanel()) {
      int rows = layout.isByPosition() ? count : layout.size();
      kernels.fromHalf(data, layout.at(head, 0), room.panel, 0, rows * layout.panelWidth());
      return room.panel;
    }
    for (int i = 0; i < count; i++) {
      int to = i * layout.panelWidth();
      kernels.fromHalf(data, layout.at(head, i), room.panel, to, layout.size());
    }
    return room.panel;
  }

  @Override
  public int panelAt(int head) {
    return 0;
  }
}
