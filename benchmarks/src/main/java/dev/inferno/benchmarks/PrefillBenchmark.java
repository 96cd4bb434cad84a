package dev.inferno.benchmarks;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How many tokens a second does a model read of a prompt of 512? The whole pass, up to the logits
/// of what comes next. What it allocates are the pages of the cache.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class PrefillBenchmark {
  private static final int TOKENS = 512;

  /// The model, see {@link BenchmarkModel#load}.
  @Param({"bundled", "Q8_0", "Q4_1"})
  private String model;

  /// How many threads share the pass.
  @Param({"1", "2"})
  private int threads;

  private Model loaded;
  private Session session;
  private int[] prompt;
  private double gigaFlopsPerPrompt;

  /// What was computed, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Thousand millions of floating-point operations, to be compared with {@link
    /// BandwidthBenchmark#multiplyAdd}.
    public double gigaFlops;
  }

  /// Loads the model.
  @Setup
  public void load() throws IOException {
    loaded = BenchmarkModel.load(model);
    session = loaded.newSession(SessionOptions.defaults().contextLength(TOKENS).threads(threads));
    gigaFlopsPerPrompt = 2e-9 * TOKENS * loaded.cost().promptMultiplyAdds(0, TOKENS);
    prompt = RandomNumbers.seeded(6).integers(TOKENS, loaded.tokenizer().vocabularySize());
  }

  /// Frees the model.
  @TearDown
  public void close() {
    session.close();
    loaded.close();
  }

  /// A prompt; a token is an operation.
  @Benchmark
  @OperationsPerInvocation(TOKENS)
  public float prefill(Rates rates) {
    rates.gigaFlops += gigaFlopsPerPrompt;
    session.append(prompt);
    float logit = session.logits().get(0);
    session.rewind(TOKENS);
    return logit;
  }
}
