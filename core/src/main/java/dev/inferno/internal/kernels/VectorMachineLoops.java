package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ADD;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The load in vectors.
final class VectorMachineLoops implements MachineLoops {
  private static final VectorSpecies<Long> LONGS =
      VectorSpecies.of(long.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
  private static final long BYTES = LONGS.vectorByteSize();

  @Override
  public int vectorBits() {
    return FLOATS.vectorBitSize();
  }

  @Override
  public int lanes() {
    return LANES;
  }

  /// From four places at once, which keeps more requests for memory under way than one stream does:
  /// a quarter more bytes a second on a Zen 4, with one thread and with two.
  @Override
  public long read(MemorySegment data, long from, long to) {
    long quarter = (to - from) / 4;
    LongVector a = LongVector.zero(LONGS);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    for (long at = from; at < from + quarter; at += BYTES) {
      a = a.add(LongVector.fromMemorySegment(LONGS, data, at, LITTLE_ENDIAN));
      b = b.add(LongVector.fromMemorySegment(LONGS, data, at + quarter, LITTLE_ENDIAN));
      c = c.add(LongVector.fromMemorySegment(LONGS, data, at + 2 * quarter, LITTLE_ENDIAN));
      d = d.add(LongVector.fromMemorySegment(LONGS, data, at + 3 * quarter, LITTLE_ENDIAN));
    }
    return a.add(b).add(c.add(d)).reduceLanes(ADD);
  }

  /// In twelve chains, since each has to wait for its own latest result: two instructions at a time
  /// of four cycles each need eight to be busy. `a = x y + a`, as in a product: what is added to is
  /// overwritten by the instruction, and any other form would need a copy beside it.
  @Override
  public float multiplyAdds(int rounds) {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.5f);
    FloatVector y = FloatVector.broadcast(FLOATS, 0.25f);
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = FloatVector.broadcast(FLOATS, 1f / CHAINS);
    FloatVector c = FloatVector.broadcast(FLOATS, 2f / CHAINS);
    FloatVector d = FloatVector.broadcast(FLOATS, 3f / CHAINS);
    FloatVector e = FloatVector.broadcast(FLOATS, 4f / CHAINS);
    FloatVector f = FloatVector.broadcast(FLOATS, 5f / CHAINS);
    FloatVector g = FloatVector.broadcast(FLOATS, 6f / CHAINS);
    FloatVector h = FloatVector.broadcast(FLOATS, 7f / CHAINS);
    FloatVector i = FloatVector.broadcast(FLOATS, 8f / CHAINS);
    FloatVector j = FloatVector.broadcast(FLOATS, 9f / CHAINS);
    FloatVector k = FloatVector.broadcast(FLOATS, 10f / CHAINS);
    FloatVector l = FloatVector.broadcast(FLOATS, 11f / CHAINS);
    for (int round = 0; round < rounds; round++) {
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
    }
    FloatVector sum = a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h));
    return sum.add(i.add(j)).add(k.add(l)).reduceLanes(ADD) / (CHAINS * LANES);
  }
}
