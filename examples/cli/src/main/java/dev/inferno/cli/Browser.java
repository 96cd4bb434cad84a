package dev.inferno.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Opens an address in the browser of whoever sits at this machine, by the program that the system
/// has for it. What fails is said, and nothing more: the address can still be opened by hand.
final class Browser {
  private Browser() {}

  /// Opens it here.
  static void open(URI address, PrintStream err) {
    Optional<List<String>> command =
        command(System.getProperty("os.name"), System.getenv(), address);
    if (command.isPresent()) {
      start(command.get(), err);
    } else {
      err.println("There is no display here: open the address in a browser.");
    }
  }

  /// The command that does it on a system, if somebody can see what it opens.
  static Optional<List<String>> command(
      String system, Map<String, String> environment, URI address) {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return Optional.of(List.of("rundll32", "url.dll,FileProtocolHandler", address.toString()));
    }
    if (name.startsWith("mac")) {
      return Optional.of(List.of("open", address.toString()));
    }
    boolean display =
        !environment.getOrDefault("DISPLAY", "").isEmpty()
            || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
    // In a session of its own: Ctrl-C goes to all programs of a terminal, and would end a browser
    // that this one started.
    return display
        ? Optional.of(List.of("setsid", "xdg-open", address.toString()))
        : Optional.empty();
  }

  /// Starts the command and waits for nothing.
  static void start(List<String> command, PrintStream err) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      var _ =
          process
              .onExit()
              .thenAccept(ended -> {
                if (ended.exitValue() != 0) {
                  complain("it ended with " + ended.exitValue(), command, err);
                }
              });
    } catch (IOException e) {
      complain(Failures.message(e), command, err);
    }
  }

  private static void complain(String why, List<String> command, PrintStream err) {
    String program = String.join(" ", command.subList(0, command.size() - 1));
    err.printf("No browser was opened by %s (%s): open the address in one.%n", program, why);
  }
}
