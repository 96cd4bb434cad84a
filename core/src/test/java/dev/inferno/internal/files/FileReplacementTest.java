package dev.inferno.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReplacementTest {
  @TempDir Path folder;

  @Test
  void theFileIsReplacedByTheCommitAndNotBefore() throws IOException {
    Path path = folder.resolve("x");
    Files.writeString(path, "old");
    try (FileReplacement file = FileReplacement.of(path)) {
      write(file);
      assertThat(path).hasContent("old");
      file.commit();
    }
    assertThat(path).hasContent("new");
    assertThat(folder.toFile().list()).containsExactly("x");
  }

  @Test
  void withoutTheCommitNothingHasHappened() throws IOException {
    try (FileReplacement file = FileReplacement.of(folder.resolve("x"))) {
      write(file);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aLinkKeepsPointingToTheFile() throws IOException {
    Path path = Files.writeString(folder.resolve("x"), "old");
    Path link = folder.resolve("link");
    try {
      Files.createSymbolicLink(link, path);
    } catch (IOException | UnsupportedOperationException e) {
      Assumptions.abort("no symbolic links here");
    }
    try (FileReplacement file = FileReplacement.of(link)) {
      write(file);
      file.commit();
    }
    assertThat(link).isSymbolicLink();
    assertThat(path).hasContent("new");
  }

  @Test
  void aPathThatCannotBeWrittenIsNamedWithTheReason() throws IOException {
    assertThatThrownBy(() -> FileReplacement.of(folder))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + folder + ": it is a folder, not a file");
    Path lost = folder.resolve("absent").resolve("x");
    assertThatThrownBy(() -> FileReplacement.of(lost))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + lost + ": there is no folder " + lost.getParent());
  }

  @Test
  void whatFailsWhileItIsWrittenNamesTheFile() {
    Path path = folder.resolve("x");
    assertThatThrownBy(() ->
            FileReplacement.write(
                path,
                _ -> {
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + path + ": No space left on device");
    assertThat(folder).isEmptyDirectory();
    assertThatThrownBy(() -> FileReplacement.write(Path.of(""), _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write: the name of the file is empty");
  }

  private static void write(FileReplacement file) throws IOException {
    file.channel().write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)));
  }
}
