package dev.inferno.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TypeMixTest {
  private static final TypeMix.Structure DENSE = new TypeMix.Structure(32, 0, 1, false, false);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_S", "Q2_K", "IQ4_NL", "IQ4_XS",
        "Q5_1", "Q5_0", "Q4_1", "Q4_0"
      })
  void isThatOfLlamaQuantize(String type) throws IOException {
    requireTypes(type, Fixtures.copied("quant/llama-256"));
  }

  @Tag("models")
  @ParameterizedTest
  @ValueSource(strings = {"Q5_K_S", "Q4_K_S", "Q3_K_L", "Q3_K_M"})
  void isThatOfLlamaQuantizeInMoreTypes(String type) throws IOException {
    requireTypes(type, Fixtures.shared("fixtures/quant/llama-256"));
  }

  /// The importance matrix of these files changes the bytes of blocks, but no type.
  private static void requireTypes(String type, Path files) throws IOException {
    GgufFile source = GgufFile.open(Fixtures.copied("quant/llama-256/model-F16.gguf"));
    GgufFile expected = GgufFile.open(files.resolve("model-" + type + ".gguf"));
    assertThat(
            types(
                choose(
                    FileType.named(type),
                    TypeMix.Structure.of(source.metadata()),
                    source.tensors())))
        .isEqualTo(
            expected.tensors().stream()
                .collect(Collectors.toMap(TensorInfo::name, TensorInfo::type)));
    assertThat(expected.requiredInteger("general.file_type")).isEqualTo(FileType.named(type).id());
  }

  @ParameterizedTest
  @CsvSource({"Q4_K_M, Q4_K", "Q5_K_M, Q5_K"})
  void givesTheFirstTheLastAndEveryThirdLayerMoreBits(FileType type, GgmlType usual) {
    Map<String, GgmlType> types =
        types(choose(type, DENSE, LlamaShape.named("llama-8b").tensors()));
    List<Integer> more = List.of(0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31);
    for (int layer = 0; layer < 32; layer++) {
      GgmlType expected = more.contains(layer) ? GgmlType.Q6_K : usual;
      assertThat(types)
          .containsEntry("blk." + layer + ".attn_v.weight", expected)
          .containsEntry("blk." + layer + ".ffn_down.weight", expected)
          .containsEntry("blk." + layer + ".ffn_up.weight", usual)
          .containsEntry("blk." + layer + ".attn_norm.weight", GgmlType.F32);
    }
    assertThat(types)
        .containsEntry("output.weight", GgmlType.Q6_K)
        .containsEntry("token_embd.weight", usual);
  }

  @ParameterizedTest
  @CsvSource({"Q4_K_M, Q6_K", "Q4_0, Q6_K", "Q8_0, Q8_0", "F16, F16"})
  void anEmbeddingThatIsTheOutputTooHasTheTypeOfTheOutput(FileType type, GgmlType expected) {
    assertThat(types(choose(type, DENSE, LlamaShape.named("llama-1b").tensors())))
        .containsEntry("token_embd.weight", expected);
  }

  @ParameterizedTest
  @CsvSource({
    "Q4_K_M, 96, Q4_K, Q5_0",
    "Q5_K_M, 96, Q5_K, Q5_1",
    "Q6_K, 96, Q6_K, Q8_0",
    "Q4_0, 96, Q4_0, Q4_0",
    "Q3_K_S, 96, Q3_K, Q4_0",
    "Q2_K, 96, Q2_K, Q4_0",
    "IQ4_XS, 96, IQ4_XS, IQ4_NL",
    "IQ4_NL, 100, IQ4_NL, F16",
    "Q4_K_M, 100, Q4_K, F16",
    "Q4_0, 100, Q4_0, F16"
  })
  void rowsThatAreNoWholeBlocksFallBack(
      FileType type, long length, GgmlType wanted, GgmlType expected) {
    TensorInfo tensor = tensor("blk.0.ffn_up.weight", length, 4L);
    assertThat(choose(type, DENSE, List.of(tensor)))
        .containsExactly(new ConvertedTensor(tensor, expected, wanted));
    assertThat(choose(type, DENSE, List.of(tensor)).getFirst().fellBack())
        .isEqualTo(wanted != expected);
  }

  @ParameterizedTest
  @EnumSource(FileType.class)
  void vectorsNormsAndRoutersKeepTheirType(FileType type) {
    List<TensorInfo> tensors =
        List.of(
            tensor("blk.0.attn_q.bias", 256L),
            tensor("blk.0.attn_q.weight", 256L, 1L),
            tensor("blk.0.attn_q_norm.weight", 256L, 8L),
            tensor("blk.0.ffn_gate_inp.weight", 256L, 8L),
            tensor("position_embd.weight", 256L, 64L));
    assertThat(choose(type, DENSE, tensors))
        .allMatch(tensor -> tensor.type() == GgmlType.F32 && !tensor.fellBack());
  }

  /// As llama-quantize has them, without an importance matrix.
  @ParameterizedTest
  @CsvSource({
    "Q5_K_S, Q5_K Q5_K Q5_K, Q5_K Q5_K Q5_K",
    "Q4_K_S, Q5_K Q4_K Q5_K, Q4_K Q4_K Q4_K",
    "Q3_K_L, Q5_K Q5_K Q5_K, Q5_K Q5_K Q5_K",
    "Q3_K_M, Q5_K Q4_K Q5_K, Q4_K Q4_K Q4_K",
    "Q3_K_S, Q3_K Q3_K Q3_K, Q3_K Q3_K Q3_K",
    "Q2_K, Q4_K Q3_K Q3_K, Q4_K Q3_K Q3_K",
    "IQ4_NL, Q5_K IQ4_NL Q5_K, Q5_K IQ4_NL IQ4_NL",
    "IQ4_XS, Q5_K IQ4_XS Q5_K, Q5_K IQ4_XS IQ4_XS",
    "MXFP4_MOE, Q8_0 Q8_0 Q8_0, Q8_0 Q8_0 Q8_0"
  })
  void valuesOutputsAndDownProjectionsOfTheFirstAndOfAMiddleLayer(
      FileType type, String first, String middle) {
    var grouped = new TypeMix.Structure(32, 0, 4, false, false);
    Map<String, GgmlType> types =
        types(choose(type, grouped, LlamaShape.named("llama-8b").tensors()));
    for (int layer : List.of(0, 16)) {
      String block = "blk." + layer + ".";
      assertThat(
              Stream.of("attn_v.weight", "attn_output.weight", "ffn_down.weight")
                  .map(name -> String.valueOf(types.get(block + name)))
                  .collect(Collectors.joining(" ")))
          .isEqualTo(layer == 0 ? first : middle);
    }
  }

  @Test
  void ofAMixtureInMicroscaledFloatsOnlyTheExpertsAreThat() {
    List<TensorInfo> tensors =
        List.of(
            tensor("blk.0.ffn_up_exps.weight", 256L, 64L, 4L),
            tensor("blk.0.attn_q.weight", 256L, 256L),
            tensor("token_embd.weight", 256L, 256L));
    assertThat(choose(FileType.MXFP4_MOE, new TypeMix.Structure(2, 4, 1, false, false), tensors))
        .extracting(ConvertedTensor::type)
        .containsExactly(GgmlType.MXFP4, GgmlType.Q8_0, GgmlType.Q8_0);
  }

  @Test
  void amongEightExpertsTheSmallMatricesHaveMoreBits() {
    List<TensorInfo> tensors =
        Stream.of("attn_k", "attn_v", "attn_output", "attn_q", "ffn_down_exps")
            .map(name -> tensor("blk.5." + name + ".weight", 256L, 256L))
            .toList();
    var structure = new TypeMix.Structure(32, 8, 1, false, false);
    assertThat(choose(FileType.Q4_K_M, structure, tensors))
        .extracting(ConvertedTensor::type)
        .containsExactly(GgmlType.Q8_0, GgmlType.Q8_0, GgmlType.Q5_K, GgmlType.Q4_K, GgmlType.Q4_K);
  }

  @Test
  void theOutputOfAFalconHasEightBitsAndItsNeuronsFewer() {
    List<TensorInfo> tensors =
        Stream.concat(
                Stream.of("output.weight"),
                Stream.iterate(0, i -> i < 32, i -> i + 1)
                    .map(i -> "blk." + i + ".ffn_down.weight"))
            .map(name -> tensor(name, 256L, 256L))
            .toList();
    var falcon = new TypeMix.Structure(32, 0, 1, false, true);
    assertThat(choose(FileType.Q5_K_M, falcon, tensors.subList(0, 6)))
        .extracting(ConvertedTensor::type)
        .containsExactly(
            GgmlType.Q8_0,
            GgmlType.Q6_K,
            GgmlType.Q6_K,
            GgmlType.Q6_K,
            GgmlType.Q6_K,
            GgmlType.Q5_K);
    assertThat(choose(FileType.Q4_K_M, falcon, tensors.subList(0, 6)))
        .extracting(ConvertedTensor::type)
        .containsExactly(
            GgmlType.Q8_0,
            GgmlType.Q6_K,
            GgmlType.Q6_K,
            GgmlType.Q5_K,
            GgmlType.Q5_K,
            GgmlType.Q4_K);
  }

  @Test
  void valuesThatManyHeadsShareHaveMoreBits() {
    List<TensorInfo> tensors =
        Stream.iterate(0, i -> i < 80, i -> i + 1)
            .map(layer -> tensor("blk." + layer + ".attn_v.weight", 256L, 256L))
            .toList();
    List<ConvertedTensor> chosen =
        choose(FileType.Q4_K_M, new TypeMix.Structure(80, 0, 8, true, false), tensors);
    assertThat(chosen.get(9).type()).isEqualTo(GgmlType.Q6_K);
    assertThat(chosen.get(10).type()).isEqualTo(GgmlType.Q5_K);
  }

  @Test
  void layersCountByTheirNumberAndNotByTheirPlaceInTheFile() {
    List<TensorInfo> tensors = LlamaShape.named("llama-8b").tensors();
    assertThat(types(choose(FileType.Q4_K_M, DENSE, tensors.reversed())))
        .isEqualTo(types(choose(FileType.Q4_K_M, DENSE, tensors)));
  }

  @Test
  void typesAreFoundByTheirNames() {
    assertThat(FileType.named("q4_k_m")).isEqualTo(FileType.Q4_K_M);
    assertThat(FileType.named("Q4_K")).isEqualTo(FileType.Q4_K_M);
    assertThat(FileType.named("q5_k")).isEqualTo(FileType.Q5_K_M);
    assertThatThrownBy(() -> FileType.named("Q9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the type must be one of F32, F16, BF16, Q8_0")
        .hasMessageEndingWith("but is 'Q9'");
    assertThatThrownBy(() -> FileType.named("")).isInstanceOf(IllegalArgumentException.class);
  }

  private static List<ConvertedTensor> choose(
      FileType type, TypeMix.Structure structure, List<TensorInfo> tensors) {
    return TypeMix.choose(type, structure, tensors);
  }

  private static Map<String, GgmlType> types(List<ConvertedTensor> tensors) {
    Function<ConvertedTensor, String> name = tensor -> tensor.source().name();
    return tensors.stream().collect(Collectors.toMap(name, ConvertedTensor::type));
  }

  private static TensorInfo tensor(String name, Long... dimensions) {
    return new TensorInfo(name, GgmlType.F32, List.of(dimensions), 0, 0);
  }
}
