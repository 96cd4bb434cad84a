package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.testing.AllocatedBytes;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// A folder that is no model of ours is refused in one line that names the file, the thing, what
/// was found and what was possible.
class BadFolderTest {
  private static final Path GOOD = Fixtures.copied("arch/llama");
  private static final String INDEX = "model.safetensors.index.json";
  private static final int LARGE_ALLOCATION = 16 << 20;

  @TempDir Path folder;

  private record Case(String what, UnaryOperator<FolderVariant> change, String message) {}

  private static Case key(String key, String json, String message) {
    return new Case(key + " " + json, v -> v.set(key, json), message);
  }

  private static Case config(String key, String json, String message) {
    return key(key, json, "bad/config.json: malformed: " + key + " " + message);
  }

  private static Case unsupported(String key, String json, String message) {
    return key(key, json, "bad/config.json: unsupported: " + message);
  }

  private static Case missing(String key) {
    return new Case(
        "without " + key,
        v -> v.withoutKey(key),
        "bad/config.json: malformed: there is no key '" + key + "'");
  }

  private static final String LLAMA3 =
      "{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,\"high_freq_factor\":4,\"original_max_position_embeddings\":32}";

  private static final List<Case> CASES =
      List.of(
          missing("model_type"),
          missing("num_hidden_layers"),
          missing("hidden_size"),
          missing("num_attention_heads"),
          missing("intermediate_size"),
          missing("max_position_embeddings"),
          missing("rms_norm_eps"),
          missing("vocab_size"),
          config("num_hidden_layers", "0", "is 0; possible are 1 to 65536"),
          config("num_hidden_layers", "4294967295", "is 4294967295; possible are 1 to 65536"),
          config("num_hidden_layers", "\"three\"", "is 'three', must be an integer"),
          config("num_hidden_layers", "3.0", "is 3.0, must be an integer"),
          config(
              "num_hidden_layers",
              "99999999999999999999",
              "is 99999999999999999999, must be an integer"),
          config("num_attention_heads", "-4", "is -4; possible are 1 to 16777216"),
          config("num_key_value_heads", "0", "is 0; possible are 1 to 16777216"),
          config("head_dim", "0", "is 0; possible are 1 to 65536"),
          config("rms_norm_eps", "0", "is 0; possible are positive numbers of 32 bits"),
          config("rms_norm_eps", "1e99", "is 1.0E99; possible are positive numbers of 32 bits"),
          config("rope_theta", "-1.0", "is -1.0; possible are positive numbers of 32 bits"),
          config("rope_theta", "true", "is true, must be a number"),
          config("tie_word_embeddings", "1", "is 1, must be true or false"),
          config("rope_scaling", "\"linear\"", "is 'linear', must be an object"),
          config("layer_types", "[\"full_attention\"]", "has 1 entries for 3 layers"),
          key(
              "num_key_value_heads",
              "3",
              "bad: malformed: tensor 'model.layers.0.self_attn.k_proj.weight' has the dimensions"
                  + " [64, 32]; possible are rows for 3 heads of even size"),
          key(
              "vocab_size",
              "385",
              "bad: malformed: vocab_size of config.json is 385, but token_embd.weight has 384 rows"),
          key(
              "hidden_size",
              "32",
              "bad: malformed: tensor 'model.layers.0.input_layernorm.weight' has the dimensions"
                  + " [64], but the metadata asks for [32]"),
          key(
              "rope_scaling",
              "{\"rope_type\":\"linear\"}",
              "bad/config.json: malformed: there is no key 'rope_scaling.factor'"),
          key(
              "rope_scaling",
              "{\"factor\":2}",
              "bad/config.json: malformed: rope_scaling.factor is given, but no rope_type"),
          key(
              "rope_parameters",
              "{\"rope_type\":\"linear\",\"factor\":-2}",
              "bad/config.json: malformed: rope_parameters.factor is -2; possible are positive"),
          key(
              "rope_scaling",
              LLAMA3,
              "bad/config.json: malformed: rope_scaling.high_freq_factor is 4.0; possible is more"
                  + " than low_freq_factor, 4.0"),
          unsupported("model_type", "\"mamba\"", "model_type is 'mamba'; supported are ["),
          unsupported(
              "architectures",
              "[\"LlamaForSequenceClassification\"]",
              "architectures is [LlamaForSequenceClassification]; supported with this model_type is"
                  + " LlamaForCausalLM"),
          unsupported(
              "hidden_act", "\"relu\"", "hidden_act is 'relu'; supported are [silu, swish]"),
          unsupported(
              "rope_scaling",
              "{\"type\":\"spiral\",\"factor\":2}",
              "rope_scaling.type is 'spiral'; supported are [default, dynamic, linear, llama3,"
                  + " longrope, su, yarn]"),
          key(
              "rope_parameters",
              "{\"rope_type\":\"longrope\",\"rope_theta\":1e4}",
              "bad/config.json: malformed: rope_parameters.short_factor is absent; longrope needs"
                  + " it"),
          key(
              "rope_scaling",
              "{\"type\":\"longrope\",\"short_factor\":[1,2]}",
              "bad/config.json: malformed: rope_scaling.short_factor has 2 entries for 8 pairs"),
          unsupported(
              "layer_types",
              "[\"full_attention\",\"sliding_attention\",\"full_attention\"]",
              "layer_types has 'sliding_attention' for layer 1; supported there is"
                  + " 'full_attention'"),
          unsupported(
              "quantization_config",
              "{\"quant_method\":\"gptq\"}",
              "quantization_config is {quant_method=gptq}; supported is none"),
          unsupported(
              "partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5; supported is 1"),
          key(
              "tie_word_embeddings",
              "false",
              "bad: malformed: there is no tensor 'lm_head.weight' among 29 tensors"),
          key(
              "num_hidden_layers",
              "4",
              "bad: malformed: there is no tensor 'model.layers.3.input_layernorm.weight' among 29"
                  + " tensors"),
          key(
              "attention_bias",
              "true",
              "bad: malformed: there is no tensor 'model.layers.0.self_attn.q_proj.bias'"),
          new Case(
              "without a tensor",
              v -> v.withoutTensor("model.norm.weight"),
              "bad: malformed: there is no tensor 'model.norm.weight' among 28 tensors"),
          new Case(
              "a norm that is a matrix",
              v -> v.tensor("model.norm.weight", "F32", 256, 1L, 64L),
              "bad: malformed: tensor 'model.norm.weight' has the dimensions [64, 1], but the"
                  + " metadata asks for [64]"),
          new Case(
              "a scalar",
              v -> v.tensor("model.layers.1.self_attn.k_proj.weight", "F32", 4),
              "bad: malformed: tensor 'model.layers.1.self_attn.k_proj.weight' has the dimensions"
                  + " []; possible are rows for 2 heads of even size"),
          new Case(
              "packed floats",
              v -> v.tensor("model.layers.2.mlp.up_proj.weight", "F4", 64 * 80, 160L, 64L),
              "model.safetensors: unsupported: tensor 'model.layers.2.mlp.up_proj.weight' is F4;"
                  + " supported are F64, F32, F16, BF16, F8_E4M3, F8_E5M2 and integers"));

  @TestFactory
  List<DynamicTest> aBadFolderIsRefusedByName() {
    return CASES.stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path path = c.change().apply(FolderVariant.of(GOOD)).write(folder.resolve("bad"));
                  refuse(path, c.message());
                }))
        .toList();
  }

  @Test
  void gateAndUpInOneTensorAreTwoHalves() throws IOException {
    String name = "model.layers.1.block_sparse_moe.input_linear.weight";
    Path path =
        FolderVariant.of(Fixtures.copied("tiny/granitemoe"))
            .tensor(name, "F32", 6 * 47 * 32 * Float.BYTES, 6L, 47L, 32L)
            .write(folder.resolve("bad"));
    refuse(
        path,
        "bad: malformed: tensor '%s' has the dimensions [32, 47, 6]; possible is an even number of rows"
            .formatted(name));
  }

  @TestFactory
  List<DynamicTest> aMixtureThatIsComputedOtherwiseIsRefusedByName() {
    return List.of(
            unsupported(
                "rope_scaling",
                "{\"type\":\"yarn\",\"factor\":4,\"mscale\":0.5,\"mscale_all_dim\":1}",
                "rope_scaling.mscale is 0.5; supported is what mscale_all_dim is, 1.0"),
            unsupported(
                "rope_scaling",
                "{\"type\":\"yarn\",\"factor\":4,\"mscale_all_dim\":1}",
                "rope_scaling.mscale is absent; supported is what mscale_all_dim is, 1.0"),
            unsupported("norm_topk_prob", "true", "norm_topk_prob is true; supported is false"),
            unsupported("scoring_func", "\"sigmoid\"", "scoring_func is 'sigmoid'; supported are"),
            unsupported("topk_method", "\"best\"", "topk_method is 'best'; supported are"),
            missing("moe_intermediate_size"),
            missing("n_shared_experts"),
            config("num_experts_per_tok", "9", "is 9; possible are 1 to 8"))
        .stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path good = Fixtures.copied("tiny/deepseek2-moe");
                  refuse(
                      c.change().apply(FolderVariant.of(good)).write(folder.resolve("bad")),
                      c.message());
                }))
        .toList();
  }

  private static final String PACKED = "model.layers.1.mlp.experts.gate_up_proj_blocks";

  private static final String SCALES = "model.layers.1.mlp.experts.gate_up_proj_scales";

  @TestFactory
  List<DynamicTest> aGptOssThatIsComputedOrPackedOtherwiseIsRefusedByName() {
    return List.of(
            unsupported("swiglu_limit", "6.5", "swiglu_limit is 6.5; supported is 7.0"),
            unsupported(
                "quantization_config",
                "{\"quant_method\":\"gptq\"}",
                "quantization_config is {quant_method=gptq}; supported is none: tensors of plain"
                    + " numbers, or a quant_method of [mxfp4]"),
            config("num_experts_per_tok", "4", "is 4; possible are 1 to 3"),
            new Case(
                "blocks that are not told of",
                v -> v.withoutKey("quantization_config"),
                "bad: malformed: there is no tensor 'model.layers.0.mlp.experts.gate_up_proj' among"),
            new Case(
                "blocks without scales",
                v -> v.withoutTensor(SCALES),
                "bad: malformed: there is no tensor '" + SCALES + "' among"),
            new Case(
                "short blocks",
                v -> v.tensor(PACKED, "U8", 3 * 128 * 8, 3L, 128L, 1L, 8L),
                "bad: malformed: tensor '"
                    + PACKED
                    + "' is U8 of shape [3, 128, 1, 8]; possible is U8 of four dimensions, the last"
                    + " of 16 bytes, and an even number of rows"),
            new Case(
                "a row of a gate without one of up",
                v -> v.tensor(PACKED, "U8", 3 * 127 * 16, 3L, 127L, 1L, 16L),
                "bad: malformed: tensor '" + PACKED + "' is U8 of shape [3, 127, 1, 16]"),
            new Case(
                "fewer scales than blocks",
                v -> v.tensor(SCALES, "U8", 2 * 128, 2L, 128L, 1L),
                "bad: malformed: tensor '"
                    + SCALES
                    + "' is U8 of shape [2, 128, 1]; possible is U8 of shape [3, 128, 1], one for each"
                    + " block"),
            new Case(
                "fewer experts",
                v ->
                    v.tensor(PACKED, "U8", 2 * 128 * 16, 2L, 128L, 1L, 16L)
                        .tensor(SCALES, "U8", 2 * 128, 2L, 128L, 1L),
                "bad: malformed: tensor 'model.layers.1.mlp.experts.gate_up_proj' has the"
                    + " dimensions [32, 64, 2], but the metadata asks for [32, 64, 3]"))
        .stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path good = Fixtures.copied("tiny/gpt-oss-mxfp4");
                  refuse(
                      c.change().apply(FolderVariant.of(good)).write(folder.resolve("bad")),
                      c.message());
                }))
        .toList();
  }

  @Test
  void rowsInWhichGateAndUpAlternateAreEven() throws IOException {
    String name = "model.layers.1.mlp.experts.gate_up_proj_bias";
    Path path =
        FolderVariant.of(Fixtures.copied("tiny/gpt-oss"))
            .tensor(name, "F32", 4 * 47 * Float.BYTES, 4L, 47L)
            .write(folder.resolve("bad"));
    refuse(
        path,
        "bad: malformed: tensor '%s' has the dimensions [47, 4]; possible is an even number of columns"
            .formatted(name));
  }

  private static void refuse(Path path, String message) {
    long before = AllocatedBytes.here();
    Throwable thrown = catchThrowable(() -> Model.load(path).close());
    assertThat(AllocatedBytes.here() - before).isLessThan(LARGE_ALLOCATION);
    assertThat(thrown)
        .isInstanceOf(
            message.contains(": malformed")
                ? MalformedModelException.class
                : UnsupportedModelException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  private record BadText(String what, String text, String message) {}

  @TestFactory
  List<DynamicTest> aConfigThatIsNoJsonObjectIsMalformed() {
    return List.of(
            new BadText(
                "a key twice",
                "{\"a\":1,\n \"a\":2}",
                "bad/config.json: malformed at line 2, column 5: not valid JSON: Duplicate field"),
            new BadText("cut", "{\"a\":", "bad/config.json: malformed at line 1, column 6: "),
            new BadText(
                "begun",
                "{\"a\":1",
                "bad/config.json: malformed at line 1, column 7: not valid JSON: Unexpected end-of-input: expected close marker for Object (start marker at line: 1, column: 1)"),
            new BadText("nothing", "", "bad/config.json: malformed: must be a JSON object, but is"),
            new BadText("an array", "[]", "bad/config.json: malformed: must be a JSON object, but"),
            new BadText("more", "{} {}", "bad/config.json: malformed: goes on after its closing"),
            new BadText("not a number", "{\"a\":NaN}", "bad/config.json: malformed at line 1"),
            new BadText("deep", "{\"a\":" + "[".repeat(5000), "bad/config.json: malformed at line"),
            new BadText("Latin-1", "{\"a\":\"\u00e4\"}", "bad/config.json: malformed: not UTF-8"))
        .stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path path = FolderVariant.of(GOOD).write(folder.resolve("bad"));
                  Files.write(
                      path.resolve("config.json"), c.text().getBytes(StandardCharsets.ISO_8859_1));
                  refuse(path, c.message());
                }))
        .toList();
  }

  private record BadIndex(String what, UnaryOperator<String> change, String message) {}

  @TestFactory
  List<DynamicTest> anIndexThatDoesNotFitItsFilesIsMalformed() {
    String index = "bad/" + INDEX + ": malformed";
    String shard = "model-00002-of-00002.safetensors";
    String norm = "\"model.norm.weight\":\"";
    return List.of(
            new BadIndex(
                "a tensor that is not there",
                s -> s.replace("norm.weight", "x.weight"),
                index + ": says that tensor '"),
            new BadIndex(
                "a tensor in the other file",
                s -> s.replace(norm + "model-00001", norm + "model-00002"),
                index + ": says that tensor 'model.norm.weight' is in"),
            new BadIndex(
                "a tensor twice",
                s -> s.replace("{\"model.", "{\"model.norm.weight\":\"" + shard + "\",\"model."),
                index + " at line 1, column"),
            new BadIndex(
                "a file that is not there",
                s -> s.replace("00002-of", "00003-of"),
                index + ": lists the file 'model-00003-of-00002.safetensors', which is not there"),
            new BadIndex(
                "a path upwards", s -> s.replace(shard, "../" + shard), index + ": puts tensor"),
            new BadIndex(
                "an absolute path",
                s -> s.replace(shard, "/tmp/" + shard),
                index + ": puts tensor"),
            new BadIndex(
                "a path of Windows",
                s -> s.replace(shard, "..\\\\" + shard),
                index + ": puts tensor"),
            new BadIndex(
                "a NUL", s -> s.replace(shard, "\\u0000" + shard), index + ": puts tensor"),
            new BadIndex(
                "another kind of file",
                s -> s.replace(shard, "config.json"),
                index + ": puts tensor"),
            new BadIndex(
                "a number",
                s -> s.replace('"' + shard + '"', "2"),
                index + ": has '2' as the file of tensor"),
            new BadIndex("no map", s -> "{\"metadata\":{}}", index + ": has no object weight_map"),
            new BadIndex("an empty map", s -> "{\"weight_map\":{}}", index + ": has no object"))
        .stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path path = FolderVariant.of(GOOD).write(folder.resolve("bad"), 2);
                  String good = Files.readString(path.resolve(INDEX));
                  String bad = c.change().apply(good);
                  assertThat(bad).isNotEqualTo(good);
                  Files.writeString(path.resolve(INDEX), bad);
                  refuse(path, c.message());
                }))
        .toList();
  }

  @Test
  void aDamagedFileOfTensorsIsMalformed() throws IOException {
    Path path = FolderVariant.of(GOOD).write(folder.resolve("bad"), 2);
    Path shard = path.resolve("model-00002-of-00002.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    Files.write(shard, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    refuse(path, "model-00002-of-00002.safetensors: malformed: tensor '");
  }

  @Test
  void tensorsInAnotherFormatAreRefusedByName() throws IOException {
    Path path = Files.createDirectory(folder.resolve("bad"));
    Files.copy(GOOD.resolve("config.json"), path.resolve("config.json"));
    refuse(path, "bad: malformed: there is neither model.safetensors nor " + INDEX);
    Files.createFile(path.resolve("pytorch_model.bin"));
    refuse(
        path,
        "bad: unsupported: the tensors are in pytorch_model.bin; supported are model.safetensors and"
            + " "
            + INDEX);
  }

  @Test
  void aFolderWithoutAConfigIsSaidToBeSo() throws IOException {
    Files.copy(GOOD.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> Model.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read " + folder + ": it is a folder without config.json");
  }
}
