package dev.inferno.cli;

import static java.util.stream.Collectors.joining;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// A failure is one line that says what was wrong, with a stack trace only when it is asked for.
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private final PrintStream err;
  private final BooleanSupplier verbose;

  Failures(PrintStream err, BooleanSupplier verbose) {
    this.err = err;
    this.verbose = verbose;
  }

  /// The value that `options` makes of a command's options. What it refuses as an illegal argument
  /// was out of range, and so the command line was not understood (exit code 2).
  static <T> T inRange(CommandLine command, Supplier<T> options) {
    try {
      return options.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, message(e), e);
    }
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    err.printf("%s: %s (see %s --help)%n", command, message(e), command);
    trace(e);
    return CommandLine.ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    return report(command.getCommandSpec().qualifiedName(), e);
  }

  int report(String command, Throwable e) {
    err.printf("%s: %s%n", command, message(e));
    trace(e);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private void trace(Throwable e) {
    if (verbose.getAsBoolean()) {
      e.printStackTrace(err);
    }
  }

  /// One line, whatever the exception says. The messages of file exceptions are hardly more than
  /// the name of the file, so their class has to speak.
  static String message(Throwable e) {
    String said = e.getMessage() == null ? "" : e.getMessage();
    String message =
        switch (e) {
          case UncheckedIOException io when io.getCause() != null -> message(io.getCause());
          case NoSuchFileException file -> file.getFile() + ": no such file";
          case AccessDeniedException file -> file.getFile() + ": permission denied";
          case FileAlreadyExistsException file -> file.getFile() + ": exists already";
          case NotDirectoryException file -> file.getFile() + ": not a directory";
          case FileSystemException file -> said;
          case OutOfMemoryError memory ->
              "out of memory (%s); INFERNO_JAVA_OPTS=-Xmx8g gives Java 8 GB".formatted(said);
          case NullPointerException bug -> e.toString();
          case IndexOutOfBoundsException bug -> e.toString();
          default -> said.isBlank() ? e.getClass().getSimpleName() : said;
        };
    return message.lines().map(String::strip).filter(s -> !s.isEmpty()).collect(joining(" "));
  }
}
