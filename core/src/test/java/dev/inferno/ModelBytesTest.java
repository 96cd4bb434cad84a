package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelBytesTest {
  private static final byte[] CONTENT = new byte[10_000];

  static {
    for (int i = 0; i < CONTENT.length; i++) {
      CONTENT[i] = (byte) (i / 7);
    }
  }

  @TempDir Path folder;

  private Path file() throws IOException {
    return Files.write(folder.resolve("bytes"), CONTENT);
  }

  @Test
  void bytesAreTheSameMappedCopiedAndFromMemoryAndGoneAfterClosing() throws IOException {
    Path file = file();
    for (ModelBytes bytes :
        List.of(
            ModelBytes.open(file, false),
            ModelBytes.open(file, true),
            ModelBytes.of(CONTENT, "an array"))) {
      assertThat(bytes.size()).isEqualTo(CONTENT.length);
      var passing = new AtomicReference<MemorySegment>();
      bytes.lend(
          4097,
          200,
          lent -> {
            assertThat(lent.byteSize()).isEqualTo(200);
            assertThat(lent.get(ValueLayout.JAVA_BYTE, 199)).isEqualTo(CONTENT[4097 + 199]);
            passing.set(lent);
          });
      assertThat(passing.get().scope().isAlive()).isFalse();
      MemorySegment kept = bytes.keep(9_000, 1_000);
      MemorySegment memory = bytes.allocate(100);
      bytes.loaded();
      bytes.requireWhole();
      assertThat(kept.get(ValueLayout.JAVA_BYTE, 999)).isEqualTo(CONTENT[9_999]);
      assertThat(memory.get(ValueLayout.JAVA_BYTE, 99)).isZero();
      bytes.close();
      assertThat(kept.scope().isAlive()).isFalse();
      assertThat(memory.scope().isAlive()).isFalse();
    }
  }

  @Test
  void aFileThatNothingIsKeptOfMayBecomeShorter() throws IOException {
    Path file = file();
    try (ModelBytes lending = ModelBytes.open(file, false);
        ModelBytes keeping = ModelBytes.open(file, false)) {
      lending.lend(0, 10, _ -> {});
      keeping.keep(0, 10);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(5_000);
      }
      lending.requireWhole();
      assertThatThrownBy(keeping::requireWhole)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("was cut short to 5000 bytes while it is mapped; it had 10000");
    }
  }

  @Test
  void bytesThatAreNotThereAreAnErrorOfReading() throws IOException {
    try (ModelBytes bytes = ModelBytes.open(file(), false)) {
      assertThatThrownBy(() -> bytes.keep(9_999, 2))
          .isInstanceOf(ModelBytes.Unreadable.class)
          .hasMessageContaining("cannot read bytes 9999 to 10001")
          .hasMessageContaining("it has 10000");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model-Q4_1.gguf", "model-Q4_K_M.gguf"})
  void aModelInTheFilesLayoutGivesTheSameLogitsButForRounding(String name) throws IOException {
    Path file = Fixtures.copied("quant/llama-256/" + name);
    float[] rearranged = logits(file, LoadOptions.defaults());
    float[] copied = logits(file, LoadOptions.defaults().copied());
    float[] asInFile = logits(file, LoadOptions.defaults().inFileLayout());
    assertThat(copied).isEqualTo(rearranged);
    assertThat(asInFile).isNotEqualTo(rearranged).hasSameSizeAs(rearranged);
    for (int i = 0; i < rearranged.length; i++) {
      assertThat(asInFile[i]).isCloseTo(rearranged[i], within(1e-3f));
    }
  }

  private static float[] logits(Path file, LoadOptions options) throws IOException {
    try (Model model = Model.load(file, options);
        Session session = model.newSession()) {
      session.append(1, 2, 3);
      return session.logits().copy();
    }
  }

  @Test
  void aLoadThatItsListenerEndsLeavesNothingMapped() throws IOException {
    Path file =
        Files.copy(Fixtures.copied("quant/llama-256/model-Q4_1.gguf"), folder.resolve("ended"));
    var end = new IllegalStateException("enough");
    assertThatThrownBy(() ->
            Model.load(
                file,
                (bytes, total) -> {
                  if (bytes > total / 2) {
                    throw end;
                  }
                }))
        .isSameAs(end);
    Path maps = Path.of("/proc/self/maps");
    if (Files.exists(maps)) { // where the system tells
      assertThat(Files.readString(maps)).doesNotContain(file.toString());
    }
  }
}
