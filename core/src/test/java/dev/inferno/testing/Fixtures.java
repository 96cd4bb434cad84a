package dev.inferno.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/// Where the files are that tests read.
///
/// Some are copied into the test resources and always there: {@link #copied}. Others may not be
/// copied, or are too large; the system property `inferno.models` names the folder that has them
/// (it contains `models/`, `fixtures/`, `tokenizers/`), and a test that needs one carries
/// `@Tag("models")` and asks {@link #shared}, which skips the test when the property is absent and
/// says so in one line for the whole run.
public final class Fixtures {
  private static final String PROPERTY = "inferno.models";
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private Fixtures() {}

  /// A file or folder of the test resources, such as `arch/llama/goldens.json`.
  public static Path copied(String name) {
    URL url = Fixtures.class.getResource("/fixtures/" + name);
    if (url == null) {
      throw new IllegalArgumentException("no fixture " + name + " in core/src/test/resources");
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(url.toString(), e);
    }
  }

  /// A file or folder that is not copied, such as `fixtures/smollm2/goldens.json`; skips the
  /// calling test when `inferno.models` is not given. A file missing from a folder that is given is
  /// an error.
  public static Path shared(String name) {
    Optional<Path> folder = folder();
    if (folder.isEmpty()) {
      if (!SAID.getAndSet(true)) {
        System.err.println("Skipping the tests tagged 'models': give -D" + PROPERTY + "=FOLDER");
      }
      return Assumptions.abort("needs -D" + PROPERTY + "=FOLDER with " + name);
    }
    Path file = folder.get().resolve(name);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("no " + name + " in " + folder.get());
    }
    return file;
  }

  /// The content of a file, unpacked if its name ends in `.gz`.
  public static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return file.toString().endsWith(".gz")
          ? new GZIPInputStream(in).readAllBytes()
          : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> folder() {
    String value = System.getProperty(PROPERTY, "");
    // A build that does not set the property hands on the name of it: ${inferno.models}.
    return value.isBlank() || value.startsWith("${")
        ? Optional.empty()
        : Optional.of(Path.of(value));
  }
}
