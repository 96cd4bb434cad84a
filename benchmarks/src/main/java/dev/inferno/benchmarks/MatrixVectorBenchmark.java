package dev.inferno.benchmarks;

import dev.inferno.MachineLimits;
import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How many weights a second does decode take in, in each block format? A product of a matrix with
/// one vector: small matrices lie in a cache and show what the kernel can do, the large one comes
/// from memory and shows what the machine lets it do: {@link Rates#ofBandwidth} is the part of that
/// limit, {@link MachineLimits#bandwidth}, that is reached, and more than 1 where a cache helps.
/// With `-prof gc` it has to show no more than JMH's own kilobytes in each iteration: a vector that
/// is not kept in a register would be allocated, 96 bytes or more a row, and be slow.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class MatrixVectorBenchmark {

  /// The block format; every one there is, see {@link Main}.
  @Param private GgmlType format;

  /// Attention's output and the feed-forward's input of SmolLM2-135M, and what no cache holds.
  @Param({"576x576", "1536x576", "65536x2048"})
  private String shape;

  /// How many threads share the product.
  @Param({"1", "2"})
  private int threads;

  /// How the matrix lies in memory, and whether the vector is rounded.
  @Param({"REARRANGED", "ROUNDED"})
  private Arrangement arrangement;

  private Shape size;
  private Weight weight;
  private Rows x;
  private Rows out;

  private MachineLimits limits;
  private double bandwidth;

  /// What was taken in, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Thousand millions of weights.
    public double gigaWeights;

    /// Thousand millions of bytes of weights.
    public double gigaBytes;

    /// The same as a part of what the memory gives: 1 is the limit.
    public double ofBandwidth;
  }

  /// Makes the matrix and the vector.
  @Setup
  public void create() {
    size = Shape.parse(shape, format);
    weight = size.random(format, arrangement);
    x = RandomNumbers.seeded(2).rows(1, size.columns()).threads(threads);
    out = new Rows(1, size.rows());
    limits = MachineLimits.open();
  }

  /// Measures the limit, before each iteration, since machines drift.
  @Setup(Level.Iteration)
  public void measureBandwidth() {
    bandwidth = limits.bandwidth(Math.min(threads, MachineLimits.threads()));
  }

  /// Frees what the limit takes.
  @TearDown
  public void close() {
    limits.close();
  }

  /// The product.
  @Benchmark
  public float[] multiply(Rates rates) {
    weight.multiply(x, out);
    rates.gigaWeights += size.weights() * 1e-9;
    rates.gigaBytes += format.bytes(size.weights()) * 1e-9;
    rates.ofBandwidth += format.bytes(size.weights()) / bandwidth;
    return out.data();
  }
}
