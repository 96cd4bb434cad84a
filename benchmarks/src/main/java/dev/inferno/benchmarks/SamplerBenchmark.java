package dev.inferno.benchmarks;

import static dev.inferno.sampler.SamplerStage.temperature;
import static dev.inferno.sampler.SamplerStage.topK;
import static dev.inferno.sampler.SamplerStage.topP;

import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerState;
import java.util.concurrent.TimeUnit;
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

/// How long does it take to choose a token, statistics of the logits included, and does it allocate
/// anything (`-prof gc`)?
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class SamplerBenchmark {
  private static final int HISTORY = 256;

  /// What is measured.
  public enum Chain {
    /// The likeliest token.
    GREEDY,
    /// What nobody has chosen: top-k, top-p, min-p, temperature.
    DEFAULTS,
    /// Top-k 40, top-p 0.9, temperature 0.7.
    TOP_K_FIRST,
    /// Top-p 0.9 of the whole vocabulary, temperature 0.7.
    TOP_P_FIRST;

    private Sampler sampler() {
      return switch (this) {
        case GREEDY -> Sampler.greedy();
        case DEFAULTS -> Sampler.defaults();
        case TOP_K_FIRST -> Sampler.chain(topK(40), topP(0.9f), temperature(0.7f));
        case TOP_P_FIRST -> Sampler.chain(topP(0.9f), temperature(0.7f));
      };
    }
  }

  /// The stages.
  @Param private Chain chain;

  /// How many tokens there are: SmolLM2's, Qwen's.
  @Param({"49152", "151936"})
  private int vocabulary;

  private float[] logits;
  private SamplerState state;

  /// Makes logits of the standard normal distribution: so flat that top-p keeps most of the tokens,
  /// which is the worst that can happen to it.
  @Setup
  public void create() {
    logits = RandomNumbers.seeded(3).floats(vocabulary);
    state = chain.sampler().start(42);
    state.reserve(HISTORY);
  }

  /// Chooses a token; the history stays within bounds, or it would be what grows.
  @Benchmark
  public int choose() {
    if (state.history().size() == HISTORY) {
      state.rewind(HISTORY);
    }
    return state.next(logits);
  }
}
