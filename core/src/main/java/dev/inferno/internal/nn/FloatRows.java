package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/// Rows in single precision.
final class FloatRows implements KvRows {
  private final KvLayout layout;
  private final float[] data;

  FloatRows(KvLayout layout, float[] data) {
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
          System.arraycopy(x, from + i * stride, data, to + i * layout.size(), layout.size());
        }
        continue;
      }
      for (int k = 0; k < layout.size(); k++) {
        for (int i = 0; i < count; i++) { // side by side in the page
          data[to + k * KvCache.PAGE + i] = x[from + i * stride + k];
        }
      }
    }
  }

  @Override
  public void read(int position, float[] x) {
    for (int i = 0; i < layout.width(); i++) {
      x[i] = data[layout.at(i / layout.size(), position) + i % layout.size() * layout.step()];
    }
  }

  @Override
  public void copy(KvRows from, int fromPosition, int position) {
    float[] source = ((FloatRows) from).data;
    for (int i = 0; i < layout.width(); i++) {
      int head = i / layout.size();
      int k = i % layout.size() * layout.step();
      data[layout.at(head, position) + k] = source[layout.at(head, fromPosition) + k];
    }
  }

  @Override
  public void save(int positions, ByteBuffer out) {
    FloatBuffer numbers = out.asFloatBuffer();
    for (int piece = 0; piece < layout.pieces(); piece++) {
      numbers.put(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    out.position(out.position() + numbers.position() * Float.BYTES);
  }

  @Override
  public void restore(int positions, ByteBuffer in) {
    FloatBuffer numbers = in.asFloatBuffer();
    for (int piece = 0; piece < layout.pieces(); piece++) {
      numbers.get(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    in.position(in.position() + numbers.position() * Float.BYTES);
  }

  @Override
  public KvRows copy() {
    return new FloatRows(layout, data.clone());
  }

  @Override
  public float[] panel(Kernels kernels, int head, int count, AttentionRoom room) {
    if (layout.isPanel()) {
      return data;
    }
    for (int i = 0; i < count; i++) {
      System.arraycopy(
          data, layout.at(head, i), room.panel, i * layout.panelWidth(), layout.size());
    }
    return room.panel;
  }

  @Override
  public int panelAt(int head) {
    return layout.isPanel() ? layout.at(head, 0) : 0;
  }
}
