package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that have queries, keys and values, or gate and up of the experts, in one tensor are the
/// same models as those that have them in several.
class FusedTensorsTest {
  @TempDir Path folder;

  private static Path fixture(String name) {
    return Fixtures.copied("tiny/" + name + "/model-f32.gguf");
  }

  /// A copy in which, of each block, some tensors are one, `parts` of each at a time.
  private Path fused(Path original, List<String> names, String fused, int parts)
      throws IOException {
    GgufFile file = GgufFile.open(original);
    byte[] bytes = Files.readAllBytes(original);
    GgufWriter writer = new GgufWriter().metadataOf(file);
    for (TensorInfo tensor : file.tensors()) {
      String name = tensor.name();
      String block = name.substring(0, name.indexOf('.', 4) + 1);
      if (name.startsWith("blk.") && names.contains(name.substring(block.length()))) {
        if (name.endsWith(names.getFirst())) {
          List<TensorInfo> together =
              names.stream().map(each -> file.tensor(block + each).orElseThrow()).toList();
          List<Long> dimensions = new ArrayList<>(tensor.dimensions());
          int rows = name.endsWith(".bias") ? 0 : 1;
          dimensions.set(rows, together.stream().mapToLong(t -> t.dimensions().get(rows)).sum());
          writer.tensor(block + fused, tensor.type(), dimensions, together(bytes, together, parts));
        }
        continue;
      }
      writer.tensor(name, tensor.type(), tensor.dimensions(), data(bytes, tensor, 0, 1));
    }
    Path path = folder.resolve("fused.gguf");
    writer.write(path);
    return path;
  }

  private static byte[] together(byte[] file, List<TensorInfo> tensors, int parts) {
    var out = new ByteArrayOutputStream();
    for (int part = 0; part < parts; part++) {
      for (TensorInfo tensor : tensors) {
        out.writeBytes(data(file, tensor, part, parts));
      }
    }
    return out.toByteArray();
  }

  private static byte[] data(byte[] file, TensorInfo tensor, int part, int parts) {
    int size = Math.toIntExact(tensor.sizeBytes()) / parts;
    byte[] data = new byte[size];
    System.arraycopy(file, Math.toIntExact(tensor.offset()) + part * size, data, 0, size);
    return data;
  }

  private static void assertSame(Path one, Path other) throws IOException {
    int[] ids = IntStream.range(10, 40).toArray();
    try (Model first = Model.load(one);
        Model second = Model.load(other)) {
      assertThat(Prompts.logits(second, ids)).isEqualTo(Prompts.logits(first, ids));
      assertThat(Prompts.cachedLogits(second, ids)).isEqualTo(Prompts.cachedLogits(first, ids));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"phi2", "llama-mqa", "starcoder2", "qwen3moe"})
  void queriesKeysAndValuesMayBeOneTensor(String name) throws IOException {
    Path original = fixture(name);
    Path fused =
        fused(
            original,
            List.of("attn_q.weight", "attn_k.weight", "attn_v.weight"),
            "attn_qkv.weight",
            1);
    if (GgufFile.open(original).tensor("blk.0.attn_q.bias").isPresent()) {
      fused =
          fused(fused, List.of("attn_q.bias", "attn_k.bias", "attn_v.bias"), "attn_qkv.bias", 1);
    }
    assertThat(GgufFile.open(fused).tensor("blk.0.attn_q.weight")).isEmpty();
    assertSame(original, fused);
  }

  @ParameterizedTest
  @CsvSource({"qwen3moe, 5", "gpt-oss, 4"})
  void gateAndUpOfTheExpertsMayBeOneTensor(String name, int experts) throws IOException {
    Path original = fixture(name);
    Path fused =
        fused(
            original,
            List.of("ffn_gate_exps.weight", "ffn_up_exps.weight"),
            "ffn_gate_up_exps.weight",
            experts);
    if (GgufFile.open(original).tensor("blk.0.ffn_gate_exps.bias").isPresent()) {
      fused =
          fused(
              fused,
              List.of("ffn_gate_exps.bias", "ffn_up_exps.bias"),
              "ffn_gate_up_exps.bias",
              experts);
    }
    assertThat(GgufFile.open(fused).tensor("blk.0.ffn_up_exps.weight")).isEmpty();
    assertSame(original, fused);
  }
}
