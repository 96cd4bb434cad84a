package dev.inferno.cli;

import java.io.PrintStream;

/// Says how far a long work is: nothing in the first second, and then at most a line a second.
final class Progress {
  private static final long INTERVAL = 1_000_000_000;

  private final PrintStream err;
  private long last = System.nanoTime();

  Progress(PrintStream err) {
    this.err = err;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  void say(String format, Object... arguments) {
    long now = System.nanoTime();
    if (now - last >= INTERVAL) {
      last = now;
      err.println(format.formatted(arguments));
    }
  }
}
