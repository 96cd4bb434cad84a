package dev.inferno.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the lines are remembered that somebody typed in a chat: where programs of a system keep
/// such things.
final class HistoryFile {
  private static final String NAME = "chat_history";

  private HistoryFile() {}

  /// The file of this user. Its folder is made if it is not there, for nobody else to read.
  static Path ofUser() throws IOException {
    Path file =
        of(
            System.getProperty("os.name"),
            Path.of(System.getProperty("user.home")),
            System.getenv());
    Path folder = file.getParent();
    if (folder != null && !Files.exists(folder)) {
      Files.createDirectories(folder);
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
    }
    return file;
  }

  /// Where it is on a system.
  static Path of(String system, Path home, Map<String, String> environment) {
    String lower = system.toLowerCase(Locale.ROOT);
    if (lower.startsWith("windows")) {
      return folder(environment.get("LOCALAPPDATA"), home.resolve("AppData").resolve("Local"))
          .resolve("Inferno")
          .resolve(NAME);
    }
    if (lower.startsWith("mac")) {
      return home.resolve("Library/Application Support/inferno").resolve(NAME);
    }
    return folder(environment.get("XDG_STATE_HOME"), home.resolve(".local/state"))
        .resolve("inferno")
        .resolve(NAME);
  }

  /// The folder that a variable names, if it does.
  private static Path folder(@Nullable String named, Path usual) {
    return named == null || named.isBlank() ? usual : Path.of(named);
  }
}
