package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A GGUF model in three files, as llama.cpp's tool splits it: all metadata in the first part, and
/// in each the keys that tell the parts apart.
class SplitModelTest {
  private static final int[] PROMPT = {1, 5, 9, 3};
  private static final int PARTS = 3;

  @TempDir Path folder;
  private Path whole;
  private GgufFile file;
  private byte[] bytes;

  @BeforeEach
  void split() throws IOException {
    whole = Fixtures.copied("arch/llama/model-f32.gguf");
    file = GgufFile.open(whole);
    bytes = Files.readAllBytes(whole);
    for (int part = 0; part < PARTS; part++) {
      write(part, part, PARTS, file.tensors().size());
    }
  }

  private Path part(int number) {
    return folder.resolve("model-0000%d-of-0000%d.gguf".formatted(number + 1, PARTS));
  }

  private void write(int part, long number, long count, long tensorCount) throws IOException {
    var writer = new GgufWriter();
    if (part == 0) {
      writer.metadataOf(file);
    }
    writer
        .metadata("split.no", "u16", number)
        .metadata("split.count", "u16", count)
        .metadata("split.tensors.count", "i32", tensorCount);
    List<TensorInfo> tensors = file.tensors();
    int begin = tensors.size() * part / PARTS;
    int end = tensors.size() * (part + 1) / PARTS;
    for (TensorInfo tensor : tensors.subList(begin, end)) {
      int at = Math.toIntExact(tensor.offset());
      byte[] data = Arrays.copyOfRange(bytes, at, at + Math.toIntExact(tensor.sizeBytes()));
      writer.tensor(tensor.name(), tensor.type(), tensor.dimensions(), data);
    }
    writer.write(part(part));
  }

  private static float[] logits(Path path, LoadOptions options) throws IOException {
    try (Model model = Model.load(path, options);
        Session session = model.newSession()) {
      session.append(PROMPT);
      return session.logits().copy();
    }
  }

  @Test
  void anyPartStandsForAllMappedOrCopied() throws IOException {
    for (LoadOptions options : List.of(LoadOptions.defaults(), LoadOptions.defaults().copied())) {
      float[] expected = logits(whole, options);
      for (int part = 0; part < PARTS; part++) {
        assertThat(logits(part(part), options))
            .as("part %d, %s", part, options)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void aMissingPartIsNamed() throws IOException {
    Files.delete(part(1));
    assertThatThrownBy(() -> Model.load(part(0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model-00002-of-00003.gguf")
        .hasMessageContaining("part 2 of 3 is missing");
  }

  @Test
  void partsThatDoNotBelongTogetherAreRefused() throws IOException {
    write(1, 2, PARTS, file.tensors().size());
    assertThatThrownBy(() -> Model.load(part(0)))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("by its metadata it is part 3 of 3, by its name part 2 of 3");
    Files.copy(part(0), folder.resolve("renamed.gguf"));
    assertThatThrownBy(() -> Model.load(folder.resolve("renamed.gguf")))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("it is part 1 of 3, must be named NAME-00001-of-00003.gguf");
  }

  @Test
  void aWrongNumberOfTensorsOrPartsIsRefused() throws IOException {
    write(0, 0, PARTS, 1);
    assertThatThrownBy(() -> Model.load(part(0)))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("key 'split.tensors.count' is 1, but the 3 parts have");
    write(0, PARTS, PARTS, 1);
    assertThatThrownBy(() -> Model.load(part(0)))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("key 'split.no' is 3, must be 0 to 2");
  }

  @Test
  void aPartInMemoryIsRefusedSinceTheOthersCannotBeFound() throws IOException {
    byte[] first = Files.readAllBytes(part(0));
    assertThatThrownBy(() -> Model.load(first, "memory"))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("memory: unsupported: it is part 1 of 3");
  }
}
