package dev.inferno.cli;

import java.util.List;
import picocli.CommandLine;

/// Where the program starts.
public final class Main {
  private Main() {}

  /// Runs the command that the arguments name and ends the JVM with its exit code: 0 done, 1
  /// understood but failed, 2 not understood.
  public static void main(String[] args) {
    Console console = Console.ofProcess();
    int exitCode = run(console, commands(console), args);
    CtrlC.allIsSaid();
    System.exit(exitCode);
  }

  /// Every command, in the order of the help.
  static List<Object> commands(Console console) {
    return List.of(
        new Visualize(console),
        new Run(console),
        new ChatCommand(console),
        new Tokenize(console),
        new Detokenize(console),
        new Render(console),
        new Inspect(console),
        new Trace(console),
        new Lens(console),
        new Attribute(console),
        new Bench(console),
        new Perplexity(console),
        new Verify(console),
        new Quantize(console),
        new Convert(console),
        new Split(console),
        new Merge(console),
        new Synth(console));
  }

  /// Runs one of `commands` and returns the exit code.
  static int run(Console console, List<Object> commands, String... args) {
    var inferno = new Inferno();
    var commandLine = new CommandLine(inferno);
    commands.forEach(commandLine::addSubcommand);
    var failures = new Failures(console.err(), inferno::verbose);
    commandLine
        .setOut(console.outWriter())
        .setErr(console.errWriter())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false) // a prompt may begin with @
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures);
    int exitCode;
    try {
      exitCode = commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      exitCode = failures.report("inferno", e);
    }
    console.err().flush();
    if (console.out().checkError()) { // a full disk, a closed pipe: print methods only note it
      console.err().println("inferno: the output could not be written completely");
      return CommandLine.ExitCode.SOFTWARE;
    }
    return exitCode;
  }
}
