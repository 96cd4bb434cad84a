package dev.inferno.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.testing.Prompts;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SyntheticModelTest {
  private static final LlamaShape TIED =
      new LlamaShape(2, 256, 4, 2, 512, 1000, 128, 10_000, 1, true);
  private static final LlamaShape UNTIED =
      new LlamaShape(12, 96, 6, 3, 160, 700, 512, 500_000, 8, false);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(FileType.class)
  void generatesInEveryType(FileType type) throws IOException {
    for (LlamaShape shape : new LlamaShape[] {TIED, UNTIED}) {
      try (Model model = Model.load(write(shape, type, 1));
          Session session = model.newSession()) {
        Generation generation =
            session.generate("Hello, world", GenerationOptions.defaults().maxTokens(4).seed(1));
        assertThat(generation.ids()).hasSizeBetween(1, 4);
      }
    }
  }

  @Test
  void activationsStayAsLargeAsTheyAreHoweverDeepTheModel() throws IOException {
    var deep = new LlamaShape(48, 64, 4, 2, 128, 400, 512, 10_000, 1, false);
    for (LlamaShape shape : new LlamaShape[] {TIED, UNTIED, deep}) {
      try (Model model = Model.load(write(shape, FileType.F32, 1))) {
        float[] logits = Prompts.logits(model, new int[] {1, 2, 3, 4, 5, 6, 7, 8});
        double squares = 0;
        for (float logit : logits) {
          squares += logit * logit;
        }
        assertThat(Math.sqrt(squares / logits.length)).as("%s", shape).isBetween(0.5, 2.0);
      }
    }
  }

  @Test
  void weightsAreNormalWithTheDeviationOfTheirRows() throws IOException {
    Path file = write(TIED, FileType.F32, 3);
    TensorInfo tensor = GgufFile.open(file).requiredTensor("blk.1.ffn_up.weight");
    ByteBuffer data =
        ByteBuffer.wrap(Files.readAllBytes(file), (int) tensor.offset(), (int) tensor.sizeBytes())
            .order(ByteOrder.LITTLE_ENDIAN);
    int count = (int) tensor.elements();
    double sum = 0;
    double squares = 0;
    double within = 0;
    for (int i = 0; i < count; i++) {
      double value = data.getFloat() * Math.sqrt(256);
      sum += value;
      squares += value * value;
      within += Math.abs(value) < 1 ? 1 : 0;
    }
    assertThat(sum / count).isEqualTo(0, within(0.02));
    assertThat(squares / count).isEqualTo(1, within(0.02));
    assertThat(within / count).isEqualTo(0.6827, within(0.01));
  }

  @Test
  void theSeedDecides() throws IOException {
    byte[] first = Files.readAllBytes(write(TIED, FileType.Q4_K_M, 1));
    byte[] again = Files.readAllBytes(write(TIED, FileType.Q4_K_M, 1));
    byte[] other = Files.readAllBytes(write(TIED, FileType.Q4_K_M, 2));
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void tensorsDifferFromEachOther() throws IOException {
    Path file = write(TIED, FileType.Q8_0, 1);
    GgufFile header = GgufFile.open(file);
    byte[] bytes = Files.readAllBytes(file);
    TensorInfo gate = header.requiredTensor("blk.0.ffn_gate.weight");
    TensorInfo up = header.requiredTensor("blk.0.ffn_up.weight");
    assertThat(ByteBuffer.wrap(bytes, (int) gate.offset(), 4096))
        .isNotEqualTo(ByteBuffer.wrap(bytes, (int) up.offset(), 4096));
  }

  @ParameterizedTest
  @CsvSource({
    "llama-135m, 134515008",
    "llama-1b, 1235814432",
    "llama-3b, 3212749888",
    "llama-8b, 8030261312"
  })
  void theShapesHaveAsManyWeightsAsTheModelsTheyAreNamedFor(String name, long expected) {
    assertThat(LlamaShape.named(name).tensors().stream().mapToLong(TensorInfo::elements).sum())
        .isEqualTo(expected);
  }

  @Test
  void theVocabularyEncodesEveryText() throws IOException {
    Tokenizer tokenizer = Model.tokenizer(GgufFile.open(write(TIED, FileType.Q8_0, 1)));
    assertThat(tokenizer.vocabularySize()).isEqualTo(1000);
    for (String text :
        new String[] {"the cat", "Größe 火 \n\t", "0123", "\u0000\u007F\u00A0\u00AD"}) {
      int[] ids = tokenizer.encode(text).ids();
      assertThat(ids[0]).isEqualTo(998);
      assertThat(tokenizer.decode(java.util.Arrays.copyOfRange(ids, 1, ids.length)))
          .isEqualTo(text);
    }
    assertThat(tokenizer.encode("at").ids()).hasSize(2); // begin, and one token of two letters
  }

  @Test
  void halfTheFrequenciesOfLlama31AreAsTheyWere() throws IOException {
    Path file = write(UNTIED, FileType.F32, 1);
    TensorInfo tensor = GgufFile.open(file).requiredTensor("rope_freqs.weight");
    assertThat(tensor.type()).isEqualTo(GgmlType.F32);
    ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(data.getFloat((int) tensor.offset())).isEqualTo(1);
    assertThat(data.getFloat((int) (tensor.offset() + tensor.sizeBytes()) - 4)).isEqualTo(8);
  }

  @Test
  void tensorsHaveTheTypesThatTheMixHasForThem() throws IOException {
    Map<GgmlType, Long> counts =
        GgufFile.open(write(TIED, FileType.Q4_0, 1)).tensors().stream()
            .collect(Collectors.groupingBy(TensorInfo::type, Collectors.counting()));
    assertThat(counts).isEqualTo(Map.of(GgmlType.F32, 5L, GgmlType.Q4_0, 14L, GgmlType.Q6_K, 1L));
  }

  @Test
  void whatMakesNoLlamaIsRefused() {
    assertThatThrownBy(() -> LlamaShape.named("llama-2b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the shape must be one of llama-135m, llama-1b, llama-3b, llama-8b, but is 'llama-2b'");
    assertThatThrownBy(() -> new LlamaShape(2, 256, 4, 3, 512, 1000, 128, 10_000, 1, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 and 3 heads");
    assertThatThrownBy(() -> new LlamaShape(2, 256, 4, 2, 512, 100, 128, 10_000, 1, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the vocabulary must have 258 to 493764 tokens, but has 100");
  }

  private Path write(LlamaShape shape, FileType type, long seed) throws IOException {
    Path file = folder.resolve("synthetic.gguf");
    LoadOptions.Progress quiet = (_, _) -> {};
    SyntheticModel.write(file, shape, type, seed, quiet);
    return file;
  }
}
