package dev.inferno.cli;

import dev.inferno.SessionOptions;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// How many threads compute.
final class ThreadsOption {
  private static final int HIGHEST = 1024;
  private static final String PROPERTY = "inferno.threads";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads that compute, 1 to " + HIGHEST + ". Default: one per processor.")
  private Optional<Integer> threads = Optional.empty();

  /// Gives the library's team this size, which must come before anything is computed, and the
  /// session so many threads.
  SessionOptions apply(SessionOptions options) {
    sizeTeam();
    return threads.map(options::threads).orElse(options);
  }

  /// Gives the library's team this size, which must come before anything is computed.
  void sizeTeam() {
    threads.ifPresent(count -> {
      if (count < 1 || count > HIGHEST) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be 1 to %d, but is %d".formatted(HIGHEST, count));
      }
      System.setProperty(PROPERTY, Integer.toString(count));
    });
  }
}
