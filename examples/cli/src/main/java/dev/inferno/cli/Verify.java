package dev.inferno.cli;

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

/// Compares a model with what another program computed with it.
@Command(
    name = "verify",
    description = {
      "Compares a model, point by point, with what another program computed with it, and says where"
          + " they first part. The KV cache is float32. The exit code is 0 if all values are within"
          + " the tolerances, and 1 if not."
    })
final class Verify implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @ArgGroup(exclusive = false, multiplicity = "1", heading = "Beside a reference:%n")
  private @Nullable OfReference ofReference;

  @Option(
      names = "--json",
      description = {
        "Print one object. Of a reference: model, reference, equal, first (where they first part, or"
            + " null), arrays, missing and ignored; an array has prompt, step (0 is the prompt),"
            + " name, point, layer, tolerance, values, largest_difference, equal and, where it"
            + " differs, position, index, ours, theirs, difference."
      })
  private boolean json;

  @Mixin private ThreadsOption threads;

  /// What a reference is compared with.
  static final class OfReference {
    @Option(
        names = "--reference",
        required = true,
        paramLabel = "FOLDER",
        description = {
          "A folder with goldens.json (prompts, each with key and ids; tolerance with logits_abs,"
              + " hidden_abs and attention_abs) and, one of them or both, goldens.safetensors"
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

  Verify(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    return besideReference(Objects.requireNonNull(ofReference));
  }

  private int besideReference(OfReference how) throws IOException {
    Optional<Double> tolerance = how.tolerance;
    if (tolerance.isPresent() && !(tolerance.get() > 0 && Double.isFinite(tolerance.get()))) {
      throw new ParameterException(
          spec.commandLine(), "--tolerance must be more than 0, but is " + tolerance.get());
    }
    SessionOptions options = threads.apply(SessionOptions.defaults());
    var stop = new Stop();
    try (ReferenceFolder reference = ReferenceFolder.open(how.folder);
        Model model = modelFile.load(console);
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
}
