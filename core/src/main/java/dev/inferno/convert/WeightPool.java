package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Random weights of one type and one spread, of which any number can be had at the speed of
/// copying: a million normally distributed numbers are encoded once, and tensors are put together
/// from runs of them, drawn at random. Immutable.
final class WeightPool {
  private static final int ELEMENTS = 1 << 20;
  private static final int SHORTEST_RUN = 64;

  private final int runBytes;
  private final byte[] encoded;

  private WeightPool(int runBytes, byte[] encoded) {
    this.runBytes = runBytes;
    this.encoded = encoded;
  }

  /// A pool of numbers whose standard deviation is `deviation`.
  static WeightPool of(GgmlType type, float deviation, long seed) {
    var random = new SplittableRandom(seed);
    var values = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      values[i] = deviation * (float) random.nextGaussian();
    }
    byte[] encoded = new byte[(int) type.bytes(ELEMENTS)];
    BlockFormats.encoder(type)
        .orElseThrow()
        .encode(values, 0, ELEMENTS, MemorySegment.ofArray(encoded), 0);
    int run = Math.max(SHORTEST_RUN, type.blockSize());
    return new WeightPool((int) type.bytes(run), encoded);
  }

  /// Fills `bytes` from `at` to `end`, which are whole blocks, with runs that `seed` draws.
  void fill(byte[] bytes, int at, int end, long seed) {
    var random = new SplittableRandom(seed);
    int runs = encoded.length / runBytes;
    for (int to = at; to < end; to += runBytes) {
      int run = random.nextInt(runs);
      System.arraycopy(encoded, run * runBytes, bytes, to, Math.min(runBytes, end - to));
    }
  }
}
