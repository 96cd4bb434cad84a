package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The packaged program, started by the launcher in an environment that says nothing of UTF-8. What
/// is not ASCII is written into a script, as a JVM whose locale is not UTF-8 could not pass it on.
@DisabledOnOs(OS.WINDOWS)
final class ProgramIT {
  private static final Path REPOSITORY = Path.of("..", "..");
  private static final Path LIBRARIES = Path.of("target", "lib").toAbsolutePath();

  @TempDir private Path root;

  /// A checkout that is built already: the launcher finds the jars of this build.
  @BeforeEach
  void checkOut() throws IOException {
    Files.createDirectories(root.resolve(".mvn"));
    Files.copy(REPOSITORY.resolve("inferno"), root.resolve("inferno"));
    Files.copy(REPOSITORY.resolve(".mvn/find-jdk.sh"), root.resolve(".mvn/find-jdk.sh"));
    Files.createFile(root.resolve("pom.xml"));
    for (String module :
        List.of("core", "tokenizer", "sampler", "examples/cli", "examples/visualizer")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.createFile(root.resolve(module).resolve("pom.xml"));
    }
    Path jars = Files.createDirectories(root.resolve("examples/cli/target/fast/lib"));
    for (File jar : LIBRARIES.toFile().listFiles()) {
      Files.copy(jar.toPath(), jars.resolve(jar.getName()));
    }
    Files.createFile(jars.resolveSibling("built"));
    Files.write(root.resolve("model.gguf"), BundledModel.bytes());
  }

  @Test
  void textIsUtf8WhateverTheLocale() throws IOException, InterruptedException {
    assertThat(
            run(
                """
                mkdir 'größe 火'
                mv model.gguf 'größe 火/modèle.gguf'
                inferno tokenize 'größe 火/modèle.gguf' --bos never --text 'café ❤️'
                printf '"caf\\\\u00e9 ❤️"\\n"café ❤️"\\n' | inferno tokenize --jsonl --bos never
                ids=$(inferno tokenize 'größe 火/modèle.gguf' --bos never --text 'café ❤️')
                inferno detokenize --ids "$ids"
                inferno run 'größe 火/modèle.gguf' --prompt 'café ❤️' --greedy --json --max-tokens 4
                inferno run 'größe 火/nichts.gguf' --prompt a 2>&1 | grep -v incubator
                """))
        .matches(
            """
            (\\[[0-9,]+])
            \\1
            \\1
            café ❤️
            \\{"prompt_ids":\\[2043,.*
            inferno run: cannot read größe 火/nichts.gguf: there is no such file
            """);
  }

  @Test
  void whatTheModelSaysIsUtf8() throws IOException, InterruptedException {
    // Golden: this greeting is answered with a sun.
    String prompt = "Bonjour, je m'appelle Zoe. J'aime le café ❤️";
    String run = run("inferno run --prompt \"" + prompt + "\" --greedy --max-tokens 7");
    assertThat(run).contains("☀️");
  }

  @Test
  void aChatThroughPipesIsNothingButText() throws IOException, InterruptedException {
    assertThat(
            run(
                """
                printf 'Bonjour, je suis Zoe ❤️\\n/save chat.json\\n/quit\\n' >lines
                inferno chat --greedy --max-tokens 12 <lines
                echo "exit code $?"
                head -n 2 chat.json
                """))
        .doesNotContain("\u001b")
        .matches(
            "(?s).+\\nexit code 0\\n\\[\\n\\{\"role\":\"user\",\"content\":\"Bonjour, je suis Zoe"
                + " ❤️\"},\\n");
  }

  @Test
  void aProgramThatIsToEndBringsItsTextOutFirst() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-p",
                LIBRARIES.toString(),
                "-m",
                "dev.inferno.cli/dev.inferno.cli.Main",
                "run",
                "--prompt=Once",
                "--greedy",
                "--ignore-eos",
                "--ctx=100000",
                "--max-tokens=100000")
            .redirectError(root.resolve("err").toFile())
            .start();
    try (InputStream out = process.getInputStream()) {
      assertThat(out.read()).isPositive();
      process.toHandle().destroy(); // as kill does; Ctrl-C is the same with another number
      String text = new String(out.readAllBytes(), UTF_8);
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(text).endsWith("\n");
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(Files.readString(root.resolve("err"))).contains("[cancelled after ");
  }

  @Test
  void aFileThatIsNotWrittenIsNamedWhenTheProgramIsToEnd()
      throws IOException, InterruptedException {
    Path file = root.resolve("large.gguf");
    Path errors = root.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-p",
                LIBRARIES.toString(),
                "-m",
                "dev.inferno.cli/dev.inferno.cli.Main",
                "synth",
                "--shape=llama-3b",
                "--type=Q8_0",
                "--out=" + file)
            .redirectError(errors.toFile())
            .start();
    try {
      for (int i = 0; i < 600 && !Files.readString(errors).contains("writing"); i++) {
        Thread.sleep(50);
      }
      process.toHandle().destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(Files.readString(errors)).contains("interrupted; ", "is not written");
    try (Stream<Path> left = Files.list(root)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("large"))).isEmpty();
    }
  }

  private String run(String commands) throws IOException, InterruptedException {
    Path script = root.resolve("script.sh");
    Files.writeString(
        script,
        """
        cd '%s'
        inferno() {
          env -i PATH="$PATH" JAVA_HOME='%s' ./inferno "$@"
        }
        """
                .formatted(root, System.getProperty("java.home"))
            + commands);
    Process process =
        new ProcessBuilder("sh", script.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return out;
  }
}
