package dev.inferno.tokenizer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Test data that may not be copied into the project, in the folder that the system property
/// `inferno.models` names. A test that asks for it is skipped where the folder is absent.
public final class SharedModels {

  private SharedModels() {}

  public static byte[] read(String name) {
    Path folder = Path.of(System.getProperty("inferno.models", "absent"));
    assumeTrue(Files.isDirectory(folder), "the folder inferno.models is absent");
    try (InputStream in = Files.newInputStream(folder.resolve(name))) {
      return GgufMetadata.unzipped(name, in);
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  /// The names of the files in a folder; none where the whole is absent.
  static List<String> list(String name) {
    Path folder = Path.of(System.getProperty("inferno.models", "absent")).resolve(name);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Tokenizer tokenizer(String gguf) {
    return Tokenizer.fromGguf(GgufMetadata.read(read(gguf)));
  }
}
