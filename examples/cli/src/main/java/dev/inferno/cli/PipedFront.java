package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Optional;

/// A chat without a keyboard and a screen: a line of the standard input is a message, replies go to
/// the standard output, everything else to the standard error.
final class PipedFront implements ChatFront {
  private final String command; // that complains
  private final Console console;
  private final BufferedReader in;
  private boolean lineBegins = true;

  PipedFront(String command, Console console) {
    this.command = command;
    this.console = console;
    this.in = new BufferedReader(new InputStreamReader(console.in(), UTF_8));
  }

  @Override
  public Optional<TypedText> read() throws IOException {
    var typed = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      typed.append(line);
      if (TypedText.goesOn(typed.toString())) {
        typed.setLength(typed.length() - 1);
      } else if (!TypedText.isOpen(typed.toString())) {
        return Optional.of(TypedText.of(typed.toString()));
      }
      typed.append('\n');
    }
    return typed.isEmpty() ? Optional.empty() : Optional.of(TypedText.of(typed.toString()));
  }

  @Override
  public boolean show(String piece) {
    console.out().print(piece);
    lineBegins = piece.endsWith("\n");
    return !console.out().checkError(); // which flushes
  }

  @Override
  public void endReply() {
    if (!lineBegins) {
      console.out().println();
    }
    lineBegins = true;
    console.out().flush();
  }

  @Override
  public void say(String text) {
    text.lines().forEach(console.err()::println);
  }

  @Override
  public void complain(String message) {
    console.err().println(command + ": " + message);
  }

  @Override
  public Interruption onInterrupt(Runnable stop) {
    return () -> {};
  }

  @Override
  public void close() {}
}
