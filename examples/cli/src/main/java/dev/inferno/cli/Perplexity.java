package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;
import dev.inferno.tokenizer.EncodeOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures how well a model foresees a text.
@Command(
    name = "perplexity",
    description = {
      "Prints the perplexity of a text: exp of the mean of -ln p of each token, given those before"
          + " it in its window. The KV cache is float32.",
      "The text is encoded once, as plain text; BOS stands at its beginning if the model's metadata"
          + " adds it. It is cut into windows without overlap; the first token of a window is not"
          + " foreseen from anything and does not count, and so a last window of one token is left"
          + " out."
    })
final class Perplexity implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;
  @Mixin private LoadingOptions loading;

  @Option(
      names = "--file",
      required = true,
      paramLabel = "FILE",
      description = "The text, in UTF-8; - is the standard input.")
  private String file = "";

  @Option(
      names = "--ctx",
      paramLabel = "N",
      description = "Tokens in a window: 2 or more. Default: as many as the model was trained for.")
  private Optional<Integer> context = Optional.empty();

  @Mixin private ThreadsOption threads;

  @Option(
      names = "--json",
      description = {
        "Print one object: {\"perplexity\":0,\"nll\":0,\"tokens\":0,\"windows\":0}.",
        "nll is the mean of -ln p; tokens counts those in the windows, the first ones included."
      })
  private boolean json;

  Perplexity(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (context.isPresent() && context.get() < 2) {
      throw new ParameterException(
          spec.commandLine(), "--ctx must be at least 2, but is " + context.get());
    }
    SessionOptions options =
        threads.apply(SessionOptions.defaults().keyValueType(KeyValueType.F32));
    String text = TextFile.read(file, console);
    try (Model model = modelFile.load(console, loading.options())) {
      int window = context.orElse(model.info().contextLength());
      ModelFile.warnOfContext(window, model.info(), console);
      int[] ids =
          model.tokenizer().encode(text, EncodeOptions.prompt().withParsedSpecials(false)).ids();
      if (ids.length < 2) {
        throw new IOException(
            "%s: a text of %d tokens; perplexity needs at least 2".formatted(file, ids.length));
      }
      report(measure(model, ids, options.contextLength(window), window));
    }
    return 0;
  }

  /// Sums over all windows so far.
  private record Sums(double nll, int foreseen, int windows) {
    double mean() {
      return nll / foreseen;
    }

    double perplexity() {
      return Math.exp(mean());
    }

    int tokens() {
      return foreseen + windows;
    }
  }

  private Sums measure(Model model, int[] ids, SessionOptions options, int window) {
    var sums = new Sums(0, 0, 0);
    for (int from = 0; from < ids.length - 1; from += window) {
      int[] tokens = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + window));
      try (Session session = model.newSession(options)) {
        var surprise = new Surprise(tokens);
        session.addListener(surprise);
        session.append(tokens);
        sums =
            new Sums(sums.nll + surprise.nll, sums.foreseen + tokens.length - 1, sums.windows + 1);
      }
      console
          .err()
          .printf(
              Locale.ROOT,
              "window %d of %d: perplexity %.4f so far%n",
              sums.windows,
              Math.ceilDiv(ids.length - 1, window),
              sums.perplexity());
      if (ids.length - from <= window) {
        break; // also where adding the window would overflow
      }
    }
    return sums;
  }

  private void report(Sums sums) throws IOException {
    if (json) {
      var result = Json.object();
      result.put("perplexity", sums.perplexity());
      result.put("nll", sums.mean());
      result.put("tokens", sums.tokens());
      result.put("windows", sums.windows());
      Json.print(result, console);
    } else {
      console
          .out()
          .printf(
              Locale.ROOT,
              "perplexity %.4f (mean -ln p %.5f, %d tokens in %d windows)%n",
              sums.perplexity(),
              sums.mean(),
              sums.tokens(),
              sums.windows());
    }
  }

  /// Sums -ln p of each token of a window but the first.
  private static final class Surprise implements StepListener {
    private final int[] tokens;
    private float[] logits = new float[0];
    double nll;

    Surprise(int[] tokens) {
      this.tokens = tokens;
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      logits = new float[model.vocabulary()];
      return ObservationPlan.of(Hook.LOGITS.all().everyPosition());
    }

    @Override
    public void onActivation(Activation activation) {
      for (int row = 0; row < activation.rows(); row++) {
        int next = activation.firstPosition() + row + 1;
        if (next < tokens.length) {
          activation.tensor().copyRow(row, logits);
          nll += logSumExp(logits) - logits[tokens[next]];
        }
      }
    }

    private static double logSumExp(float[] logits) {
      float most = Float.NEGATIVE_INFINITY;
      for (float logit : logits) {
        most = Math.max(most, logit);
      }
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit - most);
      }
      return most + Math.log(sum);
    }
  }
}
