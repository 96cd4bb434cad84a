package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Folders of adapters compute what the merged weights do, beside folders and GGUF files.
class PeftAdapterTest {
  private static final SessionOptions EXACT =
      SessionOptions.defaults().keyValueType(KeyValueType.F32);
  private static final int[] IDS = {3, 77, 201, 5, 42, 300, 11};
  private static final Path LLAMA = Fixtures.copied("tiny/llama-mqa");
  private static final Path PAIRS = Fixtures.copied("lora/peft/pairs");

  @TempDir Path folder;

  private static float[] logits(Path model, LoadOptions options) throws IOException {
    try (Model loaded = Model.load(model, options);
        Session session = loaded.newSession(EXACT)) {
      int vocabulary = loaded.info().vocabulary();
      float[] all = new float[IDS.length * vocabulary];
      for (int i = 0; i < IDS.length; i++) {
        session.append(IDS[i] % vocabulary);
        System.arraycopy(session.logits().copy(), 0, all, i * vocabulary, vocabulary);
      }
      return all;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pairs, tiny/llama-mqa",
    "pairs, tiny/llama-mqa/model-f32.gguf",
    "heads, tiny/gptneox-base",
    "groups, tiny/falcon-grouped",
    "groups, tiny/falcon-grouped/model-f32.gguf",
    "halves, tiny/granitemoeshared",
    "halves, tiny/granitemoeshared/model-f32.gguf",
    "transposed, arch/gpt2/model-f32.gguf"
  })
  void logitsEqualThoseOfTheMergedWeights(String adapter, String base) throws IOException {
    Goldens goldens = Goldens.read(Fixtures.copied("lora/peft/logits.safetensors"));
    LoadOptions adapted = LoadOptions.defaults().lora(Fixtures.copied("lora/peft/" + adapter), 1);
    float[] ours = logits(Fixtures.copied(base), adapted);
    Compare.close(adapter, ours, goldens.floats(adapter), 1e-4);
    assertThat(ours).isNotEqualTo(logits(Fixtures.copied(base), LoadOptions.defaults()));
  }

  @Test
  void aScaleCountsAndSeveralAddUp() throws IOException {
    LoadOptions none = LoadOptions.defaults();
    float[] whole = logits(LLAMA, none.lora(PAIRS, 1));
    Compare.close("halves", logits(LLAMA, none.lora(PAIRS, 0.5f).lora(PAIRS, 0.5f)), whole, 1e-4);
    assertThat(logits(LLAMA, none.lora(PAIRS, 0))).isEqualTo(logits(LLAMA, none));
    Path gguf = Fixtures.copied("lora/one.gguf");
    Compare.close(
        "both kinds",
        logits(LLAMA, none.lora(PAIRS, 1).lora(gguf, 1)),
        logits(LLAMA, none.lora(gguf, 1).lora(PAIRS, 1)),
        1e-4);
  }

  @Test
  void namesMayLackWhatAModelWithoutItsHeadLacks() throws IOException {
    Path shorter =
        changed(
            "rank_pattern", "{\"layers.1.self_attn.q_proj\": 2, \"layers.2.mlp.down_proj\": 3}");
    rename(shorter, "base_model.model.model.", "base_model.model.");
    assertThat(logits(LLAMA, LoadOptions.defaults().lora(shorter, 1)))
        .isEqualTo(logits(LLAMA, LoadOptions.defaults().lora(PAIRS, 1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\" | peft_type is 'IA3'; supported are [LORA]",
        "use_dora | true | use_dora is true; supported is false",
        "bias | \"all\" | bias is 'all'; supported are [none]",
        "lora_bias | true | lora_bias is true; supported is false",
        "modules_to_save | [\"lm_head\"] | modules_to_save is [lm_head]; supported is none",
        "layer_replication | [[0, 2]] | layer_replication is [[0, 2]]; supported is none",
        "init_lora_weights | \"pissa\" | init_lora_weights is 'pissa'; supported are",
        "rank_pattern | {\"(a+)+\": 4} | rank_pattern.(a+)+ is a pattern that repeats a group",
      },
      quoteCharacter = '`')
  void whatIsMoreThanALowRankChangeIsNamed(String key, String value, String message)
      throws IOException {
    assertRefused(changed(key, value), UnsupportedModelException.class, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r | 8 | r is 8 for 'lm_head', whose factors have rank 4",
        "r | 0 | r is 0; possible are 1 to 1048576",
        "lora_alpha | -1 | lora_alpha is -1; possible are positive numbers",
        "lora_alpha | null | there is no key 'lora_alpha'",
        "alpha_pattern | {\"(\": 4} | alpha_pattern.( is no pattern",
      },
      quoteCharacter = '`')
  void whatIsNotPossibleIsNamed(String key, String value, String message) throws IOException {
    assertRefused(changed(key, value), MalformedModelException.class, message);
  }

  @Test
  void tensorsThatAreNoChangesOfThisModelAreNamed() throws IOException {
    Path magnitude = copied();
    rename(magnitude, "lm_head.lora_A.weight", "lm_head.lora_magnitude_vector");
    assertRefused(
        magnitude,
        UnsupportedModelException.class,
        "tensor 'base_model.model.lm_head.lora_magnitude_vector'; supported in an adapter are");
    Path half = copied();
    rename(half, "lm_head.lora_A", "model.norm.lora_A");
    assertRefused(half, MalformedModelException.class, "but no 'base_model.model.lm_head.lora_A");
    Path other = copied();
    rename(other, "lm_head", "other_head");
    assertRefused(
        other,
        UnsupportedModelException.class,
        "it changes 'other_head', which is no matrix of llama-mqa that every token is multiplied by");
    Path far = copied();
    rename(far, "layers.0.self_attn.q_proj", "layers.7.self_attn.q_proj");
    assertRefused(
        far,
        UnsupportedModelException.class,
        "it changes [model.layers.7.self_attn.q_proj]; supported are matrices of the model");
    LoadOptions pairs = LoadOptions.defaults().lora(PAIRS, 1);
    assertThatThrownBy(() -> Model.load(Fixtures.copied("arch/llama"), pairs))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining(
            "pairs: malformed: its change of 'model.layers.0.self_attn.k_proj' is 8 x 32");
    Path unknown =
        GgufVariant.of(LLAMA.resolve("model-f32.gguf"))
            .set("general.architecture", "str", "unheard")
            .write(folder.resolve("unheard.gguf"));
    assertThatThrownBy(() -> Model.load(unknown, pairs))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("unheard.gguf is 'unheard'; supported with the folder of an adapter");
  }

  @Test
  void aFolderThatIsNoAdapterIsNamed() throws IOException {
    assertRefused(
        LLAMA, IOException.class, "it is a folder without adapter_config.json, which says what");
    Path pickled = copied();
    Files.move(pickled.resolve("adapter_model.safetensors"), pickled.resolve("adapter_model.bin"));
    assertRefused(
        pickled,
        UnsupportedModelException.class,
        "the tensors are in adapter_model.bin; supported is adapter_model.safetensors");
  }

  private Path copied() throws IOException {
    Path copy = Files.createTempDirectory(folder, "adapter");
    for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
      Files.copy(PAIRS.resolve(file), copy.resolve(file));
    }
    return copy;
  }

  private Path changed(String key, String value) throws IOException {
    Path copy = copied();
    Path file = copy.resolve("adapter_config.json");
    var config = (ObjectNode) Json.read(file);
    config.set(key, Json.parse(value));
    Files.writeString(file, config.toString());
    return copy;
  }

  private static void rename(Path adapter, String from, String to) throws IOException {
    Path file = adapter.resolve("adapter_model.safetensors");
    FolderVariant.ofTensors(file).renamed(name -> name.replace(from, to)).writeTensors(file);
  }

  private static void assertRefused(Path adapter, Class<?> type, String message) {
    LoadOptions options = LoadOptions.defaults().lora(adapter, 1);
    assertThatThrownBy(() -> Model.load(LLAMA, options))
        .isInstanceOf(type)
        .hasMessageContaining(message);
  }
}
