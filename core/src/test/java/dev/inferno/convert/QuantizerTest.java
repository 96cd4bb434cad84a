package dev.inferno.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.quant.BlockFormats;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class QuantizerTest {
  private static final LoadOptions.Progress QUIET = (_, _) -> {};
  private static final Path SOURCE = Fixtures.copied("quant/llama-256/model-F16.gguf");
  private static final int[] IDS = {1, 17, 99, 5, 230, 64, 3};

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(FileType.class)
  void changesTwoKeysOfTheMetadataAndNoOther(FileType type) throws IOException {
    GgufFile before = GgufFile.open(SOURCE);
    GgufFile after = GgufFile.open(quantized(SOURCE, type));
    assertThat(metadata(after)).containsAllEntriesOf(metadata(before));
    assertThat(after.metadata())
        .containsEntry("general.file_type", (long) type.id())
        .containsEntry("general.quantization_version", 2L);
    assertThat(after.tensors().stream().map(TensorInfo::name))
        .containsExactlyElementsOf(before.tensors().stream().map(TensorInfo::name).toList());
  }

  /// As text with its type, without the two keys.
  private static Map<String, String> metadata(GgufFile file) {
    Map<String, String> texts = new LinkedHashMap<>();
    file.metadata()
        .forEach((key, value) ->
            texts.put(key, file.metadataType(key) + Arrays.deepToString(new Object[] {value})));
    texts.remove("general.file_type");
    texts.remove("general.quantization_version");
    return texts;
  }

  /// How far logits are off, as a part of their own size, grows with what the type leaves out. The
  /// weights of this model are random, so that errors are as large as they get; the bounds are half
  /// as much again as was seen when all tensors had the bytes that llama-quantize gives them.
  @ParameterizedTest
  @CsvSource({
    "F32, 0",
    "F16, 0",
    "BF16, 0.01",
    "Q8_0, 0.04",
    "Q6_K, 0.1",
    "Q5_K_M, 0.2",
    "Q5_K_S, 0.2",
    "Q4_K_M, 0.4",
    "Q4_K_S, 0.4",
    "IQ4_NL, 0.4",
    "IQ4_XS, 0.4",
    "Q3_K_L, 0.65",
    "Q3_K_M, 0.65",
    "Q3_K_S, 0.75",
    "Q2_K, 1.15",
    "MXFP4_MOE, 0.04",
    "Q5_1, 0.25",
    "Q5_0, 0.25",
    "Q4_1, 0.5",
    "Q4_0, 0.5"
  })
  void theModelComputesNearlyTheSame(FileType type, double bound) throws IOException {
    float[] expected = logits(SOURCE);
    float[] actual = logits(quantized(SOURCE, type));
    double squares = 0;
    double errors = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += expected[i] * expected[i];
      errors += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    }
    assertThat(Math.sqrt(errors / squares)).isBetween(bound / 20, bound);
  }

  private static float[] logits(Path file) throws IOException {
    try (Model model = Model.load(file)) {
      return Prompts.logits(model, IDS);
    }
  }

  @Test
  void aTensorOfManyChunksIsEncodedAsInOnePiece() throws IOException {
    int rows = 9000; // more than a slab of 2^21 numbers
    float[] values = new float[256 * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7919 % 4001 - 2000) / 4001f;
    }
    Path source = folder.resolve("source.gguf");
    new GgufWriter().tensor("a.weight", List.of(256L, (long) rows), values).write(source);
    Path out = quantized(source, FileType.Q4_0);
    TensorInfo tensor = GgufFile.open(out).requiredTensor("a.weight");
    byte[] expected = new byte[(int) GgmlType.Q4_0.bytes(values.length)];
    BlockFormats.encoder(GgmlType.Q4_0)
        .orElseThrow()
        .encode(values, 0, values.length, MemorySegment.ofArray(expected), 0);
    assertThat(data(out, tensor)).isEqualTo(expected);
  }

  @Test
  void whatHasItsTypeAlreadyKeepsItsBytes() throws IOException {
    Path source = Fixtures.copied("quant/llama-256/model-Q4_K_M.gguf");
    Path out = folder.resolve("out.gguf");
    Conversion conversion = Quantizer.quantize(source, out, FileType.Q4_K_M, QUIET);
    assertThat(conversion.tensors()).allMatch(ConvertedTensor::isKept);
    assertThat(conversion.bytesAfter()).isEqualTo(conversion.bytesBefore());
    for (TensorInfo tensor : GgufFile.open(source).tensors()) {
      TensorInfo copy = GgufFile.open(out).requiredTensor(tensor.name());
      assertThat(data(out, copy)).as(tensor.name()).isEqualTo(data(source, tensor));
    }
  }

  @Test
  void everyTypeThatIsReadCanBeTheOrigin() throws IOException {
    for (String type : List.of("Q2_K", "Q3_K_S", "Q4_1", "Q5_K_M", "BF16")) {
      Path source = Fixtures.copied("quant/llama-256/model-" + type + ".gguf");
      Path wide = quantized(source, FileType.F32);
      assertThat(logits(wide)).as(type).hasSameSizeAs(logits(source));
      assertThat(GgufFile.open(wide).tensors()).allMatch(tensor -> tensor.type() == GgmlType.F32);
    }
  }

  @Test
  void tellsHowFarItIs() throws IOException {
    List<Long> told = new ArrayList<>();
    Conversion conversion =
        Quantizer.quantize(
            SOURCE,
            folder.resolve("out.gguf"),
            FileType.Q8_0,
            (bytes, total) -> told.addAll(List.of(bytes, total)));
    assertThat(told).hasSize(2 * conversion.tensors().size());
    assertThat(told.getLast()).isEqualTo(conversion.bytesAfter());
    assertThat(told.get(told.size() - 2)).isEqualTo(conversion.bytesAfter());
  }

  @Test
  void workThatIsEndedLeavesNothingBehind() throws IOException {
    Path out = Files.writeString(folder.resolve("out.gguf"), "before");
    assertThatThrownBy(() ->
            Quantizer.quantize(
                SOURCE,
                out,
                FileType.Q8_0,
                (_, _) -> {
                  throw new IllegalStateException("enough");
                }))
        .hasMessage("enough");
    assertThat(out).hasContent("before");
    assertThat(files()).containsExactly(out);
  }

  @Test
  void theFileToReadIsNotWritten() throws IOException {
    Path source = Files.copy(SOURCE, folder.resolve("model.gguf"));
    Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), source);
    assertThatThrownBy(() -> Quantizer.quantize(source, link, FileType.Q4_0, QUIET))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write %s: it is the file to read", link);
    assertThat(source).hasSameBinaryContentAs(SOURCE);
  }

  @Test
  void aTypeThatCannotBeDecodedIsRefused() throws IOException {
    Path source =
        GgufVariant.of(SOURCE)
            .tensor("blk.0.ffn_up.weight", GgmlType.Q8_K, 256L, 16L)
            .write(folder.resolve("model.gguf"));
    assertThatThrownBy(() -> quantized(source, FileType.Q4_0))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageStartingWith(
            "model.gguf: unsupported: tensor 'blk.0.ffn_up.weight' is Q8_K; supported are [F32,");
    assertThat(files()).containsExactly(source);
  }

  @Test
  void theTensorsOfAllPartsAreQuantizedToOneFile() throws IOException {
    Path expected = folder.resolve("expected.gguf");
    Quantizer.quantize(SOURCE, expected, FileType.Q8_0, (_, _) -> {});
    List<Path> parts = GgufSplitter.splitByTensors(SOURCE, folder.resolve("x"), 9, (_, _) -> {});
    Path out = folder.resolve("out.gguf");
    Quantizer.quantize(parts.get(1), out, FileType.Q8_0, (_, _) -> {});
    assertThat(out).hasSameBinaryContentAs(expected);
  }

  @ParameterizedTest
  @CsvSource({"NaN, Q4_0", "NaN, BF16", "Infinity, Q8_0", "70000, F16", "-70000, Q4_K_M"})
  void aWeightThatTheTypeDoesNotHoldIsRefused(float weight, FileType type) throws IOException {
    float[] values = new float[512];
    values[300] = weight;
    Path source = folder.resolve("model.gguf");
    new GgufWriter().tensor("a.weight", List.of(256L, 2L), values).write(source);
    assertThatThrownBy(() -> quantized(source, type))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("element 300 of tensor 'a.weight' is " + weight);
    assertThat(files()).containsExactly(source);
  }

  private Path quantized(Path source, FileType type) throws IOException {
    Path out = folder.resolve(type + ".gguf");
    Quantizer.quantize(source, out, type, QUIET);
    return out;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static byte[] data(Path file, TensorInfo tensor) throws IOException {
    int from = (int) tensor.offset();
    return Arrays.copyOfRange(Files.readAllBytes(file), from, from + (int) tensor.sizeBytes());
  }
}
