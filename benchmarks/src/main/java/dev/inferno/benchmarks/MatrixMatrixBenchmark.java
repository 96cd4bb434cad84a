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

/// How near to the machine's fused multiply-adds does prefill come, in each block format? A product
/// of a matrix with a vector per token of the prompt: blocks are decoded once into a panel, which
/// all tokens use, so more tokens hide more of the decoding. {@link Rates#ofPeak} is the part of
/// the limit, {@link MachineLimits#fusedMultiplyAdds}, that is reached.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class MatrixMatrixBenchmark {

  /// The block format; every one there is, see {@link Main}.
  @Param private GgmlType format;

  /// How many vectors: sessions side by side, the drafts of one; a short prompt; a long one.
  @Param({"8", "32", "512"})
  private int tokens;

  /// The feed-forward's input of SmolLM2-135M, and of a model of 1.1 thousand millions.
  @Param({"1536x576", "5632x2048"})
  private String shape;

  /// How many threads share the product.
  @Param({"1", "2"})
  private int threads;

  private Shape size;
  private Weight weight;
  private Rows x;
  private Rows out;

  private MachineLimits limits;
  private double peak;

  /// What was computed, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Thousand millions of floating-point operations, two for each multiply-add.
    public double gigaFlops;

    /// The same as a part of what the machine can do: 1 is the limit.
    public double ofPeak;
  }

  /// Makes the matrix and the vectors.
  @Setup
  public void create() {
    size = Shape.parse(shape, format);
    weight = size.random(format, Arrangement.REARRANGED);
    x = RandomNumbers.seeded(2).rows(tokens, size.columns()).threads(threads);
    out = new Rows(tokens, size.rows());
    limits = MachineLimits.open();
  }

  /// Measures the limit, before each iteration, since machines drift.
  @Setup(Level.Iteration)
  public void measurePeak() {
    peak = limits.fusedMultiplyAdds(Math.min(threads, MachineLimits.threads()));
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
    rates.gigaFlops += 2e-9 * size.weights() * tokens;
    rates.ofPeak += 2.0 * size.weights() * tokens / peak;
    return out.data();
  }
}
