package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgmlType;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.GgufVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What does not run is refused before any weight is read.
class RefusedBeforeReadingTest {
  private static final Path ADAPTER = Fixtures.copied("lora/one.gguf");

  @TempDir private Path folder;

  private static void refuse(
      Path model, LoadOptions options, Class<? extends Exception> type, String message) {
    var unread =
        options.progress((bytes, _) -> assertThat(bytes).as("bytes that were read").isZero());
    assertThatThrownBy(() -> Model.load(model, unread))
        .isInstanceOf(type)
        .hasMessageContaining(message);
  }

  @Test
  void aTypeThatCannotBeDecoded() throws IOException {
    Path model =
        GgufVariant.of(Fixtures.copied("arch/llama/model-f32.gguf"))
            .tensor("blk.2.ffn_down.weight", GgmlType.Q8_1, 160L, 64L)
            .write(folder.resolve("last.gguf"));
    refuse(
        model,
        LoadOptions.defaults(),
        UnsupportedModelException.class,
        "last.gguf: unsupported: tensor 'blk.2.ffn_down.weight' is Q8_1; supported are [");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny/llama-mqa", "tiny/llama-mqa/model-f32.gguf"})
  void anAdapterOfOtherSizes(String model) throws IOException {
    Path adapter =
        GgufVariant.of(ADAPTER)
            .tensor("blk.2.attn_v.weight.lora_b", GgmlType.F32, 4L, 16L)
            .write(folder.resolve("wide.gguf"));
    refuse(
        Fixtures.copied(model),
        LoadOptions.defaults().lora(adapter, 1),
        MalformedModelException.class,
        "its change of 'blk.2.attn_v.weight' is 16 x 32, but the matrix is 8 x 32");
  }

  @Test
  void theFolderOfAnAdapterOfOtherSizes() throws IOException {
    Path adapter = Files.createDirectories(folder.resolve("wide"));
    Path good = Fixtures.copied("lora/peft/pairs");
    Files.copy(
        good.resolve("adapter_config.json"),
        adapter.resolve("adapter_config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    String name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
    FolderVariant.ofTensors(good.resolve("adapter_model.safetensors"))
        .tensor(name, "F32", 4 * 48 * Float.BYTES, 4L, 48L)
        .writeTensors(adapter.resolve("adapter_model.safetensors"));
    refuse(
        Fixtures.copied("tiny/llama-mqa"),
        LoadOptions.defaults().lora(adapter, 1),
        MalformedModelException.class,
        "its change of 'model.layers.0.self_attn.q_proj' is 32 x 48, but the matrix is 32 x 32");
  }

  @Test
  void anAdapterOfWhatTheModelHasNot() throws IOException {
    Path adapter =
        GgufVariant.of(ADAPTER)
            .tensor("blk.7.attn_v.weight.lora_a", GgmlType.F32, 32L, 4L)
            .tensor("blk.7.attn_v.weight.lora_b", GgmlType.F32, 4L, 8L)
            .write(folder.resolve("far.gguf"));
    refuse(
        Fixtures.copied("tiny/llama-mqa"),
        LoadOptions.defaults().lora(adapter, 1),
        UnsupportedModelException.class,
        "it changes [blk.7.attn_v.weight]; supported are matrices of the model");
  }
}
