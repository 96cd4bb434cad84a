package dev.inferno.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Path path = folder.resolve("x.safetensors");
    float[] large = new float[40_000]; // more than a chunk
    large[39_999] = 7;
    try (SafetensorsWriter writer = SafetensorsWriter.of(path)) {
      writer.metadata("ids", "1,2 \"é\"");
      writer.add("b", List.of(2L, 2L), new float[] {9, 1, 2, 3, 4}, 1);
      writer.add("scalar", List.of(), new float[] {-0f}, 0);
      writer.add("none", List.of(0L, 5L), new float[0], 0);
      writer.reserve("a.é", List.of(40_001L));
      writer.reserve("holes", List.of(3L, 2L));
      writer.put("a.é", 40_000, large, 39_999, 1);
      writer.put("a.é", 0, large, 0, 40_000);
      writer.put("holes", 1, new float[] {0, 5}, 1, 1);
      writer.commit();
    }
    assertThat(folder.toFile().list()).containsExactly("x.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).containsExactly(java.util.Map.entry("ids", "1,2 \"é\""));
      assertThat(file.names()).containsExactly("b", "scalar", "none", "a.é", "holes");
      assertThat(file.floats("b")).containsExactly(1, 2, 3, 4);
      assertThat(file.shape("b")).containsExactly(2L, 2L);
      assertThat(file.floats("scalar")).containsExactly(-0f);
      assertThat(file.floats("none")).isEmpty();
      assertThat(file.floats("a.é")).hasSize(40_001).endsWith(7f, 7f);
      assertThat(file.floats("holes")).containsExactly(0, 5, 0, 0, 0, 0);
      assertThat(file.type("holes")).isEqualTo("F32");
      assertThatThrownBy(() -> file.shape("c"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("x.safetensors has no tensor 'c'");
    }
  }

  @Test
  void theDataIsAlignedByBlanksAfterTheHeader() throws IOException {
    for (int length = 1; length <= 8; length++) {
      Path path = folder.resolve("x.safetensors");
      try (SafetensorsWriter writer = SafetensorsWriter.of(path)) {
        writer.add("n".repeat(length), List.of(1L), new float[1], 0);
        writer.commit();
      }
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.getLong(0) % 8).as("length of the header").isZero();
      SafetensorsFile.open(path).close();
    }
  }

  @Test
  void aFileWithoutTensorsIsAFile() throws IOException {
    Path path = folder.resolve("x.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.of(path)) {
      writer.commit();
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.names()).isEmpty();
    }
  }

  @Test
  void withoutTheCommitNothingHasHappened() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.of(folder.resolve("x.safetensors"))) {
      writer.add("a", List.of(1L), new float[1], 0);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void mistakesAreRefused() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.of(folder.resolve("x.safetensors"))) {
      writer.reserve("a", List.of(2L));
      assertThatThrownBy(() -> writer.put("a", 1, new float[3], 0, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> writer.put("b", 0, new float[1], 0, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no tensor 'b' to write to");
      assertThatThrownBy(() -> writer.reserve("a", List.of(1L)))
          .hasMessage("there is a tensor 'a' already");
      assertThatThrownBy(() -> writer.reserve("__metadata__", List.of(1L)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Path lost = folder.resolve("absent").resolve("x");
    assertThatThrownBy(() -> SafetensorsWriter.of(lost))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + lost);
  }
}
