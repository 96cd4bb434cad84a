package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The launcher, in a checkout of its own with a JDK and a Maven that only tell how they were
/// called. What the checkout and its arguments are named is written into a script, as a JVM whose
/// locale is not UTF-8 could not pass it on.
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
  private static final Path REPOSITORY = Path.of("..", "..");
  private static final String ENVIRONMENT = "HOME=\"$root/home\" PATH=\"$root/bin\"";
  private static final List<String> TOOLS =
      List.of(
          "dirname",
          "env",
          "find",
          "flock",
          "head",
          "ln",
          "locale",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "touch");

  @TempDir private Path root;

  @BeforeEach
  void checkOut() throws IOException, InterruptedException {
    Files.createDirectories(root.resolve("bin"));
    for (String tool : TOOLS) {
      Optional<Path> found =
          Arrays.stream(System.getenv("PATH").split(":"))
              .map(folder -> Path.of(folder, tool))
              .filter(Files::isExecutable)
              .findFirst();
      if (found.isPresent()) {
        script("bin/" + tool, "exec " + found.get() + " \"$@\"\n");
      }
    }
    Files.copy(REPOSITORY.resolve("inferno"), root.resolve("inferno"));
    // The usual folders of this system are out of bounds: their JDKs would be found.
    String finder = Files.readString(REPOSITORY.resolve(".mvn/find-jdk.sh"));
    Files.writeString(
        root.resolve("find-jdk.sh"),
        finder.replaceAll(" /(?=(usr|opt|Library)/)", " " + root + "/system/"));
    script(
        "mvn",
        """
        echo "mvn $* with $JAVA_HOME" >>"$root/calls"
        [ ! -e "$root/broken" ] || exit 1
        mkdir -p examples/cli/target/fast/lib
        """);
    script(
        "java",
        """
        printf 'java LC_ALL=%s' "${LC_ALL:-}"
        for argument; do printf ' [%s]' "$argument"; done
        echo
        """);
    run(
        """
        checkout="$root/chéck out"
        for module in core tokenizer sampler examples/cli examples/visualizer; do
          mkdir -p "$checkout/$module/src/main"
          touch "$checkout/$module/pom.xml" "$checkout/$module/src/main/A.java"
        done
        touch "$checkout/pom.xml"
        mkdir "$checkout/.mvn"
        mv "$root/find-jdk.sh" "$checkout/.mvn/find-jdk.sh"
        mv "$root/inferno" "$checkout/inferno"
        ln -s "$root/mvn" "$root/bin/mvn"
        """);
  }

  @Test
  void handsArgumentsOnAsTheyAre() throws Exception {
    jdk("jdk", "25.0.3");
    assertThat(inferno("--prompt 'größer  火' '' '*' '$HOME' 'a\"b' \"it's\" 'back\\slash'"))
        .endsWith(
            "[dev.inferno.cli/dev.inferno.cli.Main] [--prompt] [größer  火] [] [*] [$HOME] [a\"b]"
                + " [it's] [back\\slash]\n");
  }

  @Test
  void startsFromAnotherFolderThroughLinks() throws Exception {
    jdk("jdk", "25.0.3");
    run(
        """
        mkdir "$root/links"
        ln -s "../chéck out/inferno" "$root/links/first"
        ln -s "$root/links/first" "$root/links/second"
        """);
    assertThat(
            run("cd \"$root/links\"; env -i " + ENVIRONMENT + " JAVA_HOME=\"$root/jdk\" ./second"))
        .contains("[-p] [" + root + "/chéck out/examples/cli/target/fast/lib] [-m]");
  }

  @Test
  void buildsOnFirstUseAndAfterAChange() throws Exception {
    jdk("jdk", "25.0.3");
    assertThat(inferno("--version")).startsWith("inferno: building with mvn");
    assertThat(inferno("--version")).startsWith("java ");
    assertThat(calls())
        .singleElement()
        .isEqualTo("mvn -q -B -Pfast,!format -pl examples/cli -am package with " + root + "/jdk");
    for (String change :
        List.of(
            "touch core/src/main/A.java",
            "rm tokenizer/src/main/A.java",
            "touch examples/visualizer/src/main/A.java",
            "touch pom.xml")) {
      run(
          """
          cd "$root/chéck out"
          find . -exec touch -t 200001010000 {} +
          touch -t 200101010000 examples/cli/target/fast/built
          """);
      assertThat(inferno("--version")).as("before %s", change).startsWith("java ");
      run("cd \"$root/chéck out\"; " + change);
      assertThat(inferno("--version")).as("after %s", change).startsWith("inferno: building");
    }
  }

  @Test
  void aBuildThatFailsIsToldAndTriedAgain() throws Exception {
    jdk("jdk", "25.0.3");
    Files.createFile(root.resolve("broken"));
    assertThat(inferno("--version; echo \"exit code $?\""))
        .endsWith("inferno: the build failed\nexit code 1\n");
    Files.delete(root.resolve("broken"));
    assertThat(inferno("--version")).startsWith("inferno: building").contains("java ");
  }

  @Test
  void takesTheWrapperWhereThereIsNoMaven() throws Exception {
    jdk("jdk", "25.0.3");
    run("rm \"$root/bin/mvn\"; ln -s \"$root/mvn\" \"$root/chéck out/mvnw\"");
    assertThat(inferno("--version")).contains("building with", "/mvnw;", "java ");
  }

  @Test
  void aLocaleThatIsNotUtf8IsReplaced() throws Exception {
    jdk("jdk", "25.0.3");
    assertThat(inferno("")).contains("java LC_ALL=C.UTF-8 ");
    assertThat(inferno("LC_ALL=POSIX", "")).contains("java LC_ALL=C.UTF-8 ");
    assertThat(inferno("LANG=C.UTF-8", "")).contains("java LC_ALL= ");
  }

  @Test
  void prefersAJavaHomeThatIsNewEnough() throws Exception {
    jdk("jdk", "26");
    jdk("other", "25.0.1");
    run("ln -s \"$root/other/bin/java\" \"$root/bin/java\"");
    inferno("");
    assertThat(calls()).last().asString().endsWith("with " + root + "/jdk");
  }

  @Test
  void takesTheJavaOnThePathWhereJavaHomeIsTooOld() throws Exception {
    jdk("jdk", "17.0.15");
    jdk("other", "25.0.1");
    run("ln -s \"$root/other/bin/java\" \"$root/bin/java\"");
    inferno("");
    assertThat(calls()).last().asString().endsWith("with " + root + "/other");
  }

  @Test
  void looksIntoTheUsualFoldersLast() throws Exception {
    jdk("jdk", "1.8.0_452");
    jdk("system/usr/lib/jvm/a-21", "21.0.2");
    jdk("home/.sdkman/candidates/java/25.0.2-tem", "25.0.2");
    inferno("");
    assertThat(calls()).last().asString().endsWith("/home/.sdkman/candidates/java/25.0.2-tem");
  }

  @Test
  void saysWhatItFoundWhereNothingIsNewEnough() throws Exception {
    jdk("jdk", "1.8.0_452");
    jdk("system/usr/lib/jvm/a-21", "21.0.2");
    jdk("system/opt/runtime-25", "25.0.2");
    Files.delete(root.resolve("system/opt/runtime-25/bin/javac"));
    assertThat(inferno("; echo \"exit code $?\""))
        .isEqualTo(
            """
            Inferno needs a JDK 25 or newer: install one, such as Temurin 25, or set JAVA_HOME.
            What was found:
              %1$s/jdk (Java 8)
              %1$s/system/usr/lib/jvm/a-21 (Java 21)
              %1$s/system/opt/runtime-25 (Java 25, without a compiler)
            exit code 1
            """
                .formatted(root));
    assertThat(calls()).isEmpty();
  }

  private String inferno(String arguments) throws IOException, InterruptedException {
    return inferno("", arguments);
  }

  private String inferno(String environment, String arguments)
      throws IOException, InterruptedException {
    return run(
        "env -i %s JAVA_HOME=\"$root/jdk\" %s \"$root/chéck out/inferno\" %s"
            .formatted(ENVIRONMENT, environment, arguments));
  }

  private List<String> calls() throws IOException {
    Path calls = root.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  /// Runs a piece of shell in which `$root` is the folder of this test; returns what it printed.
  private String run(String shell) throws IOException, InterruptedException {
    Path script = root.resolve("scenario.sh");
    Files.writeString(script, "root='" + root + "'\n" + shell);
    Process process = new ProcessBuilder("sh", script.toString()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }

  private void jdk(String folder, String version) throws IOException {
    Path bin = Files.createDirectories(root.resolve(folder).resolve("bin"));
    Files.copy(root.resolve("java"), bin.resolve("java"));
    Files.copy(root.resolve("java"), bin.resolve("javac"));
    Files.writeString(
        root.resolve(folder).resolve("release"),
        "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"%s\"\nMODULES=\"java.base\"\n".formatted(version));
  }

  private void script(String name, String body) throws IOException {
    Path script = root.resolve(name);
    Files.writeString(script, "#!/bin/sh\nroot='" + root + "'\n" + body);
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }
}
