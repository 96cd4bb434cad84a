package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/// Rows in 8 bits with a scale in half precision for every 32 numbers of a head, as in ggml's Q8_0;
/// the last block of a head is shorter where its size is no multiple of 32.
///
/// What was read and is written again has the same bits, since the largest of a block is 127 times
/// its scale, so that the same scale comes out; but for numbers so small that their scale is no
/// normal half.
final class ByteRows implements KvRows {
  private static final float LARGEST_HALF = 65504;

  private final KvLayout layout;
  private final byte[] data;
  private final KvLayout scalesLayout; // as if a head had as many numbers as it has blocks
  private final short[] scales;

  private ByteRows(KvLayout layout, byte[] data, KvLayout scalesLayout, short[] scales) {
    this.layout = layout;
    this.data = data;
    this.scalesLayout = scalesLayout;
    this.scales = scales;
  }

  static ByteRows of(KvLayout layout) {
    KvLayout scales = scales(layout);
    return new ByteRows(layout, new byte[layout.numbers()], scales, new short[scales.numbers()]);
  }

  static KvLayout scales(KvLayout layout) {
    int blocks = (layout.size() + Kernels.SCALED_BLOCK - 1) / Kernels.SCALED_BLOCK;
    return layout.isByPosition()
        ? KvLayout.values(layout.heads(), blocks)
        : KvLayout.keys(layout.heads(), blocks);
  }

  @Override
  public void write(int first, int count, float[] x, int at, int stride) {
    for (int head = 0; head < layout.heads(); head++) {
      for (int block = 0; block < scalesLayout.size(); block++) {
        int k = block * Kernels.SCALED_BLOCK;
        int size = Math.min(Kernels.SCALED_BLOCK, layout.size() - k);
        for (int i = 0; i < count; i++) {
          int to = layout.at(head, first + i) + k * layout.step();
          scales[scalesLayout.at(head, first + i) + block * scalesLayout.step()] =
              writeBlock(x, at + i * stride + head * layout.size() + k, size, to);
        }
      }
    }
  }

  /// Stores a block and gives its scale.
  private short writeBlock(float[] x, int at, int size, int to) {
    float largest = 0;
    for (int i = 0; i < size; i++) {
      largest = Math.max(largest, Math.abs(x[at + i]));
    }
    short scale = Float.floatToFloat16(Math.min(largest / 127, LARGEST_HALF));
    float divisor = Float.float16ToFloat(scale);
    for (int i = 0; i < size; i++) {
      float quotient = divisor == 0 ? 0 : x[at + i] / divisor;
      data[to + i * layout.step()] = (byte) Math.clamp(Math.round(quotient), -127, 127);
    }
    return scale;
  }

  @Override
  public void read(int position, float[] x) {
    for (int i = 0; i < layout.width(); i++) {
      int head = i / layout.size();
      int k = i % layout.size();
      int block = k / Kernels.SCALED_BLOCK;
      short scale = scales[scalesLayout.at(head, position) + block * scalesLayout.step()];
      x[i] = data[layout.at(head, position) + k * layout.step()] * Float.float16ToFloat(scale);
    }
  }

  @Override
  public void copy(KvRows from, int fromPosition, int position) {
    ByteRows source = (ByteRows) from;
    for (int i = 0; i < layout.width(); i++) {
      int head = i / layout.size();
      int k = i % layout.size() * layout.step();
      data[layout.at(head, position) + k] = source.data[layout.at(head, fromPosition) + k];
    }
    for (int i = 0; i < scalesLayout.width(); i++) {
      int head = i / scalesLayout.size();
      int k = i % scalesLayout.size() * scalesLayout.step();
      scales[scalesLayout.at(head, position) + k] =
          source.scales[scalesLayout.at(head, fromPosition) + k];
    }
  }

  @Override
  public void save(int positions, ByteBuffer out) {
    for (int piece = 0; piece < layout.pieces(); piece++) {
      out.put(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    ShortBuffer numbers = out.asShortBuffer();
    for (int piece = 0; piece < scalesLayout.pieces(); piece++) {
      numbers.put(scales, scalesLayout.pieceAt(piece), scalesLayout.pieceLength(positions));
    }
    out.position(out.position() + numbers.position() * Short.BYTES);
  }

  @Override
  public void restore(int positions, ByteBuffer in) {
    for (int piece = 0; piece < layout.pieces(); piece++) {
      in.get(data, layout.pieceAt(piece), layout.pieceLength(positions));
    }
    ShortBuffer numbers = in.asShortBuffer();
    for (int piece = 0; piece < scalesLayout.pieces(); piece++) {
      numbers.get(scales, scalesLayout.pieceAt(piece), scalesLayout.pieceLength(positions));
    }
    in.position(in.position() + numbers.position() * Short.BYTES);
  }

  @Override
  public KvRows copy() {
    return new ByteRows(layout, data.clone(), scalesLayout, scales.clone());
  }

  @Override
  public float[] panel(Kernels kernels, int head, int count, AttentionRoom room) {
    int at = layout.at(head, 0);
    int scalesAt = scalesLayout.at(head, 0);
    if (layout.isByPosition()) {
      kernels.fromHalf(scales, scalesAt, room.scales, 0, count * scalesLayout.size());
      kernels.scaleBlocks(
          data, at, room.scales, count, layout.size(), room.panel, layout.panelWidth());
      return room.panel;
    }
    for (int block = 0; block < scalesLayout.size(); block++) {
      int k = block * Kernels.SCALED_BLOCK;
      int rows = Math.min(Kernels.SCALED_BLOCK, layout.size() - k);
      int begin = k * KvCache.PAGE;
      kernels.fromHalf(scales, scalesAt + block * KvCache.PAGE, room.scales, 0, KvCache.PAGE);
      kernels.scaleColumns(data, at + begin, room.scales, rows, KvCache.PAGE, room.panel, begin);
    }
    return room.panel;
  }

  @Override
  public int panelAt(int head) {
    return 0;
  }
}
