package dev.inferno.benchmarks;

import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.MachineLoops;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
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
  private static final MachineLoops LOOPS = KernelSets.best().machineLoops();
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

  /// Reads all of a thread's memory once.
  @Benchmark
  public long read(Memory memory, Bytes bytes) {
    MemorySegment data = memory.data;
    bytes.gigaBytes += data.byteSize() * 1e-9;
    return LOOPS.read(data, 0, data.byteSize());
  }

  /// Multiplies and adds in registers.
  @Benchmark
  public float multiplyAdd(Operations operations) {
    operations.gigaFlops += 2e-9 * MachineLoops.CHAINS * ROUNDS * LOOPS.lanes();
    return LOOPS.multiplyAdds(ROUNDS);
  }
}
