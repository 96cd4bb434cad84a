package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.LeaveOneOut;
import dev.inferno.LogitParts;
import dev.inferno.LogitShares;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.sampler.LogitStatistics;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows what a prediction is made of.
@Command(
    name = "attribute",
    description = {
      "Direct logit attribution: how much each block, head and neuron put into the logit of the"
          + " next token, or into the difference of two. Every norm is frozen where it was, so that"
          + " the parts sum to the logit. What an earlier part did through later ones is not"
          + " counted to it. The KV cache is float32.",
      "--leave-one-out asks something else: how the prediction changes without each token of the"
          + " prompt."
    })
final class Attribute implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private PromptedModel input;

  @Option(
      names = "--token",
      paramLabel = "TEXT|ID",
      description =
          "The token whose logit is taken apart: its id, or a text that is one token (digits are an"
              + " id; a blank before a word counts). Default: the likeliest.")
  private Optional<String> token = Optional.empty();

  @Option(
      names = "--against",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "TEXT|ID",
      description =
          "Take apart by how much the logit is more than that of this token; without a value, than"
              + " that of the likeliest other one. Give a value as --against=VALUE.")
  private Optional<String> against = Optional.empty();

  @Option(
      names = "--heads",
      paramLabel = "N",
      description = "The heads with the largest shares: 0 or more. Default: ${DEFAULT-VALUE}.")
  private int heads = 10;

  @Option(
      names = "--neurons",
      paramLabel = "N",
      description =
          "The neurons with the largest shares: 0 or more; 0 saves reading all their weights."
              + " Default: ${DEFAULT-VALUE}.")
  private int neurons = 10;

  @Option(
      names = "--leave-one-out",
      description =
          "Instead: by how much the token's logit and log-probability change if a token of the"
              + " prompt is left out, for each of them. The others move together.")
  private boolean leaveOneOut;

  @Option(
      names = "--json",
      description = {
        "Print one object: ids, token and, if asked for, against (each with id, text, logit,"
            + " log_probability), parts (name, layer, share), final_norm_bias, sum, projection,"
            + " residual (projection less sum), cap (logit less projection), logit, blocks (layer,"
            + " heads, attention_bias, mlp_bias, shared_expert), heads (layer, head, share) and"
            + " neurons (layer, expert, neuron, activation, share), the largest first.",
        "With --leave-one-out: ids, token, and tokens (position, id, text, logit, logit_change,"
            + " log_probability, log_probability_change)."
      })
  private boolean json;

  @Mixin private ThreadsOption threads;

  Attribute(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    requireAtLeastZero("--heads", heads);
    requireAtLeastZero("--neurons", neurons);
    if (leaveOneOut && against.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--against is not possible with --leave-one-out");
    }
    SessionOptions options =
        threads.apply(SessionOptions.defaults().keyValueType(KeyValueType.F32));
    try (Model model = input.load(console);
        Session session = model.newSession(options);
        CtrlC _ = CtrlC.calls(session::cancel)) {
      int[] ids = input.ids(model, console);
      if (ids.length == 0) {
        throw new IllegalArgumentException("the prompt has no tokens");
      }
      if (leaveOneOut) {
        leaveOneOut(model, session, ids);
      } else {
        attribute(model, session, ids);
      }
    }
    return 0;
  }

  private void requireAtLeastZero(String option, int value) {
    if (value < 0) {
      throw new ParameterException(
          spec.commandLine(), "%s must be at least 0, but is %d".formatted(option, value));
    }
  }

  private void attribute(Model model, Session session, int[] ids) throws IOException {
    OptionalInt wanted = wanted(model);
    OptionalInt other =
        against.filter(text -> !text.isEmpty()).isPresent()
            ? OptionalInt.of(input.token("--against", against.get(), model))
            : OptionalInt.empty();
    LogitParts parts = LogitParts.after(session, ids);
    LogitStatistics statistics = LogitStatistics.of(parts.logits());
    int target = wanted.orElseGet(() -> statistics.topId(0));
    if (against.isPresent() && other.isEmpty()) {
      other = OptionalInt.of(statistics.topId(statistics.topId(0) == target ? 1 : 0));
    }
    LogitShares shares =
        other.isPresent() ? parts.ofDifference(target, other.getAsInt()) : parts.of(target);
    var report =
        new AttributionReport(
            shares, statistics, input.text(model), model.info(), heads, neurons, console);
    if (json) {
      report.printJson(ids);
    } else {
      report.print();
    }
  }

  private void leaveOneOut(Model model, Session session, int[] ids) throws IOException {
    OptionalInt wanted = wanted(model);
    session.append(ids);
    int target = wanted.orElseGet(() -> session.logits().argmax());
    var progress = new Progress(console.err());
    LeaveOneOut result =
        LeaveOneOut.of(
            session, target, (done, of) -> progress.say("left out %d of %d tokens", done, of));
    var report = new LeaveOneOutReport(result, input.text(model), console);
    if (json) {
      report.printJson(ids);
    } else {
      report.print();
    }
  }

  /// The token that was asked for, checked before anything is computed.
  private OptionalInt wanted(Model model) {
    return token.isPresent()
        ? OptionalInt.of(input.token("--token", token.get(), model))
        : OptionalInt.empty();
  }
}
