package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures the speed of a model.
@Command(
    name = "bench",
    description = {
      "Measures how many tokens a second pass through a model: of a prompt (prefill), and one by"
          + " one, each the likeliest after those before it (decode). Both begin with an empty"
          + " context; the prompt is random, the same every time."
    })
final class Bench implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @Option(
      names = {"-p", "--prompt-tokens"},
      paramLabel = "N",
      description = "Tokens of the prompt: 0 or more, 0 leaves it out. Default: ${DEFAULT-VALUE}.")
  private int promptTokens = 512;

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      description = "Tokens to decode: 0 or more, 0 leaves it out. Default: ${DEFAULT-VALUE}.")
  private int decodedTokens = 128;

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
      names = "--json",
      description =
          "Print one object: model, architecture, quantization, parameters, bytes, kv, threads,"
              + " cpu, java, prompt_tokens, decode_tokens, repetitions, and prefill_tps and"
              + " decode_tps, each with min, mean, max and all runs, or null if left out.")
  private boolean json;

  Bench(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    require(promptTokens >= 0, "--prompt-tokens must be at least 0, but is " + promptTokens);
    require(decodedTokens >= 0, "--max-tokens must be at least 0, but is " + decodedTokens);
    require(promptTokens + (long) decodedTokens > 0, "there is nothing to measure: -p 0 -n 0");
    require(repetitions >= 1, "--repetitions must be at least 1, but is " + repetitions);
    require(warmUps >= 0, "--warm-up must be at least 0, but is " + warmUps);
    SessionOptions options = threads.apply(SessionOptions.defaults().keyValueType(keyValueType));
    try (Model model = modelFile.load(console)) {
      requireRoom(model.info());
      int[] prompt = new Random(1).ints(promptTokens, 0, model.info().vocabulary()).toArray();
      double[] prefill =
          measure("prefill", promptTokens, model, options, session -> prefill(session, prompt));
      double[] decode = measure("decode", decodedTokens, model, options, this::decode);
      report(model.info(), prefill, decode);
    }
    return 0;
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private void requireRoom(ModelInfo model) {
    int most = Math.max(promptTokens, decodedTokens);
    if (most > model.contextLength()) {
      throw new IllegalArgumentException(
          "%d tokens do not fit in the context, which has room for %d"
              .formatted(most, model.contextLength()));
    }
  }

  /// Seconds of a prompt.
  private static double prefill(Session session, int[] prompt) {
    long start = System.nanoTime();
    session.append(prompt);
    return (System.nanoTime() - start) / 1e9;
  }

  /// Seconds of one token after the other.
  private double decode(Session session) {
    int next = 0;
    long start = System.nanoTime();
    for (int i = 0; i < decodedTokens; i++) {
      session.append(next);
      next = session.logits().argmax();
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /// Tokens per second of each repetition.
  private double[] measure(
      String what, int tokens, Model model, SessionOptions options, ToDoubleFunction<Session> run) {
    var speeds = new double[tokens == 0 ? 0 : repetitions];
    for (int i = tokens == 0 ? 0 : -warmUps; i < speeds.length; i++) {
      try (Session session = model.newSession(options)) {
        double speed = tokens / run.applyAsDouble(session);
        console
            .err()
            .printf(
                Locale.ROOT,
                "%s %s: %.1f tokens/s%n",
                what,
                i < 0 ? "warm-up" : (i + 1) + " of " + repetitions,
                speed);
        if (i >= 0) {
          speeds[i] = speed;
        }
      }
    }
    return speeds;
  }

  private void report(ModelInfo model, double[] prefill, double[] decode) throws IOException {
    String java = System.getProperty("java.version") + " " + System.getProperty("java.vm.name");
    if (json) {
      ObjectNode result = Json.object();
      result.put("model", model.name());
      result.put("architecture", model.architecture());
      result.put("quantization", model.quantization());
      result.put("parameters", model.parameters());
      result.put("bytes", model.sizeBytes());
      result.put("kv", keyValueType.name().toLowerCase(Locale.ROOT));
      result.put("threads", threads.count());
      result.put("cpu", processor());
      result.put("java", java);
      result.put("prompt_tokens", promptTokens);
      result.put("decode_tokens", decodedTokens);
      result.put("repetitions", repetitions);
      putSpeeds(result, "prefill_tps", prefill);
      putSpeeds(result, "decode_tps", decode);
      Json.print(result, console);
      return;
    }
    console
        .out()
        .printf(
            Locale.ROOT,
            "%s: %s, %s, %,d parameters, %,d bytes%n",
            model.name(),
            model.architecture(),
            model.quantization(),
            model.parameters(),
            model.sizeBytes());
    console
        .out()
        .printf(
            Locale.ROOT,
            "%s, %d threads, Java %s, KV cache %s%n",
            processor(),
            threads.count(),
            java,
            keyValueType);
    print("prefill", promptTokens, prefill);
    print("decode", decodedTokens, decode);
  }

  private static void putSpeeds(ObjectNode result, String name, double[] speeds) {
    if (speeds.length == 0) {
      result.putNull(name);
      return;
    }
    var statistics = Arrays.stream(speeds).summaryStatistics();
    ObjectNode object = result.putObject(name);
    object.put("min", statistics.getMin());
    object.put("mean", statistics.getAverage());
    object.put("max", statistics.getMax());
    var runs = object.putArray("runs");
    for (double speed : speeds) {
      runs.add(speed);
    }
  }

  private void print(String what, int tokens, double[] speeds) {
    if (speeds.length > 0) {
      var statistics = Arrays.stream(speeds).summaryStatistics();
      console
          .out()
          .printf(
              Locale.ROOT,
              "%-8s %5d tokens: %9.1f tokens/s (%.1f to %.1f in %d runs)%n",
              what,
              tokens,
              statistics.getAverage(),
              statistics.getMin(),
              statistics.getMax(),
              speeds.length);
    }
  }

  /// The name of the processor where the system tells, else its architecture.
  private static String processor() {
    Path file = Path.of("/proc/cpuinfo");
    if (Files.isReadable(file)) {
      try (var lines = Files.lines(file)) {
        return lines
            .filter(line -> line.startsWith("model name") && line.contains(":"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElseGet(() -> System.getProperty("os.arch"));
      } catch (IOException | java.io.UncheckedIOException e) {
        // as if there were no such file
      }
    }
    return System.getProperty("os.arch");
  }
}
