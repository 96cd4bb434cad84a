package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/// The model that comes with the program, for a first run without a download. Its card says what it
/// was trained on and what it shows.
final class BundledModel {
  /// What messages and results call it.
  static final String NAME = "inferno-tiny-q8_0.gguf";

  private BundledModel() {}

  /// The model file, a GGUF of 2 MB.
  static byte[] bytes() throws IOException {
    return read(NAME);
  }

  /// The model card, in Markdown.
  static String card() throws IOException {
    return new String(read("README.md"), UTF_8);
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = BundledModel.class.getResourceAsStream("models/" + file)) {
      if (in == null) {
        throw new FileNotFoundException("the bundled file " + file + " is missing from the jar");
      }
      return in.readAllBytes();
    }
  }
}
