package dev.inferno.internal.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/// A file that is written beside the one it will replace, and takes its place when it is complete:
/// nobody ever sees half of it, and whoever has the old one mapped keeps it.
///
/// ```java
/// try (FileReplacement replacement = FileReplacement.of(path)) {
///   write(replacement.channel());
///   replacement.commit();
/// } // without the commit, nothing has happened
/// ```
///
/// For one thread.
public final class FileReplacement implements Closeable {
  /// What is to be written.
  public interface Content {
    /// Writes it.
    void to(FileChannel channel) throws IOException;
  }

  private final Path target;
  private final Path written;
  private final FileChannel channel;

  private FileReplacement(Path target, Path written, FileChannel channel) {
    this.target = target;
    this.written = written;
    this.channel = channel;
  }

  /// Writes all of a file.
  ///
  /// @throws IOException if that cannot be; the message names the file and says why, and nothing
  ///   has changed
  public static void write(Path path, Content content) throws IOException {
    try (FileReplacement file = of(path)) {
      try {
        content.to(file.channel);
        file.commit();
      } catch (IOException e) {
        throw failed(path, e);
      }
    }
  }

  /// Begins to write what will be at this path.
  ///
  /// @throws IOException if that cannot be; the message says why
  public static FileReplacement of(Path path) throws IOException {
    if (path.toString().isEmpty()) {
      throw new IOException("cannot write: the name of the file is empty");
    }
    if (Files.isDirectory(path)) {
      throw new IOException("cannot write " + path + ": it is a folder, not a file");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException("cannot write " + path + ": it is not a regular file");
    }
    // A link keeps pointing to what is written.
    Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("cannot write " + path + ": there is no folder " + folder);
    }
    try {
      return beside(target, folder);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /// What happened while a file was written, as a message that names it.
  private static IOException failed(Path path, IOException e) {
    String reason =
        switch (e) {
          case AccessDeniedException denied -> "permission denied";
          case FileSystemException file ->
              file.getReason() == null ? "the file system refuses it" : file.getReason();
          default -> e.getMessage();
        };
    return new IOException("cannot write " + path + ": " + reason, e);
  }

  /// Creates a file of a name that is not taken. Not a temporary file of the JDK's, which only its
  /// owner could read.
  @SuppressWarnings("MustBeClosedChecker") // the channel lives until close()
  private static FileReplacement beside(Path target, Path folder) throws IOException {
    while (true) {
      String suffix = Integer.toHexString(ThreadLocalRandom.current().nextInt());
      Path written = folder.resolve(ReadableFile.name(target) + "." + suffix + ".part");
      try {
        FileChannel channel =
            FileChannel.open(
                written,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        return new FileReplacement(target, written, channel);
      } catch (FileAlreadyExistsException e) {
        // Another name, then.
      }
    }
  }

  /// Where to write.
  public FileChannel channel() {
    return channel;
  }

  /// Puts what was written in its place.
  public void commit() throws IOException {
    channel.close();
    Files.move(
        written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Discards what was written, unless it was committed.
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(written);
  }
}
