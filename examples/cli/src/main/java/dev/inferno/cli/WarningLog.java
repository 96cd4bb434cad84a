package dev.inferno.cli;

import java.io.PrintStream;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/// Where the library's log goes: warnings and errors to the standard error, a line each, the rest
/// nowhere. The JDK finds it as a service.
public final class WarningLog extends System.LoggerFinder {
  private final PrintStream err = Console.ofProcess().err();

  /// For the service loader.
  public WarningLog() {}

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Lines(name, err);
  }

  private record Lines(String name, PrintStream err) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return level.compareTo(Level.WARNING) >= 0 && level != Level.OFF;
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        String cause = thrown == null ? "" : ": " + Failures.message(thrown);
        err.println("warning: " + message + cause);
      }
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String format, Object... params) {
      if (isLoggable(level)) {
        boolean plain = params == null || params.length == 0;
        err.println("warning: " + (plain ? format : MessageFormat.format(format, params)));
      }
    }
  }
}
