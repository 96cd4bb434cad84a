package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is measured is worth measuring.
final class InputsTest {

  static List<BlockFormat> formats() {
    return BlockFormats.all();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void randomBlocksHoldOrdinaryNumbers(BlockFormat format) {
    int count = 16 * 256;
    float[] values = new float[count];
    byte[] blocks = RandomNumbers.seeded(0).blocks(format.type(), count);
    format.decode(MemorySegment.ofArray(blocks), 0, values, 0, count);
    for (float value : values) {
      assertThat(value).isFinite();
      assertThat(value == 0 || Math.abs(value) >= Float.MIN_NORMAL).as("%s", value).isTrue();
    }
    assertThat(values).as("not all alike").isNotEqualTo(new float[count]);
  }

  @Test
  void columnsAreRoundedUpToWholeBlocks() {
    assertThat(Shape.parse("576x576", GgmlType.Q8_0)).isEqualTo(new Shape(576, 576));
    assertThat(Shape.parse("576x576", GgmlType.Q4_K)).isEqualTo(new Shape(576, 768));
  }

  @Test
  void aRandomModelGivesDifferentFiniteLogits() throws IOException {
    var sizes = new BenchmarkModel.Llama(2, 64, 4, 2, 96, 4096, 128);
    try (Model model = BenchmarkModel.random(GgmlType.Q8_0, sizes);
        Session session = model.newSession()) {
      session.append(1, 2, 3);
      assertThat(session.logits().copy()).hasSize(4096).doesNotHaveDuplicates();
      assertThat(session.logits().logSumExp()).isFinite();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"english", "code", "multilingual"})
  void textsAreEncodedWithoutLossByBothVocabularies(String name) throws IOException {
    String text = BenchmarkText.load(name);
    assertThat(text.length()).isGreaterThanOrEqualTo(1 << 16);
    for (String vocabulary : List.of("bundled", "sentencepiece")) {
      Tokenizer tokenizer = BenchmarkVocabulary.load(vocabulary);
      int[] ids = tokenizer.encode(text).ids();
      assertThat(ids).as(vocabulary).hasSizeLessThan(text.getBytes(UTF_8).length);
      assertThat(tokenizer.decode(ids)).as(vocabulary).endsWith(text);
    }
  }

  @Test
  void textsAndModelsOfTheUsersAreTakenByTheirPath(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "my own text");
    assertThat(BenchmarkText.load(text.toString())).isEqualTo("my own text");

    Path file = Files.write(folder.resolve("model.gguf"), BenchmarkModel.bundled());
    try (Model model = BenchmarkModel.load(file.toString())) {
      assertThat(model.info().architecture()).isEqualTo("llama");
    }
    assertThat(BenchmarkVocabulary.load(file.toString()).vocabularySize()).isEqualTo(2048);
  }
}
