package dev.inferno.benchmarks;

import dev.inferno.internal.quant.BlockFormats;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;

/// Runs the benchmarks: JMH's own command line, which an annotation cannot tell what the table of
/// block formats holds. Unless the parameter `format` is given (`-p format=Q8_0,Q4_K`), it is every
/// format, so that a new one is measured by existing.
final class Main {
  private static final String FORMAT = "format=";

  private Main() {}

  public static void main(String[] args) throws IOException {
    org.openjdk.jmh.Main.main(withFormats(args));
  }

  static String[] withFormats(String... args) {
    if (Arrays.stream(args).anyMatch(arg -> arg.startsWith(FORMAT))) {
      return args;
    }
    return Stream.concat(Arrays.stream(args), Stream.of("-p", FORMAT + String.join(",", formats())))
        .toArray(String[]::new);
  }

  /// The names of all formats.
  static String[] formats() {
    return BlockFormats.all().stream().map(format -> format.type().name()).toArray(String[]::new);
  }
}
