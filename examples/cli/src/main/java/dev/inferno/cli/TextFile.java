package dev.inferno.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text that an option names: a file, or `-` for the standard input.
final class TextFile {
  private TextFile() {}

  /// The whole text, which must be UTF-8 whatever the locale.
  ///
  /// @throws IOException if it cannot be read or is not UTF-8
  static String read(String name, Console console) throws IOException {
    byte[] bytes;
    if (name.equals("-")) {
      bytes = console.in().readAllBytes();
    } else {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) { // the system's own message does not name it
        throw new IOException("cannot read " + path + ": it is a folder, not a file");
      }
      bytes = Files.readAllBytes(path);
    }
    ByteBuffer unread = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(unread).toString();
    } catch (CharacterCodingException e) {
      String what = name.equals("-") ? "the standard input" : name;
      throw new IOException(what + ": not UTF-8 at byte " + unread.position(), e);
    }
  }
}
