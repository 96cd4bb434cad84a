package dev.inferno.benchmarks;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.TensorView;
import dev.inferno.sampler.Sampler;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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

/// What does it cost to watch a step of decode: nothing, a listener that does nothing, the summary
/// that a page shows, the attention of all heads, every point?
///
/// {@link #step} is the user's own loop, inside the pages of the cache that are there, as in {@link
/// DecodeBenchmark}: with `-prof gc`, what nobody watches allocates nothing beside what JMH itself
/// takes in an iteration. {@link #generation} has the events of the token level too, and makes
/// text.
///
/// Of the steps in a second that nobody watches, 0.97 are to be left with the summary, and 0.90
/// with the attention.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class ObserverBenchmark {
  private static final int PAGE = 64; // positions in a page of the cache
  private static final int TOP = 20;
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults()
          .sampler(Sampler.greedy())
          .ignoreEndOfText()
          .maxTokens(PAGE / 2 - 1);

  /// What is watched.
  public enum Watched {
    /// There is no listener.
    NOTHING,
    /// A listener of the token level that does nothing.
    TOKENS,
    /// The choice, the twenty largest logits, the norm of the residual stream behind each block.
    SUMMARY,
    /// What every head of every layer attends to, copied.
    ATTENTION,
    /// Every point that the model has, as a view.
    EVERYTHING
  }

  /// The model, see {@link BenchmarkModel#load}.
  @Param({"bundled", "Q8_0", "Q4_1"})
  private String model;

  /// How many positions are cached, at the least; a multiple of 64. In the mean it is 48 more.
  @Param("128")
  private int depth;

  /// How many threads share each step.
  @Param({"1", "2"})
  private int threads;

  /// What is watched in each step.
  @Param({"NOTHING", "TOKENS", "SUMMARY", "ATTENTION", "EVERYTHING"})
  private Watched watched;

  private Model loaded;
  private Session session;
  private Reader reader;

  /// A listener that takes what it is given.
  private static final class Reader implements StepListener {
    private final ObservationPlan plan;
    private final boolean copies;
    private float[] row = new float[0];
    private double sum; // of something of everything

    Reader(List<Point> points, boolean copies) {
      this.plan = new ObservationPlan(points);
      this.copies = copies;
    }

    @Override
    public ObservationPlan plan(ModelInfo info) {
      return plan;
    }

    @Override
    public void onActivation(Activation activation) {
      TensorView view = activation.tensor();
      int[] shape = view.shape();
      if (copies) {
        copy(view, shape);
      } else {
        sum +=
            switch (shape.length) {
              case 1 -> view.get(0);
              case 2 -> view.get(0, 0);
              default -> view.get(0, 0, 0);
            };
      }
    }

    private void copy(TensorView view, int... shape) {
      int rows = 1;
      for (int axis = 0; axis < shape.length - 1; axis++) {
        rows *= shape[axis];
      }
      int length = shape[shape.length - 1];
      if (row.length < length) {
        row = new float[2 * length];
      }
      for (int i = 0; i < rows; i++) {
        view.copyRow(i, row);
        sum += row[0];
      }
    }

    @Override
    public void onSelection(Selection selection) {
      sum += selection.probability();
    }
  }

  /// Loads the model, gives it a past, and watches.
  @Setup
  public void load() throws IOException {
    loaded = BenchmarkModel.load(model);
    session =
        loaded.newSession(SessionOptions.defaults().contextLength(depth + PAGE).threads(threads));
    int vocabulary = loaded.tokenizer().vocabularySize();
    session.append(RandomNumbers.seeded(5).integers(depth + PAGE / 2, vocabulary));
    reader = new Reader(points(), watched == Watched.ATTENTION);
    if (watched != Watched.NOTHING) {
      session.addListener(reader);
    }
  }

  private List<Point> points() {
    return switch (watched) {
      case NOTHING, TOKENS -> List.of();
      case SUMMARY -> List.of(Hook.LOGITS.top(TOP), Hook.RESID_POST.allLayers().norm());
      case ATTENTION -> List.of(Hook.PATTERN.allLayers());
      case EVERYTHING -> Arrays.stream(Hook.values()).map(hook -> hook.all().orNothing()).toList();
    };
  }

  /// Frees the model.
  @TearDown
  public void close() {
    session.close();
    loaded.close();
  }

  /// Goes back to the middle of the last page when it is full; here, where it is not measured.
  @Setup(Level.Invocation)
  public void stayInThePage() {
    if (session.length() == depth + PAGE) {
      session.rewind(PAGE / 2);
      session.logits();
    }
  }

  /// A step of the user's own loop.
  @Benchmark
  public double step() {
    int token = session.logits().argmax();
    session.append(token);
    return token + reader.sum;
  }

  /// A step of a generation, which passes its prompt of one token and all but the last of what it
  /// chooses through the model.
  @Benchmark
  @OperationsPerInvocation(PAGE / 2 - 1)
  public double generation() {
    int[] prompt = {session.logits().argmax()};
    return session.generate(prompt, GREEDY).ids().getLast() + reader.sum;
  }
}
