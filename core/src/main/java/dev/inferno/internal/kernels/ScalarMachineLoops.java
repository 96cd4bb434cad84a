package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The load in plain loops. Multiplies, then adds, as {@link ScalarKernels} does.
final class ScalarMachineLoops implements MachineLoops {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public int vectorBits() {
    return 0;
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public long read(MemorySegment data, long from, long to) {
    long quarter = (to - from) / 4;
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    for (long at = from; at < from + quarter; at += Long.BYTES) {
      a += data.get(LONG, at);
      b += data.get(LONG, at + quarter);
      c += data.get(LONG, at + 2 * quarter);
      d += data.get(LONG, at + 3 * quarter);
    }
    return a + b + c + d;
  }

  /// `a = 0.999 a + 0.001`, of which nothing can be computed before the loop.
  @Override
  public float multiplyAdds(int rounds) {
    float x = 0.999f;
    float y = 0.001f;
    float a = 0;
    float b = 1f / CHAINS;
    float c = 2f / CHAINS;
    float d = 3f / CHAINS;
    float e = 4f / CHAINS;
    float f = 5f / CHAINS;
    float g = 6f / CHAINS;
    float h = 7f / CHAINS;
    float i = 8f / CHAINS;
    float j = 9f / CHAINS;
    float k = 10f / CHAINS;
    float l = 11f / CHAINS;
    for (int round = 0; round < rounds; round++) {
      a = a * x + y;
      b = b * x + y;
      c = c * x + y;
      d = d * x + y;
      e = e * x + y;
      f = f * x + y;
      g = g * x + y;
      h = h * x + y;
      i = i * x + y;
      j = j * x + y;
      k = k * x + y;
      l = l * x + y;
    }
    return (a + b + c + d + e + f + g + h + i + j + k + l) / CHAINS;
  }
}
