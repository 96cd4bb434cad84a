package dev.inferno.internal.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Opening a file to read it, with messages that say what is wrong with the path.
public final class ReadableFile {

  private ReadableFile() {}

  /// Opens a file for reading.
  ///
  /// @throws IOException if there is none, it is a folder, or may not be read; the message says
  ///   which
  public static FileChannel open(Path path) throws IOException {
    if (path.toString().isEmpty()) { // which the system takes for the folder it is in
      throw new IOException("cannot read a file without a name");
    }
    try {
      // A folder can be opened on some systems and fails later, obscurely.
      if (Files.isDirectory(path)) {
        throw new IOException("cannot read " + path + ": it is a folder, not a file");
      }
      return FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new IOException("cannot read " + path + ": there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException("cannot read " + path + ": permission denied", e);
    }
  }

  /// What messages call the file: the last part of its path.
  public static String name(Path path) {
    Path last = path.getFileName();
    return last == null ? path.toString() : last.toString();
  }
}
