package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.MachineLimits;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.cli.BenchWorkload.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures the speed of a model.
@Command(
    name = "bench",
    description = {
      "Measures how many tokens a second pass through a model: of a prompt, up to the logits of its"
          + " last token (pp512), and one by one (tg128). Tokens are random, the same every time,"
          + " and none is chosen, but by --sessions, of which each takes the likeliest. A speed is"
          + " the median of its repetitions; the spread is beside it.",
      "Beside each stands its roofline, the speed that this machine cannot exceed, from the memory"
          + " bandwidth and the multiply-adds measured in between, with as many threads: for a"
          + " prompt, operations a second by operations a token; for one token after the other,"
          + " bytes a second by the bytes of weights and cache that a token reads. Ctrl-C stops it."
    })
final class Bench implements Callable<Integer> {
  private final Console console;
  private final Stop stop = new Stop();

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @Option(
      names = {"-p", "--prompt-tokens"},
      paramLabel = "N",
      split = ",",
      description =
          "Tokens of the prompt: 0 or more, 0 leaves it out; several, separated by commas, are"
              + " measured one after the other. Default: 512.")
  private List<Integer> promptTokens = List.of(512);

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      split = ",",
      description =
          "Tokens to decode: 0 or more, 0 leaves it out; several, separated by commas. Default:"
              + " 128.")
  private List<Integer> decodedTokens = List.of(128);

  @Option(
      names = {"-d", "--depth"},
      paramLabel = "N",
      split = ",",
      description =
          "Tokens that the cache holds before, not measured: 0 or more; several, separated by"
              + " commas, have all of -p and -n each (tg128@d1024). Default: 0.")
  private List<Integer> depths = List.of(0);

  @Option(
      names = "--sessions",
      paramLabel = "N",
      description =
          "Measure also N sessions that decode side by side, and count the tokens of all (tg128x8)."
              + " 1 or more. Their roofline is the lower one of memory and arithmetic. Default:"
              + " ${DEFAULT-VALUE}.")
  private int sessions = 1;

  @Mixin private LoadingOptions loading;
  @Mixin private ThreadsOption threads;

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      description = "How often each is measured: 1 or more. Default: ${DEFAULT-VALUE}.")
  private int repetitions = 5;

  @Option(
      names = {"-w", "--warm-up"},
      paramLabel = "N",
      description =
          "How often each is done before, unmeasured: 0 or more. Default: ${DEFAULT-VALUE}.")
  private int warmUps = 2;

  @Option(
      names = "--kv",
      paramLabel = "TYPE",
      description =
          "Number format of the KV cache: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private KeyValueType keyValueType = KeyValueType.F16;

  @Option(
      names = "--peer",
      arity = "0..1",
      paramLabel = "PATH",
      fallbackValue = "",
      preprocessor = OnlyAttached.class,
      description =
          "Measure llama.cpp's llama-bench too, on the same GGUF file, a repetition of ours and one"
              + " of its in turn. --peer takes the one on the PATH, --peer=PATH any.")
  private Optional<String> peer = Optional.empty();

  @Option(
      names = "--json",
      description = {
        "Print one object: {\"cpu\":\"\",\"jdk\":\"\",\"vector_bits\":0,\"threads\":0,"
            + "\"bandwidth_gbs\":0,\"fma_gflops\":0,\"rows\":[{\"test\":\"pp512\",\"tps\":0,"
            + "\"min\":0,\"max\":0,\"roofline_tps\":0,\"ratio\":0}]}.",
        "Then follow what was measured (model, architecture, quantization, parameters, bytes,"
            + " bytes_per_token, kv, round_activations, jdk_flags, repetitions, warm_ups) and in each row tokens,"
            + " depth, sessions, runs, and with --peer an object peer: tps, min, max, and ratio,"
            + " ours by theirs."
      })
  private boolean json;

  private Optional<IOException> peerFailure = Optional.empty();

  Bench(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<BenchWorkload> workloads = Failures.inRange(spec.commandLine(), this::workloads);
    Optional<LlamaBench> llama = peer();
    SessionOptions options = threads.apply(SessionOptions.defaults().keyValueType(keyValueType));
    try (Model model = modelFile.load(console, loading.options());
        CtrlC _ = CtrlC.calls(stop::stop)) {
      requireRoom(workloads, model);
      BenchReport report = measure(workloads, model, options, llama);
      if (json) {
        report.printJson(console);
      } else {
        report.print(console);
      }
    } catch (CancellationException e) {
      throw new IOException("stopped before everything was measured", e);
    }
    if (peerFailure.isPresent()) {
      throw peerFailure.get();
    }
    return 0;
  }

  private List<BenchWorkload> workloads() {
    require("--prompt-tokens", promptTokens, 0);
    require("--max-tokens", decodedTokens, 0);
    require("--depth", depths, 0);
    require("--sessions", List.of(sessions), 1);
    require("--repetitions", List.of(repetitions), 1);
    require("--warm-up", List.of(warmUps), 0);
    List<BenchWorkload> workloads = new ArrayList<>();
    for (int depth : depths) {
      for (int tokens : promptTokens) {
        workloads.add(new BenchWorkload(Kind.PROMPT, tokens, depth, 1));
      }
      for (int tokens : decodedTokens) {
        workloads.add(new BenchWorkload(Kind.DECODE, tokens, depth, 1));
        if (sessions > 1) {
          workloads.add(new BenchWorkload(Kind.DECODE, tokens, depth, sessions));
        }
      }
    }
    workloads.removeIf(workload -> workload.tokens() == 0);
    if (workloads.isEmpty()) {
      throw new IllegalArgumentException("there is nothing to measure: -p 0 -n 0");
    }
    return workloads.stream().distinct().toList();
  }

  private static void require(String option, List<Integer> values, int least) {
    for (int value : values) {
      if (value < least) {
        throw new IllegalArgumentException(
            "%s must be at least %d, but is %d".formatted(option, least, value));
      }
    }
  }

  /// The program to measure beside, if one is asked for.
  private Optional<LlamaBench> peer() throws IOException {
    if (peer.isEmpty()) {
      return Optional.empty();
    }
    if (modelFile.gguf().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--peer needs the path of a GGUF file, which both can read");
    }
    String path = peer.get();
    return Optional.of(
        path.isEmpty()
            ? LlamaBench.onPath(System.getenv().getOrDefault("PATH", ""))
            : LlamaBench.at(Path.of(path)));
  }

  private static void requireRoom(List<BenchWorkload> workloads, Model model) {
    int room = model.info().contextLength();
    for (BenchWorkload workload : workloads) {
      if (workload.positions() > room) {
        throw new IllegalArgumentException(
            "%s: %d tokens do not fit in the context, which has room for %d"
                .formatted(workload.title(), workload.positions(), room));
      }
    }
  }

  private BenchReport measure(
      List<BenchWorkload> workloads,
      Model model,
      SessionOptions options,
      Optional<LlamaBench> llama)
      throws IOException {
    int count = options.threads().orElse(MachineLimits.threads());
    double bandwidth = 0;
    double multiplyAdds = 0;
    List<BenchReport.Row> rows = new ArrayList<>();
    try (MachineLimits limits = MachineLimits.open()) {
      for (BenchWorkload workload : workloads) {
        var row = new BenchReport.Row(workload, new Speeds(), new Speeds());
        rows.add(row);
        try (BenchSessions set = BenchSessions.of(workload, model, options, stop)) {
          for (int i = 1; i <= warmUps; i++) {
            say(workload, "warm-up %d of %d: %.1f tokens/s", i, warmUps, set.run());
          }
          for (int i = 1; i <= repetitions; i++) {
            stop.check();
            bandwidth = Math.max(bandwidth, limits.bandwidth(count));
            multiplyAdds = Math.max(multiplyAdds, limits.fusedMultiplyAdds(count));
            row.ours().add(set.run());
            say(workload, "%d of %d: %.1f tokens/s", i, repetitions, row.ours().runs().getLast());
            if (llama.isPresent() && peerFailure.isEmpty() && workload.sessions() == 1) {
              measurePeer(llama.get(), row, count, i);
            }
          }
        }
      }
    }
    return new BenchReport(
        model,
        keyValueType,
        loading.isRounding(),
        count,
        repetitions,
        warmUps,
        bandwidth,
        multiplyAdds,
        rows);
  }

  /// Once llama-bench has failed it is not run again; our own rows are measured to the end.
  private void measurePeer(LlamaBench llama, BenchReport.Row row, int count, int i) {
    BenchWorkload workload = row.workload();
    try {
      Path file = modelFile.gguf().orElseThrow();
      row.peer().add(llama.run(workload, file, count, keyValueType, stop));
      double speed = row.peer().runs().getLast();
      say(workload, "%d of %d: llama.cpp: %.1f tokens/s", i, repetitions, speed);
    } catch (IOException e) {
      peerFailure = Optional.of(e);
      say(workload, "%d of %d: llama.cpp failed; the rest is without it", i, repetitions);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private void say(BenchWorkload workload, String format, Object... arguments) {
    String text = String.format(Locale.ROOT, format, arguments);
    console.err().println(workload.title() + " " + text);
  }

  /// `--peer=PATH` names a program, but in `--peer MODEL` the next word is the model.
  static final class OnlyAttached implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (!"=".equals(info.get("separator"))) {
        arguments.push("");
      }
      return false;
    }
  }
}
