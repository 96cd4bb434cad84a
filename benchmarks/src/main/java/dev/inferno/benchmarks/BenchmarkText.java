package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The texts that are encoded, by the name that a parameter gives them.
final class BenchmarkText {
  private static final int LENGTH = 1 << 16;

  private BenchmarkText() {}

  /// Loads a text.
  ///
  /// @param name `english`, `code` or `multilingual`: some lines, repeated in random order to make
  ///   64 K chars, so that no processor learns the text by heart; or the path of a file
  static String load(String name) throws IOException {
    try (InputStream in = BenchmarkText.class.getResourceAsStream(name + ".txt")) {
      return in == null
          ? Files.readString(Path.of(name))
          : shuffled(new String(in.readAllBytes(), UTF_8));
    }
  }

  private static String shuffled(String text) {
    String[] lines = text.split("(?<=\n)", -1);
    var random = RandomNumbers.seeded(8).random();
    var result = new StringBuilder(LENGTH + 512);
    while (result.length() < LENGTH) {
      result.append(lines[random.nextInt(lines.length)]);
    }
    return result.toString();
  }
}
