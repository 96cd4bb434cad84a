package dev.inferno.cli;

import dev.inferno.Comparison;
import dev.inferno.Divergence;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Compares a model with what another program computed with it, or with another model.
@Command(
    name = "verify",
    description = {
      "With --reference: compares a model, point by point, with what another program computed with"
          + " it, and the tokens that it chose greedily, and says where they first part. The exit"
          + " code is 0 if all values are within the tolerances, and 1 if not.",
      "With --against: compares a model A with a model B of the same vocabulary, such as A in a"
          + " smaller type, on a text: how far the predictions are apart, and behind which layer the"
          + " residual streams part.",
      "The KV cache is float32."
    })
final class Verify implements Callable<Integer> {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;
  @Mixin private LoadingOptions loading;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private With with = new With();

  @Option(
      names = "--json",
      description = {
        "Print one object. Of a reference: model, reference, equal, first (where they first part, or"
            + " null), arrays, greedy, missing and ignored; an array has prompt, step (0 is the"
            + " prompt), name, point, layer, tolerance, values, largest_difference, equal and, where"
            + " it differs, position, index, ours, theirs, difference; greedy has for each prompt"
            + " prompt, name, tolerance, tokens, largest_difference, equal and, where it differs,"
            + " index, ours and theirs (tokens), difference (of their logits).",
        "Of two models: model, against, positions, windows, kl (mean, median, p90, p95, p99, max,"
            + " max_position, in nats), top1_agreement (a share), perplexity, against_perplexity,"
            + " embedding and layers (difference, magnitude, relative), threshold and first_layer"
            + " (or null)."
      })
  private boolean json;

  @Mixin private ThreadsOption threads;

  /// What the model is compared with, exactly one of them.
  static final class With {
    @ArgGroup(exclusive = false, multiplicity = "1", heading = "With a reference:%n")
    private @Nullable Reference reference;

    @ArgGroup(exclusive = false, multiplicity = "1", heading = "With another model:%n")
    private @Nullable Against against;
  }

  /// What another program computed.
  static final class Reference {
    @Option(
        names = "--reference",
        required = true,
        paramLabel = "FOLDER",
        description = {
          "A folder with goldens.json (prompts, each with key, ids and the greedy tokens behind"
              + " them; tolerance with logits_abs, hidden_abs and attention_abs) and goldens.safetensors"
              + " (KEY.embed, KEY.block.N, KEY.final_norm, KEY.logits, KEY.attn) and"
              + " hooks.safetensors (points under their wire names, tokens in its metadata; cached"
              + " steps behind them under step.N.). What is missing there is named and left out."
        })
    private Path folder = Path.of("");

    @Option(
        names = "--tolerance",
        paramLabel = "X",
        description =
            "By how much a value may differ: more than 0. Default: what the reference states, and"
                + " 3e-4 where it states nothing.")
    private Optional<Double> tolerance = Optional.empty();
  }

  /// Another model, and what both read.
  static final class Against {
    @Option(
        names = "--against",
        required = true,
        paramLabel = "MODEL",
        description =
            "The model B: a GGUF file, a Hugging Face folder or a safetensors file in one.")
    private Path path = Path.of("");

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Text text = new Text();

    @Option(
        names = "--ctx",
        paramLabel = "N",
        description =
            "Tokens in a window: 2 or more. The text is cut into windows without overlap. Default:"
                + " as many as both models were trained for.")
    private Optional<Integer> context = Optional.empty();

    @Option(
        names = "--threshold",
        paramLabel = "X",
        description =
            "Look for the first layer where the mean difference of the residual streams is more"
                + " than this share of their mean magnitude: 0 or more. Default: 0.05.")
    private Optional<Double> threshold = Optional.empty();
  }

  /// What both models read. The fields are not Optional, as in {@link PromptSource}.
  static final class Text {
    @Option(
        names = "--text",
        required = true,
        paramLabel = "FILE",
        description =
            "A text in UTF-8, read as plain text, with what the model puts before a text; - is the"
                + " standard input.")
    private @Nullable String file;

    @Option(
        names = "--ids",
        required = true,
        paramLabel = "IDS",
        converter = TokenIds.Converter.class,
        description = "Token ids instead, such as 1,2,3, used as they are.")
    private @Nullable TokenIds ids;
  }

  Verify(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    return with.against == null
        ? withReference(Objects.requireNonNull(with.reference))
        : withModel(with.against);
  }

  private int withReference(Reference how) throws IOException {
    Optional<Double> tolerance = how.tolerance;
    double most = tolerance.orElse(1.0);
    require("--tolerance", "more than 0", most, most > 0 && most < INFINITY);
    SessionOptions options = threads.apply(SessionOptions.defaults());
    var stop = new Stop();
    try (ReferenceFolder reference = ReferenceFolder.open(how.folder);
        Model model = modelFile.load(console, loading.options());
        CtrlC _ = CtrlC.calls(stop::stop)) {
      var check =
          new ReferenceCheck(
              model,
              reference,
              tolerance.map(Tolerances::all).orElse(reference.tolerances()),
              options,
              stop,
              new Progress(console.err()));
      ReferenceCheck.Result result = check.run();
      var report = new ReferenceReport(modelFile.name(), how.folder.toString(), result, console);
      if (json) {
        report.printJson();
      } else {
        report.print();
      }
      return result.equal() ? 0 : 1;
    }
  }

  private void require(String option, String possible, Number value, boolean isPossible) {
    if (!isPossible) {
      throw new ParameterException(
          spec.commandLine(), "%s must be %s, but is %s".formatted(option, possible, value));
    }
  }

  private int withModel(Against how) throws IOException {
    require("--ctx", "at least 2", how.context.orElse(2), how.context.orElse(2) >= 2);
    double threshold = how.threshold.orElse(0.0);
    require("--threshold", "at least 0", threshold, threshold >= 0 && threshold < INFINITY);
    SessionOptions options = threads.apply(SessionOptions.defaults());
    String text = how.text.file == null ? "" : TextFile.read(how.text.file, console);
    try (Model model = modelFile.load(console, loading.options());
        Model other = ModelFile.load(how.path, console);
        CtrlC _ = CtrlC.calls(Thread.currentThread()::interrupt)) {
      Comparison comparison = comparison(model, other, how, options);
      Divergence divergence =
          how.text.ids == null ? comparison.on(text) : comparison.on(how.text.ids.ids());
      var report = new ComparisonReport(modelFile.name(), how.path.toString(), divergence, console);
      if (json) {
        report.printJson();
      } else {
        report.print();
      }
    }
    return 0;
  }

  private Comparison comparison(Model model, Model other, Against how, SessionOptions options) {
    var progress = new Progress(console.err());
    Comparison comparison =
        Comparison.of(model, other)
            .progress((done, of) -> progress.say("compared %d of %d tokens", done, of));
    if (options.threads().isPresent()) {
      comparison = comparison.threads(options.threads().getAsInt());
    }
    if (how.context.isPresent()) {
      int window = how.context.get();
      comparison = comparison.window(window);
      ModelFile.warnOfContext(window, model.info(), console);
      ModelFile.warnOfContext(window, other.info(), console);
    }
    return how.threshold.isPresent() ? comparison.threshold(how.threshold.get()) : comparison;
  }
}
