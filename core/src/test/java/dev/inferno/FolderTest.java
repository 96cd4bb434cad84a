package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A model from a Hugging Face folder computes what the reference does, and the same bits as from
/// the GGUF file of the same weights.
class FolderTest {
  private static final SessionOptions EXACT =
      SessionOptions.defaults().keyValueType(KeyValueType.F32);
  private static final Path LLAMA = Fixtures.copied("arch/llama");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void hiddenStatesAttentionAndLogitsEqualTheReferenceAndTheGguf(String name) throws IOException {
    Path path = Fixtures.copied("arch/" + name);
    JsonNode goldens = Json.read(path.resolve("goldens.json"));
    Goldens arrays = Goldens.read(path.resolve("goldens.safetensors"));
    double hidden = goldens.at("/tolerance/hidden_abs").asDouble();
    try (Model model = Model.load(path);
        Model gguf = Model.load(path.resolve("model-f32.gguf"))) {
      for (JsonNode prompt : goldens.get("prompts")) {
        String key = prompt.get("key").asText();
        int[] ids = Json.ints(prompt.get("ids"));
        Captured captured = captured(model, ids);
        for (int layer = 0; layer < model.info().layers(); layer++) {
          Compare.close(
              key + " block " + layer,
              captured.array(Hook.RESID_POST.name(layer)),
              arrays.floats(key + ".block." + layer),
              hidden);
          Compare.close(
              key + " attention " + layer,
              captured.array(Hook.PATTERN.name(layer)),
              arrays.array(key + ".attn").row(layer),
              goldens.at("/tolerance/attention_abs").asDouble());
        }
        Compare.close(
            key + " logits",
            captured.array("logits"),
            arrays.floats(key + ".logits"),
            goldens.at("/tolerance/logits_abs").asDouble());
        assertSameBits(captured.arrays(), captured(gguf, ids).arrays());
      }
    }
  }

  private static Captured captured(Model model, int[] ids) {
    var captured = new Captured("all");
    try (Session session = model.newSession(EXACT)) {
      session.addListener(captured);
      session.append(ids);
    }
    return captured;
  }

  private static void assertSameBits(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((point, values) -> assertThat(actual.get(point)).as(point).isEqualTo(values));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void theConfigOfNewerReleasesGivesTheSameModel(String name) throws IOException {
    Path path = Fixtures.copied("arch/" + name);
    Files.copy(path.resolve("config-transformers5.json"), folder.resolve("config.json"));
    Files.copy(path.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertThat(logits(folder)).isEqualTo(logits(path));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void tensorsInSeveralFilesGiveTheSameModel(int files) throws IOException {
    Path path =
        FolderVariant.of(LLAMA)
            .tensor("one.too.many", "I64", 16, 2L)
            .write(folder.resolve("shards"), files);
    assertThat(logits(path)).isEqualTo(logits(LLAMA));
  }

  @Test
  void aModelThatWasSavedWithoutItsOutputHasShorterNames() throws IOException {
    Path path =
        FolderVariant.of(LLAMA)
            .renamed(tensor -> tensor.replaceFirst("^model\\.", ""))
            .write(folder);
    assertThat(logits(path)).isEqualTo(logits(LLAMA));
  }

  @Test
  void doublesAreRoundedToFloats() throws IOException {
    Path path = FolderVariant.of(LLAMA).as("F64").write(folder.resolve("double"));
    assertThat(logits(path)).isEqualTo(logits(LLAMA));
    try (Model model = Model.load(path)) {
      assertThat(model.info().quantization()).isEqualTo("F32");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16"})
  void halfPrecisionIsUsedAsItIs(String type) throws IOException {
    Path path = FolderVariant.of(LLAMA).as(type).write(folder.resolve("half"));
    Compare.close(type, logits(path), logits(LLAMA), 0.3);
    try (Model model = Model.load(path)) {
      assertThat(model.info().quantization()).isEqualTo(type);
      assertThat(model.info().sizeBytes()).isEqualTo(2 * model.info().parameters());
    }
  }

  @Test
  void aFileOfTensorsIsLoadedByTheConfigBesideIt() throws IOException {
    assertThat(logits(LLAMA.resolve("model.safetensors"))).isEqualTo(logits(LLAMA));
    Path alone = Files.copy(LLAMA.resolve("model.safetensors"), folder.resolve("m.safetensors"));
    assertThatThrownBy(() -> Model.load(alone))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot load "
                + alone
                + ": there is no config.json beside it, which says what its tensors are");
    Path missing = folder.resolve("missing.safetensors");
    assertThatThrownBy(() -> Model.load(missing))
        .hasMessage("cannot read " + missing + ": there is no such file");
  }

  private static float[] logits(Path path) throws IOException {
    try (Model model = Model.load(path);
        Session session = model.newSession(EXACT)) {
      session.append(1, 20, 300, 4);
      return session.logits().copy();
    }
  }

  @Test
  void theModelIsNamedAfterItsFolder() throws IOException {
    try (Model model = Model.load(LLAMA);
        Model gguf = Model.load(LLAMA.resolve("model-f32.gguf"))) {
      ModelInfo expected = gguf.info();
      assertThat(model.info())
          .isEqualTo(
              new ModelInfo(
                  "llama",
                  "llama",
                  expected.layers(),
                  expected.width(),
                  expected.heads(),
                  expected.keyValueHeads(),
                  expected.headSize(),
                  expected.feedForward(),
                  expected.vocabulary(),
                  expected.contextLength(),
                  expected.parameters(),
                  expected.sizeBytes(),
                  "F32"));
    }
  }

  @Test
  void tokenIdsWorkWithoutATokenizerAndTextIsRefused() throws IOException {
    JsonNode prompt = Json.read(LLAMA.resolve("goldens.json")).get("prompts").get(0);
    int[] greedy = Json.ints(prompt.get("greedy"));
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(greedy.length);
    try (Model model = Model.load(LLAMA);
        Session session = model.newSession(EXACT)) {
      session.addListener(new Captured("logits"));
      Generation generation = session.generate(Json.ints(prompt.get("ids")), options);
      assertThat(generation.ids()).isEqualTo(Arrays.stream(greedy).boxed().toList());
      assertThat(generation.text()).isEmpty();
      assertThat(generation.end()).isEqualTo(EndReason.LENGTH);

      String message =
          "llama: unsupported: text, since the folder has neither tokenizer.json nor"
              + " tokenizer.model; supported are token ids";
      assertThatThrownBy(model::tokenizer)
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> session.generate("Hello", options)).hasMessage(message);
      assertThatThrownBy(() -> session.generate(new int[] {1}, options.stopAt(".")))
          .hasMessage(message);
    }
  }

  @Test
  void loadingTellsHowFarItIs() throws IOException {
    var told = new ArrayList<Long>();
    try (Model model =
        Model.load(
            LLAMA,
            (bytes, total) -> {
              assertThat(total).isEqualTo(616_192);
              told.add(bytes);
            })) {
      assertThat(told).isSorted().hasSizeGreaterThan(20).last().isEqualTo(616_192L);
      assertThat(model.info().sizeBytes()).isEqualTo(616_192);
    }
  }

  @Test
  void aMappedFileThatIsCutShortIsNoticedAndACopyIsImmune() throws IOException {
    Path path = FolderVariant.of(LLAMA).write(folder.resolve("shrinks"), 2);
    GenerationOptions options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(2);
    int[] prompt = {1, 2};
    try (Model mapped = Model.load(path);
        Model copied = Model.load(path, LoadOptions.defaults().copied());
        Session session = mapped.newSession();
        Session other = copied.newSession()) {
      List<Integer> expected = session.generate(prompt, options).ids();
      try (FileChannel channel =
          FileChannel.open(
              path.resolve("model-00002-of-00002.safetensors"), StandardOpenOption.WRITE)) {
        channel.truncate(20_000);
      }
      assertThatThrownBy(() -> session.generate(prompt, options))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("model-00002-of-00002.safetensors was cut short to 20000 bytes");
      assertThat(other.generate(prompt, options).ids()).isEqualTo(expected);
    }
  }
}
