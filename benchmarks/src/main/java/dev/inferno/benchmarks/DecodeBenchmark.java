package dev.inferno.benchmarks;

import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
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

/// How many tokens a second does a whole step of decode give: the likeliest token is taken from the
/// logits and passed through the model? Without text and inside the pages of the cache that are
/// there, a step has to allocate nothing. What `-prof gc` shows then are the few kilobytes that JMH
/// itself takes in each iteration, spread over the steps; a single vector that is not kept in a
/// register would be hundreds of kilobytes.
///
/// The limit is {@link BandwidthBenchmark#read}, which {@link Rates#gigaBytes} is to be compared
/// with.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class DecodeBenchmark {
  private static final int PAGE = 64; // positions in a page of the cache

  /// The model, see {@link BenchmarkModel#load}.
  @Param({"bundled", "Q8_0", "Q4_1"})
  private String model;

  /// How many positions are cached, at the least; a multiple of 64. In the mean it is 48 more.
  @Param("128")
  private int depth;

  /// How many threads share each step.
  @Param({"1", "2"})
  private int threads;

  private Model loaded;
  private Session session;
  private double gigaBytesPerToken;

  /// What was taken in, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Thousand millions of bytes of weights and of cached keys and values.
    public double gigaBytes;
  }

  /// Loads the model and gives it a past.
  @Setup
  public void load() throws IOException {
    loaded = BenchmarkModel.load(model);
    session =
        loaded.newSession(SessionOptions.defaults().contextLength(depth + PAGE).threads(threads));
    int vocabulary = loaded.tokenizer().vocabularySize();
    session.append(RandomNumbers.seeded(5).integers(depth + PAGE / 2, vocabulary));
    gigaBytesPerToken =
        loaded.cost().decodeBytes(depth + PAGE / 2, PAGE / 2, KeyValueType.F16) * 1e-9;
  }

  /// Frees the model.
  @TearDown
  public void close() {
    session.close();
    loaded.close();
  }

  /// Goes back to the middle of the last page when it is full. The session passes the last of the
  /// tokens it keeps through the model again; here, where it is not measured.
  @Setup(Level.Invocation)
  public void stayInThePage() {
    if (session.length() == depth + PAGE) {
      session.rewind(PAGE / 2);
      session.logits();
    }
  }

  /// A step.
  @Benchmark
  public int step(Rates rates) {
    int token = session.logits().argmax();
    session.append(token);
    rates.gigaBytes += gigaBytesPerToken;
    return token;
  }
}
