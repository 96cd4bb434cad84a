package dev.inferno.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder that tests write the files of tokenizers to.
record TokenizerFolder(Path path) {

  Path write(String name, byte[] content) {
    try {
      return Files.write(path.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path write(String name, String content) {
    return write(name, content.getBytes(StandardCharsets.UTF_8));
  }

  Tokenizer read(String name, byte[] content) {
    return read(write(name, content));
  }

  Tokenizer read(String name, String content) {
    return read(write(name, content));
  }

  static Tokenizer read(Path file) {
    try {
      return Tokenizer.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
