package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

final class CommandLineTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          InputStream.nullInputStream(),
          new PrintStream(out, true, UTF_8),
          new PrintStream(err, true, UTF_8));

  @Test
  void helpGoesToTheStandardOutputAndIsASuccess() {
    assertThat(run("--help")).isZero();
    assertThat(output()).contains("Usage: inferno", "--verbose", "--version", "Exit codes");
    assertThat(errors()).isEmpty();
  }

  @Test
  void everyCommandHasHelpThatNamesItsOptions() {
    assertThat(run("probe", "--help")).isZero();
    assertThat(output()).contains("Usage: inferno probe", "--temp", "--verbose", "--version");
  }

  @Test
  void versionNamesTheProgramAndItsJava() {
    assertThat(run("--version")).isZero();
    assertThat(output()).startsWith("inferno ").contains(System.getProperty("java.version"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--bogus", "bogus", "probe --bogus", "probe --temp=warm", ""})
  void whatIsNotUnderstoodIsOneLineAndExitCode2(String arguments) {
    assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);
    assertThat(output()).isEmpty();
    assertThat(errors()).startsWith("inferno").endsWith("--help)\n").hasLineCount(1);
  }

  @Test
  void anOptionThatIsUnknownIsNamed() {
    run("probe", "--bogus");
    assertThat(errors())
        .isEqualTo("inferno probe: Unknown option: '--bogus' (see inferno probe --help)\n");
  }

  @Test
  void aValueOutOfRangeIsExitCode2() {
    assertThat(run("probe", "--temp=-1")).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            "inferno probe: temperature must be at least 0, but is -1.0"
                + " (see inferno probe --help)\n");
  }

  @Test
  void aFailureIsOneLineAndExitCode1() {
    assertThat(run("probe", "--read=no/such/file")).isEqualTo(1);
    assertThat(output()).isEmpty();
    assertThat(errors()).isEqualTo("inferno probe: no/such/file: no such file\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--verbose probe --read=nofile", "probe --verbose --read=nofile"})
  void aStackTraceIsShownOnlyWhenAskedFor(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(1);
    assertThat(errors()).contains("nofile: no such file", "\tat ", "NoSuchFileException");
  }

  @Test
  void outputIsUtf8() {
    assertThat(run("probe")).isZero();
    assertThat(out.toByteArray()).isEqualTo("größer 火\n".getBytes(UTF_8));
  }

  @Test
  void outputThatCannotBeWrittenIsAFailure() {
    var closed = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    closed.close();
    closed.print("lost");
    var broken = new Console(console.in(), closed, console.err());
    assertThat(Main.run(broken, List.of(), "--version")).isEqualTo(1);
    assertThat(errors()).endsWith("inferno: the output could not be written completely\n");
  }

  @Test
  void aMessageOfSeveralLinesBecomesOne() {
    assertThat(Failures.message(new IllegalStateException("first\n  second\r\n")))
        .isEqualTo("first second");
    assertThat(Failures.message(new IllegalStateException())).isEqualTo("IllegalStateException");
  }

  private int run(String... arguments) {
    var commands = new ArrayList<>(Main.commands(console));
    commands.add(new Probe(console));
    return Main.run(console, commands, arguments);
  }

  private String output() {
    return out.toString(UTF_8);
  }

  private String errors() {
    return err.toString(UTF_8);
  }

  /// A command as they all are: options in, results to the console, failures thrown.
  @Command(name = "probe", description = "A command for this test.")
  static final class Probe implements Callable<Integer> {
    private final Console console;
    @Spec private CommandSpec spec;

    @Option(names = "--temp", paramLabel = "T", description = "At least 0.")
    private float temperature = 0.8f;

    @Option(names = "--read", paramLabel = "FILE", description = "A file.")
    private String file = "";

    Probe(Console console) {
      this.console = console;
    }

    @Override
    public Integer call() throws Exception {
      float checked = Failures.inRange(spec.commandLine(), () -> atLeastZero(temperature));
      assertThat(checked).isNotNegative();
      console.out().print(file.isEmpty() ? "größer 火\n" : Files.readString(Path.of(file)));
      return 0;
    }

    private static float atLeastZero(float temperature) {
      if (temperature < 0) {
        throw new IllegalArgumentException("temperature must be at least 0, but is " + temperature);
      }
      return temperature;
    }
  }
}
