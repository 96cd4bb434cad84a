package dev.inferno.internal.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A folder seen as GGUF is what llama.cpp's converter made of it.
class HuggingFaceModelTest {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @TempDir Path folder;

  @Tag("models")
  @ParameterizedTest
  @CsvSource({
    "llama, config.json", "llama, config-transformers5.json",
    "llama3, config.json", "llama3, config-transformers5.json",
    "llama-bias, config.json", "llama-bias, config-transformers5.json",
    "mistral, config.json", "mistral, config-transformers5.json",
    "mixtral, config.json", "mixtral, config-transformers5.json",
    "qwen2, config.json", "qwen2, config-transformers5.json",
    "qwen2-yarn, config.json", "qwen2-yarn, config-transformers5.json",
    "qwen3, config.json", "qwen3, config-transformers5.json",
    "olmo2, config.json", "olmo2, config-transformers5.json",
    "phi3, config.json", "phi3, config-transformers5.json",
    "gemma, config.json", "gemma, config-transformers5.json",
    "gemma2, config.json", "gemma2, config-transformers5.json",
    "gpt2, config.json", "gpt2, config-transformers5.json",
    "granite, config.json", "granite, config-transformers5.json"
  })
  void everyTensorAndEveryKeyIsAsConverted(String name, String config) throws IOException {
    Path path = Fixtures.shared("fixtures/arch/" + name);
    Files.copy(path.resolve(config), folder.resolve("config.json"));
    Files.copy(path.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Path converted = path.resolve("model-f32.gguf");
    GgufFile gguf = GgufFile.open(converted);
    MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(converted));
    try (HuggingFaceModel model = HuggingFaceModel.open(folder, false)) {
      gguf.metadata()
          .forEach((key, value) -> {
            if (!key.startsWith("tokenizer.") && !key.startsWith("general.")) {
              assertThat(model.metadata().get(key)).as(key).isEqualTo(value);
            }
          });
      assertThat(model.requiredString("general.architecture"))
          .isEqualTo(gguf.requiredString("general.architecture"));
      assertThat(names(model.tensors())).isEqualTo(names(gguf.tensors()));
      for (TensorInfo expected : gguf.tensors()) {
        TensorInfo actual = model.tensor(expected.name()).orElseThrow();
        assertThat(actual.type()).as(expected.name()).isEqualTo(expected.type());
        assertThat(actual.dimensions()).as(expected.name()).isEqualTo(expected.dimensions());
        assertThat(actual.sizeBytes()).as(expected.name()).isEqualTo(expected.sizeBytes());
        float[] values = model.data(actual).toArray(F32);
        float[] same = bytes.asSlice(expected.offset(), expected.sizeBytes()).toArray(F32);
        assertThat(values).as(expected.name()).containsExactly(same, within(0f));
      }
    }
  }

  @Tag("models")
  @ParameterizedTest
  @CsvSource({
    "gpt2, F64",
    "mixtral, F64",
    "llama-bias, F64",
    "gemma2, F64",
    "gpt2, BF16",
    "mixtral, BF16",
    "llama-bias, BF16"
  })
  void whatIsRearrangedMayBeOfAnotherType(String name, String type) throws IOException {
    Path path = Fixtures.shared("fixtures/arch/" + name);
    Path converted = path.resolve("model-f32.gguf");
    GgufFile gguf = GgufFile.open(converted);
    MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(converted));
    Path other = FolderVariant.of(path).as(type).write(folder, 2);
    try (HuggingFaceModel model = HuggingFaceModel.open(other, true)) {
      for (TensorInfo expected : gguf.tensors()) {
        TensorInfo actual = model.tensor(expected.name()).orElseThrow();
        MemorySegment data = model.data(actual);
        float[] same = bytes.asSlice(expected.offset(), expected.sizeBytes()).toArray(F32);
        assertThat(data.byteSize()).isEqualTo(actual.sizeBytes());
        for (int i = 0; i < same.length; i++) {
          int bits = Float.floatToRawIntBits(same[i]);
          if (type.equals("F64")) {
            assertThat(data.getAtIndex(F32, i)).as(expected.name()).isEqualTo(same[i]);
          } else {
            assertThat(data.getAtIndex(I16, i)).as(expected.name()).isEqualTo((short) (bits >> 16));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F8_E5M2, BF16", "I8, BF16", "I16, F32", "I32, F32", "I64, F32"})
  void numbersThatGgufHasNotAreThoseOfATypeThatItHas(String type, GgmlType expected)
      throws IOException {
    FolderVariant variant = FolderVariant.of(Fixtures.copied("arch/llama")).as(type);
    Path narrow = variant.write(folder.resolve("narrow"));
    Path wide = variant.asFloats().write(folder.resolve("wide"));
    try (HuggingFaceModel model = HuggingFaceModel.open(narrow, true);
        HuggingFaceModel floats = HuggingFaceModel.open(wide, true)) {
      for (TensorInfo info : model.tensors()) {
        assertThat(info.type()).as(info.name()).isEqualTo(expected);
        TensorInfo same = floats.tensor(info.name()).orElseThrow();
        assertThat(FixtureModels.floats(model, info)).isEqualTo(FixtureModels.floats(floats, same));
      }
    }
  }

  @Test
  void theAttentionFactorOfYarnTakesThePlaceOfTheRecommendedOne() throws IOException {
    Path path =
        FolderVariant.of(Fixtures.copied("arch/llama"))
            .set(
                "rope_scaling",
                "{\"type\":\"yarn\",\"factor\":4.0,\"attention_factor\":1.5,\"beta_fast\":16}")
            .write(folder);
    try (HuggingFaceModel model = HuggingFaceModel.open(path, false)) {
      assertThat(model.requiredString("llama.rope.scaling.type")).isEqualTo("yarn");
      assertThat(model.requiredReal("llama.rope.scaling.factor")).isEqualTo(4);
      assertThat(model.requiredInteger("llama.rope.scaling.original_context_length"))
          .isEqualTo(128); // what the model was trained for
      assertThat(model.requiredReal("llama.rope.scaling.yarn_beta_fast")).isEqualTo(16);
      assertThat(model.requiredReal("llama.rope.scaling.attn_factor"))
          .isCloseTo(1.5 / (0.1 * Math.log(4) + 1), within(1e-12));
    }
  }

  @Test
  void tensorsThatNobodyUsesAreKnown() throws IOException {
    Path path =
        FolderVariant.of(Fixtures.copied("tiny/llama-mqa"))
            .set("num_hidden_layers", "2")
            .tensor("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", 16, 4L)
            .tensor("model.layers.0.self_attn.o_proj.bias", "F32", 128, 32L)
            .write(folder.resolve("more"));
    try (HuggingFaceModel model = HuggingFaceModel.open(path, false)) {
      assertThat(model.unused())
          .hasSize(10)
          .contains("model.layers.0.self_attn.o_proj.bias", "model.layers.2.mlp.up_proj.weight");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny/baichuan-7b", "tiny/deepseek3-moe", "tiny/falcon", "tiny/gemma3",
            "tiny/gpt-oss-mxfp4",
        "tiny/gpt2-gelu", "tiny/gptneox-base", "tiny/granitemoe", "tiny/mpt", "tiny/phi4-mini",
        "tiny/qwen3moe", "tiny/stablelm", "arch/llama"
      })
  void allOthersAreUsed(String name) throws IOException {
    try (HuggingFaceModel model = HuggingFaceModel.open(Fixtures.copied(name), false)) {
      assertThat(model.unused()).isEmpty();
    }
  }

  @Test
  void windowsOfNoLengthAreNone() throws IOException {
    Path path =
        FolderVariant.of(Fixtures.copied("tiny/qwen2-windows"))
            .withoutKey("layer_types")
            .set("sliding_window", "null")
            .write(folder.resolve("none"));
    try (HuggingFaceModel model = HuggingFaceModel.open(path, false)) {
      assertThat(model.integer("qwen2.attention.sliding_window")).isEmpty();
    }
  }

  /// Of which one alone says nothing.
  @Test
  void twoScalesOfYarnMakeItsAttentionFactor() throws IOException {
    String yarn = "{\"type\":\"yarn\",\"factor\":4.0,\"mscale\":2.0%s}";
    FolderVariant llama = FolderVariant.of(Fixtures.copied("arch/llama"));
    Path one = llama.set("rope_scaling", yarn.formatted("")).write(folder.resolve("one"));
    try (HuggingFaceModel model = HuggingFaceModel.open(one, false)) {
      assertThat(model.real("llama.rope.scaling.attn_factor")).isEmpty();
    }
    Path both =
        llama
            .set("rope_scaling", yarn.formatted(",\"mscale_all_dim\":0.5"))
            .write(folder.resolve("both"));
    double tenth = 0.1 * Math.log(4);
    try (HuggingFaceModel model = HuggingFaceModel.open(both, false)) {
      assertThat(model.requiredReal("llama.rope.scaling.attn_factor"))
          .isCloseTo((2 * tenth + 1) / (0.5 * tenth + 1) / (tenth + 1), within(1e-6));
    }
  }

  /// GGUF files say nothing of it: those of gpt-oss mean the one, those of others the other.
  @ParameterizedTest
  @CsvSource({
    "arch/llama, true, ",
    "arch/llama, false, false",
    "tiny/gpt-oss, true, true",
    "tiny/gpt-oss, false, "
  })
  void whetherYarnBeginsAndEndsAtWholePairsIsSaidWhereItIsNotUsual(
      String name, boolean truncate, @Nullable Boolean said) throws IOException {
    Path path =
        FolderVariant.of(Fixtures.copied(name))
            .set(
                "rope_scaling",
                "{\"rope_type\":\"yarn\",\"factor\":2,\"truncate\":%s}".formatted(truncate))
            .write(folder);
    try (HuggingFaceModel model = HuggingFaceModel.open(path, false)) {
      String key = model.requiredString("general.architecture") + ".rope.scaling.yarn_truncate";
      assertThat(model.metadata().get(key)).isEqualTo(said);
    }
  }

  private static Set<String> names(List<TensorInfo> tensors) {
    return tensors.stream().map(TensorInfo::name).collect(Collectors.toCollection(TreeSet::new));
  }

  @Tag("models")
  @Test
  void whatTheConverterLosesIsKept() throws IOException {
    try (HuggingFaceModel mistral = open("mistral");
        HuggingFaceModel gemma2 = open("gemma2-scalar")) {
      assertThat(mistral.requiredInteger("llama.attention.sliding_window")).isEqualTo(12);
      assertThat(gemma2.requiredReal("gemma2.attention.scale")).isEqualTo(0.25);
    }
  }

  private static HuggingFaceModel open(String name) throws IOException {
    return HuggingFaceModel.open(Fixtures.shared("fixtures/arch/" + name), false);
  }

  @Test
  void onlyWhatIsRearrangedIsCopied() throws IOException {
    try (HuggingFaceModel model = HuggingFaceModel.open(Fixtures.copied("arch/llama"), false)) {
      assertThat(model.data(model.tensor("blk.0.attn_v.weight").orElseThrow()).isMapped()).isTrue();
      assertThat(model.data(model.tensor("blk.0.attn_q.weight").orElseThrow()).isMapped())
          .isFalse();
    }
    try (HuggingFaceModel model = HuggingFaceModel.open(Fixtures.copied("arch/llama"), true)) {
      assertThat(model.data(model.tensor("blk.0.attn_v.weight").orElseThrow()).isMapped())
          .isFalse();
    }
  }

  @Test
  void closingUnmapsTheFile() throws IOException {
    MemorySegment mapped;
    MemorySegment made;
    try (HuggingFaceModel model = HuggingFaceModel.open(Fixtures.copied("arch/llama"), false)) {
      mapped = model.data(model.tensor("blk.0.attn_v.weight").orElseThrow());
      made = model.data(model.tensor("blk.0.attn_q.weight").orElseThrow());
    }
    assertThat(mapped.scope().isAlive()).isFalse();
    assertThat(made.scope().isAlive()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"language_model.model.", "model.language_model."})
  void ofAModelThatSeesPicturesThePartForTextIsRead(String prefix) throws IOException {
    Path gemma = Fixtures.copied("tiny/gemma3");
    String config = Files.readString(gemma.resolve("config.json"));
    FolderVariant.of(gemma)
        .set("model_type", "\"gemma3\"")
        .set("architectures", "[\"Gemma3ForConditionalGeneration\"]")
        .set("text_config", config.replace("\"architectures\"", "\"others\""))
        .renamed(name -> name.replaceFirst("^model\\.", prefix))
        .write(folder);
    try (HuggingFaceModel whole = HuggingFaceModel.open(folder, false);
        HuggingFaceModel text = HuggingFaceModel.open(gemma, false)) {
      assertThat(whole.metadata()).usingRecursiveComparison().isEqualTo(text.metadata());
      assertThat(whole.tensors().stream().map(TensorInfo::name))
          .containsExactlyElementsOf(text.tensors().stream().map(TensorInfo::name).toList());
      for (TensorInfo tensor : text.tensors()) {
        TensorInfo same = whole.tensor(tensor.name()).orElseThrow();
        assertThat(whole.data(same).mismatch(text.data(tensor))).as(tensor.name()).isEqualTo(-1);
      }
    }
    FolderVariant.of(gemma).set("model_type", "\"gemma3\"").write(folder);
    assertThatThrownBy(() -> HuggingFaceModel.open(folder, false))
        .hasMessageContaining("text_config is absent");
  }
}
