package dev.inferno.benchmarks;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Attention.Heads;
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
import org.openjdk.jmh.annotations.Warmup;

/// What does attention cost by itself, for one token after many and for a whole prompt? One layer
/// of SmolLM2-135M, without its projections.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class AttentionBenchmark {
  private static final int PROMPT = 512;

  /// What both questions vary.
  @State(Scope.Benchmark)
  public static class Setting {
    /// The number format of the cache.
    @Param private KeyValueType type;

    /// How many threads share the work.
    @Param({"1", "2"})
    private int threads;
  }

  /// One token after many.
  @State(Scope.Benchmark)
  public static class Decoding {
    /// How many keys are cached.
    @Param({"128", "1024", "4096"})
    private int depth;

    private AttentionWork work;
    private double gigaBytes;

    /// Fills the cache.
    @Setup
    public void create(Setting setting) {
      work = new AttentionWork(setting.type, setting.threads);
      work.fill(depth);
      work.begin(1);
      Heads heads = AttentionWork.HEADS;
      double size =
          switch (setting.type) {
            case F32 -> Float.BYTES;
            case F16 -> Short.BYTES;
            case Q8_0 -> 34.0 / 32;
          };
      gigaBytes = 1e-9 * depth * (heads.keyWidth() + heads.valueWidth()) * size;
    }
  }

  /// A prompt at the beginning.
  @State(Scope.Benchmark)
  public static class Prefilling {
    private AttentionWork work;
    private double gigaFlops;

    /// Makes the rows.
    @Setup
    public void create(Setting setting) {
      work = new AttentionWork(setting.type, setting.threads);
      work.begin(PROMPT);
      Heads heads = AttentionWork.HEADS;
      long pairs = PROMPT * (PROMPT + 1L) / 2;
      gigaFlops = 2e-9 * pairs * heads.heads() * (heads.keySize() + heads.valueSize());
    }
  }

  /// What was read of the cache, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Bytes {
    /// Thousand millions of bytes of keys and values, counted once for all heads that share them.
    public double gigaBytes;
  }

  /// What was computed, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Operations {
    /// Thousand millions of floating-point operations, for those pairs of a query and a key that
    /// see each other.
    public double gigaFlops;
  }

  /// A token attends to all that is cached.
  @Benchmark
  public Rows decode(Decoding decoding, Bytes bytes) {
    bytes.gigaBytes += decoding.gigaBytes;
    return decoding.work.attend();
  }

  /// 512 tokens attend to each other.
  @Benchmark
  public Rows prefill(Prefilling prefilling, Operations operations) {
    operations.gigaFlops += prefilling.gigaFlops;
    return prefilling.work.attend();
  }
}
