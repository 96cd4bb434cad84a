package dev.inferno.benchmarks;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Prefix;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.sampler.Sampler;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How much sooner is a text written that repeats what its prompt says, when tokens are drafted
/// from there? {@link Rates#tokens} of two rows with the same text are to be compared: the one with
/// `speculation` 0 decodes one by one. {@link Rates#accepted} of {@link Rates#drafted} tells how
/// much the drafts are worth.
///
/// What is written is forced, so that a text can be measured that the model would not write: the
/// drafts are not told. The prompt has passed through the model before.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class SpeculationBenchmark {

  /// A prompt and what is written after it.
  public enum Text {
    /// Code with a variable renamed.
    CODE(
        """
        Rename the variable total to sum:

        int total = 0;
        for (int i = 0; i < values.length; i++) {
          total += values[i];
          if (total > limit) {
            throw new IllegalStateException("the values are too large: " + total);
          }
        }
        return total;

        """,
        """
        int sum = 0;
        for (int i = 0; i < values.length; i++) {
          sum += values[i];
          if (sum > limit) {
            throw new IllegalStateException("the values are too large: " + sum);
          }
        }
        return sum;
        """),
    /// A summary that quotes.
    SUMMARY(
        """
        Summarize with quotations: The harbour of the old town was built in 1620 by engineers from
        the north. It has two basins, a stone pier and a lighthouse that is still in use today. In
        the nineteenth century most of the trade moved to the new port, and the old harbour became a
        place for fishing boats. Since 1985 it has been a protected monument, and every summer more
        than two hundred thousand people visit it.

        """,
        """
        The text is about a harbour that "was built in 1620 by engineers from the north". There is
        "a lighthouse that is still in use today". When "most of the trade moved to the new port",
        it "became a place for fishing boats"; it is a monument, and "every summer more
        than two hundred thousand people visit it".
        """),
    /// JSON in another format.
    JSON(
        """
        Write with one field per line:

        {"name": "Ada Lovelace", "born": 1815, "field": "mathematics", "address": {"street":
        "St James's Square", "number": 12, "city": "London"}, "languages": ["English", "French"],
        "known_for": "the first published algorithm for a machine"}

        """,
        """
        {
          "name": "Ada Lovelace",
          "born": 1815,
          "field": "mathematics",
          "address": {
            "street": "St James's Square",
            "number": 12,
            "city": "London"
          },
          "languages": ["English", "French"],
          "known_for": "the first published algorithm for a machine"
        }
        """);

    private final String prompt;
    private final String written;

    Text(String prompt, String written) {
      this.prompt = prompt;
      this.written = written;
    }
  }

  /// The model, see {@link BenchmarkModel#load}: its tokenizer counts too.
  @Param({"bundled", "Q8_0"})
  private String model;

  /// What is written.
  @Param private Text text;

  /// How many tokens are drafted at most; 0 is without.
  @Param({"0", "3", "7", "15"})
  private int speculation;

  /// How many threads share each pass.
  @Param({"1", "2"})
  private int threads;

  private Model loaded;
  private Prefix prompt;
  private SessionOptions sessionOptions;
  private GenerationOptions options;

  /// What was done, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Tokens that were written.
    public long tokens;

    /// Tokens that were drafted.
    public long drafted;

    /// Those of them that were written.
    public long accepted;
  }

  /// Loads the model and passes the prompt through it.
  @Setup
  public void load() throws IOException {
    loaded = BenchmarkModel.load(model);
    sessionOptions = SessionOptions.defaults().contextLength(512).threads(threads);
    int[] written = loaded.tokenizer().encode(text.written).ids();
    options =
        GenerationOptions.defaults()
            .sampler(Sampler.greedy())
            .ignoreEndOfText()
            .forced(written)
            .maxTokens(written.length)
            .speculation(speculation);
    try (Session session = loaded.newSession(sessionOptions)) {
      session.append(loaded.tokenizer().encode(text.prompt).ids());
      prompt = session.prefix();
    }
  }

  /// Frees the model.
  @TearDown
  public void close() {
    loaded.close();
  }

  /// Writes the text.
  @Benchmark
  public Generation write(Rates rates) {
    try (Session session = loaded.newSession(sessionOptions, prompt)) {
      Generation generation = session.generate(new int[0], options);
      rates.tokens += generation.ids().size();
      rates.drafted += generation.drafted();
      rates.accepted += generation.accepted();
      return generation;
    }
  }
}
