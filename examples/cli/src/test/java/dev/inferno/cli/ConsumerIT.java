package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The project in `examples/consumer` against the packaged jars: whoever depends on the library
/// compiles with every warning an error, and sees the same tokens chosen with or without modules
/// and the vector module.
final class ConsumerIT {
  /// The flag that the warning names.
  private static final String FLAG = "--add-modules jdk.incubator.vector";

  /// A model that computes slowly says so once.
  private static final int WARNINGS_WITHOUT_THE_VECTOR_MODULE = 1;

  /// How the bundled model goes on, from its goldens; the likeliest token leads by 0.6 or more at
  /// each step.
  private static final List<Integer> IDS = List.of(1228, 13, 303, 441, 343, 1260);

  /// The tokens of the prompt, the first of which marks its beginning.
  private static final int PROMPT_TOKENS = 6;

  private static final Path MODEL =
      Path.of("src", "main", "resources", "dev", "inferno", "cli", "models", BundledModel.NAME);

  private static final Path SOURCES = Path.of("..", "consumer", "src", "main");
  private static final Path LIBRARIES = Path.of("target", "lib");
  private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

  @TempDir private Path classes;

  @ParameterizedTest(name = "modules: {0}, vector module: {1}")
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void compilesWithoutAWarningAndGivesTheSameTokens(boolean modules, boolean vectorModule)
      throws Exception {
    assertThat(compile(modules)).isEqualTo(new Result(0, "", ""));

    Result run = run(modules, vectorModule);
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines)
        .endsWith("ids " + IDS, "text Paris. The capital of France")
        .hasSize(2 * IDS.size() + 2);
    for (int step = 0; step < IDS.size(); step++) {
      assertThat(lines.get(2 * step))
          .matches("attention( [01]\\.\\d\\d){%d}".formatted(PROMPT_TOKENS + step));
      assertThat(lines.get(2 * step + 1))
          .startsWith("selection of %d with ".formatted(IDS.get(step)));
    }
    assertThat(run.err().lines().filter(line -> line.contains(FLAG)))
        .as(run.err())
        .hasSize(vectorModule ? 0 : WARNINGS_WITHOUT_THE_VECTOR_MODULE);
  }

  private Result compile(boolean modules) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JDK.resolve("javac").toString()));
    command.addAll(List.of("-Xlint:all", "-Werror", "-d", classes.toString()));
    command.addAll(List.of(modules ? "--module-path" : "--class-path", libraries()));
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      sources
          .filter(source -> source.toString().endsWith(".java"))
          .filter(source -> modules || !source.startsWith(SOURCES.resolve("module")))
          .map(Path::toString)
          .forEach(command::add);
    }
    return Result.of(command);
  }

  private Result run(boolean modules, boolean vectorModule)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JDK.resolve("java").toString()));
    if (vectorModule) {
      command.addAll(List.of(FLAG.split(" ")));
    }
    String path = libraries() + File.pathSeparator + classes;
    command.addAll(
        modules
            ? List.of(
                "--module-path", path, "--module", "com.example.consumer/com.example.consumer.Main")
            : List.of("--class-path", path, "com.example.consumer.Main"));
    command.add(MODEL.toString());
    return Result.of(command);
  }

  /// What a dependency on the core brings with it: itself, its two sisters, and jackson-core.
  private static String libraries() {
    return Stream.of("inferno-core", "inferno-tokenizer", "inferno-sampler", "jackson-core")
        .map(name -> LIBRARIES.resolve(name + ".jar"))
        .map(jar -> jar.toAbsolutePath().toString())
        .reduce((first, second) -> first + File.pathSeparator + second)
        .orElseThrow();
  }

  /// How a process ended and what it wrote.
  private record Result(int exitCode, String out, String err) {
    static Result of(List<String> command) throws IOException, InterruptedException {
      Path err = Files.createTempFile("consumer", ".err");
      try {
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Result(process.waitFor(), out, Files.readString(err));
      } finally {
        Files.delete(err);
      }
    }
  }
}
