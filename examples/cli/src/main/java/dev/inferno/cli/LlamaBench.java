package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/// `llama-bench`, llama.cpp's own benchmark, measured beside ours.
///
/// @param program where it is
record LlamaBench(Path program) {
  private static final List<String> NAMES = List.of("llama-bench", "llama-bench.exe");

  /// The program at a path.
  ///
  /// @throws IOException if there is none
  static LlamaBench at(Path program) throws IOException {
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      throw new IOException("--peer: %s is no program".formatted(program));
    }
    return new LlamaBench(program);
  }

  /// The first one in a list of folders.
  ///
  /// @param folders as the environment variable `PATH` has them
  /// @throws IOException if there is none
  static LlamaBench onPath(String folders) throws IOException {
    for (String folder : folders.split(File.pathSeparator, -1)) {
      for (String name : NAMES) {
        Path program = Path.of(folder, name);
        if (!folder.isEmpty() && Files.isRegularFile(program) && Files.isExecutable(program)) {
          return new LlamaBench(program);
        }
      }
    }
    throw new IOException(
        "--peer: there is no llama-bench on the PATH; --peer=/path/to/llama-bench names one");
  }

  /// Runs a workload once, in a process of its own, which warms up by itself.
  ///
  /// @return tokens per second
  /// @throws IOException if it fails, or says something else than it should
  /// @throws CancellationException if all is to end; its process is gone then
  double run(BenchWorkload workload, Path model, int threads, KeyValueType type, Stop stop)
      throws IOException {
    boolean prompt = workload.kind() == BenchWorkload.Kind.PROMPT;
    String tokens = Integer.toString(workload.tokens());
    String cache = type.name().toLowerCase(Locale.ROOT);
    Path errors = Files.createTempFile("llama-bench", ".txt");
    try {
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "-m",
                  model.toString(),
                  "-p",
                  prompt ? tokens : "0",
                  "-n",
                  prompt ? "0" : tokens,
                  "-d",
                  Integer.toString(workload.depth()),
                  "-t",
                  Integer.toString(threads),
                  "-ctk",
                  cache,
                  "-ctv",
                  cache,
                  "-r",
                  "1",
                  "-o",
                  "json")
              .redirectError(errors.toFile())
              .start();
      try {
        stop.during(() -> end(process));
        process.getOutputStream().close();
        byte[] answer = process.getInputStream().readAllBytes();
        int exitCode = process.waitFor();
        stop.check();
        if (exitCode != 0) {
          throw new IOException(
              "%s: exit code %d: %s".formatted(program, exitCode, reason(exitCode, errors)));
        }
        return tokensPerSecond(answer);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      } finally {
        end(process);
      }
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  /// Whatever it has started, too.
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }

  /// The last line of its errors, or what its exit code says where there is none.
  private static String reason(int exitCode, Path errors) throws IOException {
    String text = new String(Files.readAllBytes(errors), UTF_8);
    String other =
        exitCode > 128
            ? "ended by signal %d, without a word".formatted(exitCode - 128)
            : "it says no more";
    return text.lines().filter(line -> !line.isBlank()).reduce((_, line) -> line).orElse(other);
  }

  private double tokensPerSecond(byte[] answer) throws IOException {
    if (answer.length == 0) {
      throw new IOException(program + ": its answer is empty, must be JSON");
    }
    JsonNode results;
    try {
      results = Json.read(answer);
    } catch (IOException e) {
      throw new IOException(program + ": its answer is " + Failures.message(e), e);
    }
    double speed = results.path(0).path("avg_ts").asDouble();
    if (results.size() != 1 || !(speed > 0)) {
      throw new IOException(
          "%s: its answer has %d results, and avg_ts of the first is '%s'; one result with a positive number was expected"
              .formatted(program, results.size(), results.path(0).path("avg_ts").asText()));
    }
    return speed;
  }
}
