package dev.inferno.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// What stands before a command. Help, version and `--verbose` are inherited by every command.
@Command(
    name = "inferno",
    description = "Runs a transformer and shows every step.",
    footer = {
      "",
      "Exit codes: 0 done; 1 understood but failed; 2 not understood.",
      "Results go to the standard output, everything else to the standard error."
    },
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    sortOptions = false,
    versionProvider = Version.class)
final class Inferno implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  boolean verbose() {
    return verbose;
  }

  @Override
  public Integer call() {
    if (spec.subcommands().isEmpty()) {
      return CommandLine.ExitCode.OK;
    }
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
