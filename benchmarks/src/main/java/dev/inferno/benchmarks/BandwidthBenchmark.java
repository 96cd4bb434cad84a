package dev.inferno.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// What can this machine do at all, with as many threads as it has processors (`-t 1`: one)? Bytes
/// read from memory are the limit of decode, fused multiply-adds that of prefill. Other benchmarks
/// are to be compared with these of the same run, since machines differ and drift: `java -jar
/// benchmarks.jar 'Bandwidth|MatrixVector'`.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Threads(Threads.MAX)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class BandwidthBenchmark {
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int ROUNDS = 100_000;

  /// Memory that each thread has for itself.
  @State(Scope.Thread)
  public static class Memory {
    /// How much; more than caches hold.
    @Param({"1", "256"})
    private int megabytes;

    private MemorySegment data;

    /// Takes the memory, and writes to it, since the system maps it only then.
    @Setup
    public void allocate() {
      data = Arena.ofAuto().allocate((long) megabytes << 20, 64).fill((byte) 1);
    }
  }

  /// What was read, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Bytes {
    /// Thousand millions of bytes.
    public double gigaBytes;
  }

  /// What was computed, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Operations {
    /// Thousand millions of floating-point operations, two for each multiply-add.
    public double gigaFlops;
  }

  /// Reads all of a thread's memory once. From four places at once, which keeps more of the
  /// processor's requests under way than one stream does.
  @Benchmark
  public long read(Memory memory, Bytes bytes) {
    MemorySegment data = memory.data;
    long quarter = data.byteSize() / 4;
    LongVector a = LongVector.zero(LONGS);
    LongVector b = a;
    LongVector c = a;
    LongVector d = a;
    for (long at = 0; at < quarter; at += LONGS.vectorByteSize()) {
      a = a.add(load(data, at));
      b = b.add(load(data, at + quarter));
      c = c.add(load(data, at + 2 * quarter));
      d = d.add(load(data, at + 3 * quarter));
    }
    bytes.gigaBytes += data.byteSize() * 1e-9;
    return a.add(b).add(c.add(d)).lane(0);
  }

  private static LongVector load(MemorySegment data, long at) {
    return LongVector.fromMemorySegment(LONGS, data, at, ByteOrder.LITTLE_ENDIAN);
  }

  /// Multiplies and adds in registers, in twelve chains: each has to wait for its own latest
  /// result, and two instructions of four cycles need eight chains to be busy all the time.
  @Benchmark
  public float multiplyAdd(Operations operations) {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector y = FloatVector.broadcast(FLOATS, 0.001f);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int round = 0; round < ROUNDS; round++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    operations.gigaFlops += 2e-9 * 12 * ROUNDS * FLOATS.length();
    FloatVector sum = a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h));
    return sum.add(i.add(j)).add(k.add(l)).lane(0);
  }
}
