package dev.inferno.benchmarks;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
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

/// How many weights a second does decode take in, in each block format? A product of a matrix with
/// one vector: small matrices lie in a cache and show what the kernel can do, the large one comes
/// from memory and shows what the machine lets it do; see {@link BandwidthBenchmark} for that
/// limit. With `-prof gc` it has to show no more than JMH's own kilobytes in each iteration: a
/// vector that is not kept in a register would be allocated, 96 bytes or more a row, and be slow.
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

  /// Attention's output, the feed-forward's input, and the head of SmolLM2-135M.
  @Param({"576x576", "1536x576", "49152x576"})
  private String shape;

  /// How many threads share the product.
  @Param({"1", "2"})
  private int threads;

  private Shape size;
  private Weight weight;
  private Rows x;
  private Rows out;

  /// What was taken in, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Thousand millions of weights.
    public double gigaWeights;

    /// Thousand millions of bytes of weights.
    public double gigaBytes;
  }

  /// Makes the matrix and the vector.
  @Setup
  public void create() {
    size = Shape.parse(shape, format);
    weight = size.random(format);
    x = RandomNumbers.seeded(2).rows(1, size.columns()).threads(threads);
    out = new Rows(1, size.rows());
  }

  /// The product.
  @Benchmark
  public float[] multiply(Rates rates) {
    weight.multiply(x, out);
    rates.gigaWeights += size.weights() * 1e-9;
    rates.gigaBytes += format.bytes(size.weights()) * 1e-9;
    return out.data();
  }
}
