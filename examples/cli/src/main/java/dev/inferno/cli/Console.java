package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;

/// The streams of a command: results go to `out`, everything else to `err`. Both write UTF-8
/// whatever the locale, and so text read from `in` is UTF-8 too.
record Console(InputStream in, PrintStream out, PrintStream err) {

  /// The streams of this process.
  static Console ofProcess() {
    return new Console(System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err));
  }

  /// Whether somebody sits at a terminal, which is both read from and written to.
  @SuppressWarnings("SystemConsoleNull") // it may be null again since JDK 25
  boolean isTerminal() {
    java.io.Console terminal = System.console();
    return in.equals(System.in) && terminal != null && terminal.isTerminal();
  }

  PrintWriter outWriter() {
    return new PrintWriter(out, true, UTF_8);
  }

  PrintWriter errWriter() {
    return new PrintWriter(err, true, UTF_8);
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new BufferedOutputStream(new FileOutputStream(descriptor)), true, UTF_8);
  }
}
