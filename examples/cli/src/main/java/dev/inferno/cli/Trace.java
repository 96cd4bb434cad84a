package dev.inferno.cli;

import dev.inferno.EndReason;
import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.format.SafetensorsWriter;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.sampler.Sampler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Records what a model computes.
@Command(
    name = "trace",
    description = {
      "Passes a prompt through a model, then greedy steps, and writes the values of chosen points"
          + " to a safetensors file, as float32. The KV cache is float32.",
      "A tensor has the name of its point, and step.N. before it in greedy step N, from 1 on. Its"
          + " shape is [T, M] for T positions and width M; [T, H, D] for hook_z, H heads of size D;"
          + " [H, T, K] for hook_pattern, K keys, 0 where a position sees none; [T, V] for logits."
          + " T is the length of the prompt, and 1 in a step, or how many positions were selected.",
      "Instead of values, .norm and .entropy are one number, .statistics four (mean, standard"
          + " deviation, smallest, largest), .mass one for each group of keys, and .top the largest"
          + " of each row, with their places in .top_indices; these stand behind the name.",
      "The file's metadata has ids (of the prompt), generated_ids (of the steps), model, points,"
          + " steps, kv and edits, and for a tensor of selected positions these, as"
          + " positions.NAME."
    })
final class Trace implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private PromptedModel input;

  @Option(
      names = "--points",
      required = true,
      paramLabel = "POINTS",
      description = {
        "Names of points, separated by commas, * standing for any characters; or all. In brackets"
            + " behind a name: what is selected, separated by semicolons.",
        "  layers=0,2,5-7  of the layers that the name means",
        "  heads=1,3       query heads; of keys and values, their own",
        "  at=last         positions: all, last, prompt, generated, or 0,5-9; default: all",
        "  as=top5         view, norm, statistics, entropy, topN, massENDS; default: view;"
            + " mass1,20 adds up the attention to keys 0, 1 to 19, and 20 on",
        "Such as 'blocks.*.attn.hook_pattern[heads=0-3;at=last;as=entropy]',"
            + " 'blocks.*.hook_resid_post[as=norm],logits[at=last;as=top20]' or"
            + " 'blocks.*.attn.hook_z[layers=4-7;at=generated]'.",
        "Points of a llama: ${COMPLETION-CANDIDATES}."
      },
      completionCandidates = PointNames.class)
  private String points = "";

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Greedy steps after the prompt: 0 or more; end tokens do not stop them."
              + " Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--budget",
      paramLabel = "BYTES",
      description =
          "Refuse, before the run, what would deliver more bytes, such as 500000, 500k, 20M or 3G;"
              + " --explain says how many it would be.")
  private Optional<String> budget = Optional.empty();

  @Option(
      names = "--explain",
      description =
          "Print what each point costs, and why it is impossible if it is, and end without a run;"
              + " nothing is written.")
  private boolean explain;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "The file to write, needed without --explain. One that is there is replaced when all is"
              + " done.")
  private Optional<Path> out = Optional.empty();

  @Mixin private EditsOption edits;

  @Mixin private ThreadsOption threads;

  Trace(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (steps < 0) {
      throw new ParameterException(
          spec.commandLine(), "--steps must be at least 0, but is " + steps);
    }
    long most = budget.isEmpty() ? Long.MAX_VALUE : bytes(budget.get());
    if (out.isEmpty() && !explain) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--out=FILE'");
    }
    if (!explain) {
      SafetensorsWriter.of(out.get()).close(); // tells now, not at the end, if it cannot be written
    }
    SessionOptions options =
        threads.apply(SessionOptions.defaults().keyValueType(KeyValueType.F32));
    try (Model model = input.load(console)) {
      int[] ids = input.ids(model, console);
      requireRoom(ids.length, model.info().contextLength());
      Explanation explanation =
          explain(model, TracePoints.parse(points, model.info()), ids.length, options);
      if (explain) {
        console.out().print(explanation);
        requireWithin(most, explanation);
        return 0;
      }
      List<Point> recorded = TracePoints.recorded(explanation, ids.length, steps, model.info());
      requireWithin(most, explain(model, new ObservationPlan(recorded), ids.length, options));
      record(model, options, ids, recorded, out.get());
    }
    return 0;
  }

  /// What a plan costs in the prompt and the steps, each of which is one pass.
  private Explanation explain(
      Model model, ObservationPlan plan, int promptLength, SessionOptions options) {
    return model.explain(plan, promptLength, steps + 1, options);
  }

  private long bytes(String text) {
    return Failures.inRange(spec.commandLine(), () -> TracePoints.bytes(text));
  }

  private static void requireWithin(long budget, Explanation explanation) {
    if (explanation.bytes() > budget) {
      throw new IllegalArgumentException(
          "the run would deliver %d bytes, but --budget is %d; the largest part is %s"
              .formatted(explanation.bytes(), budget, explanation.largest()));
    }
  }

  private void record(
      Model model, SessionOptions options, int[] ids, List<Point> recorded, Path file)
      throws IOException {
    try (Session session = model.newSession(options);
        CtrlC _ = CtrlC.calls(session::cancel);
        SafetensorsWriter writer = SafetensorsWriter.of(file)) {
      var recorder = new TraceRecorder(recorded, writer);
      recorder.listenTo(session);
      edits
          .intervene(session, model.info())
          .ifPresent(declared -> writer.metadata("edits", declared));
      int[] generated = record(session, recorder, ids);
      writer.metadata("ids", TokenIds.print(ids));
      writer.metadata("generated_ids", TokenIds.print(generated));
      writer.metadata("model", model.info().name());
      writer.metadata("points", points);
      writer.metadata("steps", Integer.toString(steps));
      writer.metadata("kv", "f32");
      writer.commit();
      console
          .err()
          .printf(
              "%s: %d tensors, a prompt of %d tokens, %d steps%n",
              file, recorder.tensors(), ids.length, steps);
    }
  }

  private void requireRoom(int promptLength, int contextLength) {
    if (promptLength == 0) {
      throw new IllegalArgumentException("the prompt has no tokens");
    }
    if (promptLength > contextLength - steps) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens and %d steps do not fit in the context, which has room for %d"
              .formatted(promptLength, steps, contextLength));
    }
  }

  /// The prompt, then greedy steps: the generation of one token more, which is not passed through.
  ///
  /// @return the tokens of the steps
  private int[] record(Session session, TraceRecorder recorder, int[] ids) {
    var progress = new Progress(console.err());
    session.addListener(
        new StepListener() {
          @Override
          public void onStepStart(StepStart start) {
            int step = start.step();
            if (step > 0) {
              progress.say("step %d of %d", step, steps);
            }
            recorder.begin(
                step == 0 ? "" : "step." + step + ".", start.firstPosition(), start.rows());
          }
        });
    GenerationOptions greedy =
        GenerationOptions.defaults()
            .sampler(Sampler.greedy())
            .ignoreEndOfText()
            .maxTokens(steps == 0 ? 0 : steps + 1);
    try {
      Generation generation = session.generate(ids, greedy);
      if (generation.end() == EndReason.CANCELLED) {
        throw new CancellationException("the trace was cancelled");
      }
      return generation.ids().stream().limit(steps).mapToInt(Integer::intValue).toArray();
    } catch (ListenerException e) {
      if (e.getCause() instanceof UncheckedIOException unwritable) {
        throw unwritable;
      }
      throw e;
    }
  }

  /// The points for the help.
  static final class PointNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Hook.catalogue().iterator();
    }
  }
}
