package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.format.SafetensorsWriter;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
          + " at every position to a safetensors file, as float32. The KV cache is float32.",
      "A tensor has the name of its point, and step.N. before it in greedy step N, from 1 on. Its"
          + " shape is [T, M] for T positions and width M; [T, H, D] for hook_z, H heads of size D;"
          + " [H, T, K] for hook_pattern, K keys, 0 where a position sees none; [T, V] for logits."
          + " T is the length of the prompt, and 1 in a step.",
      "The file's metadata has ids (of the prompt), generated_ids (of the steps), model, points,"
          + " steps, kv and edits."
    })
final class Trace implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private PromptSource prompt = new PromptSource();

  @Option(
      names = "--no-special",
      description = "Take special tokens in the text, such as <|im_start|>, as plain text.")
  private boolean plain;

  @Option(
      names = "--points",
      required = true,
      paramLabel = "POINTS",
      description =
          "Names of points, separated by commas, * standing for any characters; or all. Points of"
              + " a llama: ${COMPLETION-CANDIDATES}.",
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
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write. One that is there is replaced when all is done.")
  private Path out = Path.of("");

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
    SessionOptions options =
        threads.apply(SessionOptions.defaults().keyValueType(KeyValueType.F32));
    SafetensorsWriter.of(out).close(); // tells now, not at the end, if it cannot be written
    try (Model model = modelFile.load(console);
        Session session = model.newSession(options);
        CtrlC _ = CtrlC.calls(session::cancel);
        SafetensorsWriter writer = SafetensorsWriter.of(out)) {
      int[] ids = prompt.encode(model.tokenizer(), plain, console);
      requireRoom(ids.length, session.contextLength());
      var recorder = TraceRecorder.of(points, model.info(), writer);
      session.addListener(recorder);
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
              out, recorder.tensors(), ids.length, steps);
    }
    return 0;
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

  /// The prompt, then greedy steps.
  ///
  /// @return the tokens of the steps
  private int[] record(Session session, TraceRecorder recorder, int[] ids) {
    var progress = new Progress(console.err());
    var generated = new int[steps];
    try {
      recorder.begin("", 0, ids.length);
      session.append(ids);
      for (int step = 1; step <= steps; step++) {
        progress.say("step %d of %d", step, steps);
        generated[step - 1] = session.logits().argmax();
        recorder.begin("step." + step + ".", session.length(), 1);
        session.append(generated[step - 1]);
      }
    } catch (ListenerException e) {
      if (e.getCause() instanceof UncheckedIOException unwritable) {
        throw unwritable;
      }
      throw e;
    }
    return generated;
  }

  /// The points for the help.
  static final class PointNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Hook.catalogue().iterator();
    }
  }
}
