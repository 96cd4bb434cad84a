package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/// A command that was run in this process, and what came of it.
record CommandRun(int exitCode, String out, String err) {

  static CommandRun of(String... arguments) {
    return of(InputStream.nullInputStream(), arguments);
  }

  static CommandRun withInput(String input, String... arguments) {
    return of(new ByteArrayInputStream(input.getBytes(UTF_8)), arguments);
  }

  static CommandRun of(InputStream in, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var console =
        new Console(in, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    int exitCode = Main.run(console, Main.commands(console), arguments);
    return new CommandRun(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /// The output as JSON, which must be all of it.
  JsonNode json() {
    try {
      return Json.read(out.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(this.toString(), e);
    }
  }
}
