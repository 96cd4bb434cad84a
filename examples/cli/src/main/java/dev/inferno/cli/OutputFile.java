package dev.inferno.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that is written when much work is done.
final class OutputFile {
  private OutputFile() {}

  /// Says before the work what would fail after it.
  ///
  /// @throws IOException if no file can be written there
  static void requirePossible(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (file.toString().isEmpty()) {
      throw new IOException("cannot write: the name of the file is empty");
    }
    if (Files.isDirectory(file)) {
      throw new IOException("cannot write " + file + ": it is a folder, not a file");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("cannot write " + file + ": there is no folder " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw new IOException("cannot write " + file + ": permission denied");
    }
  }
}
