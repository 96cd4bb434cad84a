package dev.inferno.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models cut into parts and put together.
class GgufSplitterTest {
  private static final Path WHOLE = Fixtures.copied("arch/llama/model-f32.gguf");

  @TempDir Path folder;

  private static float[] logits(Path path) throws IOException {
    try (Model model = Model.load(path);
        Session session = model.newSession()) {
      session.append(1, 5, 9, 3);
      return session.logits().copy();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void partsOfAFewTensorsGiveTheLogitsOfTheWholeAndMergeToItsBytes() throws IOException {
    var told = new ArrayList<Long>();
    int tensors = GgufFile.open(WHOLE).tensors().size();
    List<Path> parts =
        GgufSplitter.splitByTensors(
            WHOLE, folder.resolve("model"), 10, (bytes, _) -> told.add(bytes));
    int count = Math.ceilDiv(tensors, 10);
    assertThat(parts).hasSize(count);
    assertThat(parts.getFirst().getFileName().toString())
        .isEqualTo("model-00001-of-%05d.gguf".formatted(count));
    assertThat(names()).hasSize(count);
    assertThat(told).isSorted().isNotEmpty();
    for (int part = 0; part < count; part++) {
      GgufFile file = GgufFile.open(parts.get(part));
      assertThat(file.tensors()).hasSize(Math.min(10, tensors - 10 * part));
      assertThat(file.requiredInteger("split.no")).isEqualTo(part);
      assertThat(file.requiredInteger("split.count")).isEqualTo(count);
      assertThat(file.requiredInteger("split.tensors.count")).isEqualTo(tensors);
    }
    assertThat(logits(parts.getLast())).isEqualTo(logits(WHOLE));

    Path merged = folder.resolve("merged.gguf");
    GgufSplitter.merge(parts.getFirst(), merged, (_, _) -> {});
    assertThat(merged).hasSameBinaryContentAs(WHOLE);
  }

  @Test
  void partsOfASizeHoldWhatFitsAndALargerTensorIsAlone() throws IOException {
    List<Path> parts =
        GgufSplitter.splitBySize(WHOLE, folder.resolve("model"), 50_000, (_, _) -> {});
    for (GgufFile file : GgufParts.open(parts.getFirst()).files()) {
      long bytes = file.tensors().stream().mapToLong(tensor -> tensor.sizeBytes()).sum();
      assertThat(bytes <= 50_000 || file.tensors().size() == 1).as(file.name()).isTrue();
    }
    assertThat(logits(parts.get(1))).isEqualTo(logits(WHOLE));
  }

  @Test
  void whatLlamaCppSplitGivesTheLogitsOfTheWholeAndIsTheSameToTheByte() throws IOException {
    Path whole = Fixtures.copied("tiny/starcoder2/model-f32.gguf");
    Path theirs = Fixtures.copied("split").resolve("starcoder2-00001-of-00004.gguf");
    assertThat(logits(theirs)).isEqualTo(logits(whole));
    Path merged = folder.resolve("merged.gguf");
    GgufSplitter.merge(theirs, merged, (_, _) -> {});
    assertThat(merged).hasSameBinaryContentAs(whole);
    List<Path> ours =
        GgufSplitter.splitByTensors(whole, folder.resolve("starcoder2"), 10, (_, _) -> {});
    assertThat(ours).hasSize(4);
    for (Path part : ours) {
      assertThat(part).hasSameBinaryContentAs(theirs.resolveSibling(part.getFileName()));
    }
  }

  @Test
  void aFailureLeavesNothingBehind() throws IOException {
    assertThatThrownBy(() ->
            GgufSplitter.splitByTensors(
                WHOLE,
                folder.resolve("model"),
                10,
                (bytes, total) -> {
                  if (bytes > total / 2) {
                    throw new CancellationException("enough");
                  }
                }))
        .hasMessage("enough");
    assertThat(names()).isEmpty();
  }

  @Test
  void aMissingPartAndAWholeFileAreNamed() throws IOException {
    List<Path> parts =
        GgufSplitter.splitByTensors(WHOLE, folder.resolve("model"), 10, (_, _) -> {});
    Path out = folder.resolve("out.gguf");
    Files.delete(parts.get(1));
    assertThatThrownBy(() -> GgufSplitter.merge(parts.getFirst(), out, (_, _) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(parts.get(1).getFileName().toString())
        .hasMessageContaining("is missing");
    assertThatThrownBy(() -> GgufSplitter.merge(WHOLE, out, (_, _) -> {}))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("model-f32.gguf: unsupported: it is a whole file");
    assertThat(out).doesNotExist();
  }

  @Test
  void whatIsReadIsNotWritten() throws IOException {
    List<Path> parts =
        GgufSplitter.splitByTensors(WHOLE, folder.resolve("model"), 10, (_, _) -> {});
    assertThatThrownBy(() -> GgufSplitter.merge(parts.get(0), parts.get(1), (_, _) -> {}))
        .hasMessage("cannot write %s: it is the file to read".formatted(parts.get(1)));
    assertThatThrownBy(() ->
            GgufSplitter.splitByTensors(parts.get(0), folder.resolve("model"), 10, (_, _) -> {}))
        .hasMessage("cannot write %s: it is the file to read".formatted(parts.get(0)));
    Path nowhere = folder.resolve("no/model");
    assertThatThrownBy(() -> GgufSplitter.splitByTensors(WHOLE, nowhere, 10, (_, _) -> {}))
        .hasMessage(
            "cannot write %s: there is no folder %s".formatted(nowhere, folder.resolve("no")));
  }
}
