package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.convert.FolderConverter;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rows of Baichuan 2's output have the length 1, whatever the folder says.
class Baichuan2Test {
  private static final String OUTPUT = "lm_head.weight";

  @TempDir private Path folder;

  private static FolderVariant second(String name) throws IOException {
    return FolderVariant.of(Fixtures.copied("tiny/" + name)).set("z_loss_weight", "0");
  }

  private static float[] output(Path path) throws IOException {
    try (MappedSafetensors file = MappedSafetensors.open(path.resolve("model.safetensors"))) {
      return file.floats(file.tensor(OUTPUT).orElseThrow());
    }
  }

  /// Those that the reference has for Baichuan, each divided by the length of its row.
  private static float[] divided(float[] logits, float[] output, int vocabulary) {
    int width = output.length / vocabulary;
    float[] divided = logits.clone();
    for (int token = 0; token < vocabulary; token++) {
      double squares = 0;
      for (int i = 0; i < width; i++) {
        double x = output[token * width + i];
        squares += x * x;
      }
      for (int at = token; at < logits.length; at += vocabulary) {
        divided[at] = (float) (logits[at] / Math.sqrt(squares));
      }
    }
    return divided;
  }

  @ParameterizedTest
  @ValueSource(strings = {"baichuan-7b", "baichuan-13b"})
  void logitsAreThoseOfTheDirections(String name) throws IOException {
    Path original = Fixtures.copied("tiny/" + name);
    JsonNode goldens = Json.read(original.resolve("goldens.json"));
    Goldens arrays = Goldens.read(original.resolve("goldens.safetensors"));
    second(name).write(folder);
    Path file = folder.resolve("model.gguf");
    FolderConverter.convert(folder, file, (_, _) -> {});
    try (Model model = Model.load(folder);
        Model converted = Model.load(file)) {
      int vocabulary = model.info().vocabulary();
      float[] output = output(original);
      Prompts.of(goldens)
          .forEach((key, prompt) -> {
            float[] expected = divided(arrays.floats(key + ".logits"), output, vocabulary);
            int[] ids = Prompts.ids(prompt);
            Compare.close(name + " " + key, Prompts.logits(model, ids), expected, 2e-4);
            Compare.close("converted " + key, Prompts.logits(converted, ids), expected, 2e-4);
          });
    }
  }

  @Test
  void theirNumbersAreNotRoundedAgain() throws IOException {
    second("baichuan-7b").as("BF16").write(folder);
    float[] stored = output(folder);
    Path file = folder.resolve("model.gguf");
    FolderConverter.convert(folder, file, (_, _) -> {});
    assertThat(GgufFile.open(file).requiredTensor("output.weight").type()).isEqualTo(GgmlType.F32);
    try (HuggingFaceModel model = HuggingFaceModel.open(folder, false)) {
      var output = model.tensor("output.weight").orElseThrow();
      float[] row = model.data(output).asSlice(0, 16 * Float.BYTES).toArray(ValueLayout.JAVA_FLOAT);
      double squares = 0;
      for (int i = 0; i < 16; i++) {
        squares += (double) stored[i] * stored[i];
      }
      for (int i = 0; i < 16; i++) {
        assertThat(row[i]).isEqualTo((float) (stored[i] / Math.sqrt(squares)));
      }
    }
  }

  @Test
  void itsVocabularyTellsIt() throws IOException {
    int bytes = 125_696 * 16 * 2;
    Path path =
        FolderVariant.of(Fixtures.copied("tiny/baichuan-7b"))
            .set("vocab_size", "125696")
            .tensor("model.embed_tokens.weight", "BF16", bytes, 125_696L, 16L)
            .tensor(OUTPUT, "BF16", bytes, 125_696L, 16L)
            .write(folder);
    try (HuggingFaceModel model = HuggingFaceModel.open(path, false)) {
      assertThat(model.tensor("token_embd.weight").orElseThrow().type()).isEqualTo(GgmlType.BF16);
      assertThat(model.tensor("output.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
    }
  }

  @Test
  void onlyAnOutputThatIsNotDividedIsAdapted() throws IOException {
    Path first = Fixtures.copied("tiny/baichuan-7b");
    Path adapter = Files.createDirectories(folder.resolve("adapter"));
    Files.writeString(
        adapter.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 16, \"lora_alpha\": 16, \"target_modules\": [\"lm_head\"]}");
    FolderVariant.ofTensors(first.resolve("model.safetensors"))
        .only("model.layers.0.self_attn.o_proj.weight", OUTPUT)
        .renamed(name ->
            "base_model.model.lm_head.lora_%s.weight".formatted(name.equals(OUTPUT) ? "B" : "A"))
        .writeTensors(adapter.resolve("adapter_model.safetensors"));
    LoadOptions adapted = LoadOptions.defaults().lora(adapter, 1);
    int[] ids = {5, 6, 7};
    try (Model model = Model.load(first, adapted);
        Model plain = Model.load(first)) {
      assertThat(Prompts.logits(model, ids)).isNotEqualTo(Prompts.logits(plain, ids));
    }
    Path second = second("baichuan-7b").write(folder.resolve("second"));
    assertThatThrownBy(() -> Model.load(second, adapted))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(
            "'base_model.model.lm_head.lora_B.weight' changes rows that second divides by their length");
  }

  @Test
  void anOutputThatIsTheEmbeddingIsRefused() throws IOException {
    Path path = second("baichuan-7b").set("tie_word_embeddings", "true").write(folder);
    assertThatThrownBy(() -> Model.load(path))
        .hasMessageContaining("tie_word_embeddings is true; supported is false");
  }
}
