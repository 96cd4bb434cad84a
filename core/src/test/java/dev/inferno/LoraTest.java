package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgmlType;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Adapters beside the weights compute what the merged weights do.
class LoraTest {
  private static final SessionOptions EXACT =
      SessionOptions.defaults().keyValueType(KeyValueType.F32);
  private static final Path BASE = Fixtures.copied("tiny/llama-mqa");
  private static final Path ADAPTERS = Fixtures.copied("lora");
  private static final Path ONE = ADAPTERS.resolve("one.gguf");
  private static final Path TWO = ADAPTERS.resolve("two.gguf");
  private static final int[] IDS = {3, 77, 201, 5, 42, 300, 11};

  @TempDir Path folder;

  private static float[] logits(Path model, LoadOptions options) throws IOException {
    float[] all = new float[0];
    try (Model loaded = Model.load(model, options);
        Session session = loaded.newSession(EXACT)) {
      for (int id : IDS) {
        session.append(id);
        float[] row = session.logits().copy();
        float[] more = new float[all.length + row.length];
        System.arraycopy(all, 0, more, 0, all.length);
        System.arraycopy(row, 0, more, all.length, row.length);
        all = more;
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"model-f32.gguf", ""})
  void logitsEqualThoseOfTheMergedWeights(String file) throws IOException {
    Path model = file.isEmpty() ? BASE : BASE.resolve(file);
    Goldens goldens = Goldens.read(ADAPTERS.resolve("logits.safetensors"));
    LoadOptions none = LoadOptions.defaults();
    Compare.close("none", logits(model, none), goldens.floats("none"), 1e-4);
    Compare.close("one", logits(model, none.lora(ONE, 1)), goldens.floats("one"), 1e-4);
    Compare.close(
        "both", logits(model, none.lora(ONE, 0.5f).lora(TWO, 2)), goldens.floats("both"), 1e-4);
  }

  @Test
  void aScaleOfNothingChangesNothing() throws IOException {
    Path model = BASE.resolve("model-f32.gguf");
    assertThat(logits(model, LoadOptions.defaults().lora(ONE, 0)))
        .isEqualTo(logits(model, LoadOptions.defaults()));
  }

  @Test
  void aLongPromptIsTheSameInOnePass() throws IOException {
    int[] ids = new int[40];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = IDS[i % IDS.length];
    }
    try (Model model = Model.load(BASE, LoadOptions.defaults().lora(ONE, 1));
        Session together = model.newSession(EXACT);
        Session oneByOne = model.newSession(EXACT)) {
      together.append(ids);
      for (int id : ids) {
        oneByOne.append(id);
        oneByOne.logits();
      }
      Compare.close("long", together.logits().copy(), oneByOne.logits().copy(), 1e-4);
    }
  }

  @Test
  void aPrefixOfAnotherAdapterIsRefused() throws IOException {
    Path saved = folder.resolve("prefix");
    try (Model model = Model.load(BASE, LoadOptions.defaults().lora(ONE, 1));
        Session session = model.newSession()) {
      session.append(IDS);
      session.prefix().save(saved);
      assertThat(model.loadPrefix(saved).length()).isEqualTo(IDS.length);
    }
    try (Model model = Model.load(BASE, LoadOptions.defaults().lora(ONE, 0.5f))) {
      assertThatThrownBy(() -> model.loadPrefix(saved)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    Path shape =
        GgufVariant.of(ONE)
            .tensor("blk.0.attn_v.weight.lora_b", GgmlType.F32, 4L, 16L)
            .write(folder.resolve("shape.gguf"));
    assertRefused(
        shape,
        MalformedModelException.class,
        "shape.gguf: malformed: its change of 'blk.0.attn_v.weight' is 16 x 32, but the matrix is 8 x 32");
    Path rank =
        GgufVariant.of(ONE)
            .tensor("blk.0.attn_v.weight.lora_b", GgmlType.F32, 3L, 8L)
            .write(folder.resolve("rank.gguf"));
    assertRefused(
        rank,
        MalformedModelException.class,
        "rank.gguf: malformed: 'blk.0.attn_v.weight.lora_a' has rank 4, but 'blk.0.attn_v.weight.lora_b' has 3");
    Path half =
        GgufVariant.of(ONE)
            .withoutTensor("blk.0.attn_v.weight.lora_b")
            .write(folder.resolve("half.gguf"));
    assertRefused(half, MalformedModelException.class, "but no 'blk.0.attn_v.weight.lora_b'");
    Path other =
        GgufVariant.of(ONE)
            .set("general.architecture", "str", "qwen3")
            .write(folder.resolve("other.gguf"));
    assertRefused(
        other,
        MalformedModelException.class,
        "other.gguf: malformed: it adapts models of the architecture 'qwen3', but llama-mqa is 'llama'");
    Path far =
        GgufVariant.of(ONE)
            .tensor("blk.9.attn_v.weight.lora_a", GgmlType.F32, 32L, 4L)
            .tensor("blk.9.attn_v.weight.lora_b", GgmlType.F32, 4L, 8L)
            .write(folder.resolve("far.gguf"));
    assertRefused(
        far,
        UnsupportedModelException.class,
        "far.gguf: unsupported: it changes [blk.9.attn_v.weight]; supported are matrices");
    assertRefused(
        BASE.resolve("model-f32.gguf"),
        UnsupportedModelException.class,
        "model-f32.gguf: unsupported: general.type is model; supported as an adapter is adapter");
    assertThatThrownBy(() -> Model.load(ONE))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(
            "one.gguf: unsupported: general.type is 'adapter', which is no model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"token_embd.weight", "position_embd.weight", "blk.0.attn_norm.weight"})
  void whatIsNotMultipliedByIsRefusedBeforeAnyOfTheModelIsRead(String matrix) throws IOException {
    Path adapter =
        GgufVariant.of(ONE)
            .tensor(matrix + ".lora_a", GgmlType.F32, 32L, 4L)
            .tensor(matrix + ".lora_b", GgmlType.F32, 4L, 384L)
            .write(folder.resolve("table.gguf"));
    LoadOptions options =
        LoadOptions.defaults()
            .lora(adapter, 1)
            .progress((_, _) -> {
              throw new AssertionError("a tensor was read");
            });
    assertThatThrownBy(() -> Model.load(BASE, options))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(
            "table.gguf: unsupported: it changes [" + matrix + "]; supported are");
  }

  private static void assertRefused(Path adapter, Class<?> type, String message) {
    LoadOptions options = LoadOptions.defaults().lora(adapter, 1);
    assertThatThrownBy(() -> Model.load(BASE, options))
        .isInstanceOf(type)
        .hasMessageContaining(message);
  }
}
