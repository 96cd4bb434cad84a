package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.AllocatedBytes;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// A file that is no model of ours is refused in one line that names the file, the thing, what was
/// found and what was possible.
class BadModelTest {
  private static final Path GOOD = Fixtures.copied("arch/llama/model-f32.gguf");
  private static final int LARGE_ALLOCATION = 16 << 20;

  @TempDir Path folder;

  private record Case(
      String what, UnaryOperator<GgufVariant> change, String kind, List<String> message) {}

  private static Case malformed(String what, UnaryOperator<GgufVariant> change, String... message) {
    return new Case(what, change, "malformed", List.of(message));
  }

  private static Case unsupported(
      String what, UnaryOperator<GgufVariant> change, String... message) {
    return new Case(what, change, "unsupported", List.of(message));
  }

  private static Case missing(String key) {
    return malformed("without " + key, v -> v.withoutKey(key), "no key '" + key + "'");
  }

  private static Case count(String key, long value, String possible) {
    return malformed(
        key + " " + value, v -> v.set(key, "u32", value), key + " is " + value, possible);
  }

  private static final List<Case> CASES =
      List.of(
          missing("general.architecture"),
          missing("llama.block_count"),
          missing("llama.embedding_length"),
          missing("llama.attention.head_count"),
          missing("llama.feed_forward_length"),
          missing("llama.context_length"),
          missing("llama.attention.layer_norm_rms_epsilon"),
          count("llama.block_count", 0, "possible are 1 to 65536"),
          count("llama.block_count", 0xFFFF_FFFFL, "possible are 1 to 65536"),
          count("llama.embedding_length", 0, "possible are 1 to"),
          count("llama.attention.head_count", 0, "possible are 1 to"),
          count("llama.attention.head_count_kv", 0, "possible are 1 to"),
          count("llama.attention.head_count_kv", 3, "does not divide the 4 heads"),
          count("llama.attention.key_length", 0, "possible are 1 to"),
          count("llama.rope.dimension_count", 17, "possible are 2 to 16"),
          count("llama.rope.dimension_count", 15, "odd"),
          count("llama.context_length", 0, "possible are 1 to"),
          count("llama.vocab_size", 385, "token_embd.weight has 384 rows"),
          malformed(
              "rows so wide that sizes would overflow",
              v ->
                  v.set("llama.attention.head_count", "u32", 65_537L)
                      .set("llama.attention.head_count_kv", "u32", 1L)
                      .set("llama.attention.key_length", "u32", 65_536L)
                      .set("llama.attention.value_length", "u32", 1L),
              "llama.attention.head_count makes rows of 4295098369 numbers",
              "possible are up to 2097152"),
          malformed(
              "heads that do not divide the width",
              v ->
                  v.set("llama.attention.head_count", "u32", 6L)
                      .withoutKey("llama.attention.key_length"),
              "llama.attention.head_count is 6",
              "does not divide the width 64"),
          malformed(
              "heads as text",
              v -> v.set("llama.attention.head_count", "str", "four"),
              "'llama.attention.head_count' is str",
              "integer"),
          malformed(
              "architecture as a number",
              v -> v.set("general.architecture", "u32", 1L),
              "'general.architecture' is u32",
              "str"),
          malformed(
              "an epsilon of zero",
              v -> v.set("llama.attention.layer_norm_rms_epsilon", "f32", 0.0),
              "layer_norm_rms_epsilon is 0.0",
              "positive"),
          malformed(
              "a base that is no number",
              v -> v.set("llama.rope.freq_base", "f32", Double.NaN),
              "rope.freq_base is NaN",
              "positive"),
          malformed(
              "a feed-forward for two layers of three",
              v -> v.set("llama.feed_forward_length", "arr[u32]", new long[] {160, 160}),
              "llama.feed_forward_length has 2 entries for 3 layers"),
          malformed(
              "one block too many",
              v -> v.set("llama.block_count", "u32", 4L),
              "no tensor 'blk.3.attn_norm.weight'"),
          malformed(
              "without a tensor",
              v -> v.withoutTensor("blk.1.ffn_down.weight"),
              "no tensor 'blk.1.ffn_down.weight'"),
          malformed(
              "without an embedding",
              v -> v.withoutTensor("token_embd.weight"),
              "token_embd.weight"),
          malformed(
              "a tensor of another shape",
              v -> v.tensor("blk.0.attn_k.weight", GgmlType.F32, 64L, 31L),
              "'blk.0.attn_k.weight' has the dimensions [64, 31]",
              "[64, 32]"),
          malformed(
              "a norm that is a matrix",
              v -> v.tensor("output_norm.weight", GgmlType.F32, 64L, 1L),
              "'output_norm.weight' has the dimensions [64, 1]",
              "[64]"),
          malformed(
              "more tokens than rows of the embedding",
              v ->
                  v.tensor("token_embd.weight", GgmlType.F32, 64L, 383L)
                      .set("llama.vocab_size", "u32", 383L)
                      .withoutTensor("output.weight"),
              "tokenizer.ggml.tokens has 384 tokens",
              "383"),
          malformed(
              "without tokens",
              v -> v.withoutKey("tokenizer.ggml.tokens"),
              "tokenizer.ggml.tokens"),
          unsupported(
              "another architecture",
              v -> v.set("general.architecture", "str", "mamba"),
              "general.architecture is 'mamba'",
              "supported are [", // whichever there are
              ", llama, "),
          unsupported(
              "a type that is not handled",
              v -> v.tensor("blk.0.attn_q.weight", GgmlType.Q8_1, 64L, 64L),
              "tensor 'blk.0.attn_q.weight' is Q8_1",
              "supported are",
              "Q4_K"),
          unsupported(
              "another scaling",
              v -> v.set("llama.rope.scaling.type", "str", "spiral"),
              "llama.rope.scaling.type is 'spiral'",
              "supported are none, linear, yarn, longrope"),
          malformed(
              "a scaling without its factors",
              v -> v.set("llama.rope.scaling.type", "str", "longrope"),
              "no tensor 'rope_factors_short.weight'"),
          unsupported(
              "heads that differ between layers",
              v -> v.set("llama.attention.head_count_kv", "arr[u32]", new long[] {2, 1, 2}),
              "llama.attention.head_count_kv differs between layers"),
          unsupported(
              "an unknown tokenizer",
              v -> v.set("tokenizer.ggml.model", "str", "abacus"),
              "abacus"));

  /// What only other architectures have.
  private static final Map<String, List<Case>> OTHERS =
      Map.of(
          "gemma2",
          List.of(
              malformed(
                  "a soft cap below zero",
                  v -> v.set("gemma2.attn_logit_softcapping", "f32", -4.0),
                  "gemma2.attn_logit_softcapping is -4.0",
                  "positive"),
              malformed(
                  "a soft cap of zero",
                  v -> v.set("gemma2.final_logit_softcapping", "f32", 0.0),
                  "gemma2.final_logit_softcapping is 0.0",
                  "positive"),
              count("gemma2.attention.sliding_window", 0, "possible are positive numbers"),
              count("gemma2.attention.sliding_window", 1L << 31, "possible are 0 to 2147483647"),
              malformed(
                  "a scale of zero",
                  v -> v.set("gemma2.attention.scale", "f32", 0.0),
                  "gemma2.attention.scale is 0.0",
                  "positive"),
              malformed(
                  "without a norm behind attention",
                  v -> v.withoutTensor("blk.2.post_attention_norm.weight"),
                  "no tensor 'blk.2.post_attention_norm.weight'")),
          "mixtral",
          List.of(
              count("llama.expert_used_count", 0, "possible are 1 to 4"),
              count("llama.expert_used_count", 5, "possible are 1 to 4"),
              missing("llama.expert_used_count"),
              malformed(
                  "without experts",
                  v -> v.withoutTensor("blk.1.ffn_up_exps.weight"),
                  "no tensor 'blk.1.ffn_up_exps.weight'"),
              malformed(
                  "fewer experts than there should be",
                  v -> v.tensor("blk.1.ffn_down_exps.weight", GgmlType.F32, 96L, 64L, 3L),
                  "'blk.1.ffn_down_exps.weight' has the dimensions [96, 64, 3]",
                  "[96, 64, 4]"),
              unsupported(
                  "experts of a type that is not handled",
                  v -> v.tensor("blk.0.ffn_gate_exps.weight", GgmlType.Q8_1, 64L, 96L, 4L),
                  "tensor 'blk.0.ffn_gate_exps.weight' is Q8_1",
                  "Q4_K")),
          "qwen2-yarn",
          List.of(
              missing("qwen2.rope.scaling.factor"),
              count("qwen2.rope.scaling.original_context_length", 0, "possible are 1 to"),
              malformed(
                  "a beta below zero",
                  v -> v.set("qwen2.rope.scaling.yarn_beta_slow", "f32", -1.0),
                  "qwen2.rope.scaling.yarn_beta_slow is -1.0",
                  "positive")),
          "qwen3",
          List.of(
              malformed(
                  "without a norm of queries",
                  v -> v.withoutTensor("blk.0.attn_q_norm.weight"),
                  "no tensor 'blk.0.attn_q_norm.weight'")),
          "olmo2",
          List.of(
              malformed(
                  "a norm of keys of a single head",
                  v -> v.tensor("blk.0.attn_k_norm.weight", GgmlType.F32, 16L),
                  "'blk.0.attn_k_norm.weight' has the dimensions [16]",
                  "[32]")),
          "phi3",
          List.of(
              malformed(
                  "frequencies of long texts alone",
                  v -> v.tensor("rope_factors_long.weight", GgmlType.F32, 8L),
                  "no tensor 'rope_factors_short.weight'")),
          "gpt2",
          List.of(
              malformed(
                  "without an epsilon",
                  v -> v.withoutKey("gpt2.attention.layer_norm_epsilon"),
                  "no key 'gpt2.attention.layer_norm_epsilon'"),
              malformed(
                  "fewer positions than there should be",
                  v -> v.tensor("position_embd.weight", GgmlType.F32, 64L, 63L),
                  "'position_embd.weight' has the dimensions [64, 63]",
                  "[64, 64]"),
              malformed(
                  "a layer norm without a bias",
                  v -> v.withoutTensor("blk.0.ffn_norm.bias"),
                  "no tensor 'blk.0.ffn_norm.bias'")));

  /// Of a model with leading layers without experts, and groups of experts behind them.
  private static final List<Case> MIXTURE =
      List.of(
          missing("deepseek2.expert_group_used_count"),
          missing("deepseek2.feed_forward_length"),
          count("deepseek2.leading_dense_block_count", 3, "possible are 0 to 2"),
          count("deepseek2.expert_gating_func", 3, "possible are 1 to 2"),
          count("deepseek2.expert_group_count", 3, "which does not divide the 8 experts"),
          malformed(
              "more experts for a token than its groups have",
              v -> v.set("deepseek2.expert_used_count", "u32", 5L),
              "deepseek2.expert_group_used_count is 1, groups of 4 experts each, but a token passes"
                  + " through 5"),
          malformed(
              "a bias for more experts than there are",
              v -> v.tensor("blk.1.exp_probs_b.bias", GgmlType.F32, 9L),
              "'blk.1.exp_probs_b.bias' has the dimensions [9]",
              "[8]"),
          malformed(
              "without the expert for all",
              v -> v.withoutTensor("blk.1.ffn_up_shexp.weight"),
              "no tensor 'blk.1.ffn_up_shexp.weight'"));

  @Test
  void aFalconWhoseBranchesFollowEachOtherIsRefused() throws IOException {
    Path path =
        GgufVariant.of(Fixtures.copied("tiny/falcon/model-f32.gguf"))
            .tensor("blk.0.ffn_norm.weight", GgmlType.F32, 32L)
            .write(folder.resolve("falcon-rw.gguf"));
    assertThatThrownBy(() -> Model.load(path))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("falcon-rw.gguf: unsupported: tensor 'blk.0.ffn_norm.weight', which");
  }

  @TestFactory
  Stream<DynamicTest> aChangedMixtureIsRefusedInOneLine() {
    return tests(Fixtures.copied("tiny/deepseek3-moe/model-f32.gguf"), MIXTURE);
  }

  /// Of a model with sinks, and experts with biases.
  private static final List<Case> SINKS =
      List.of(
          missing("gpt-oss.expert_used_count"),
          count("gpt-oss.expert_count", 0, "possible are 1 and more"),
          malformed(
              "without the sinks of a layer",
              v -> v.withoutTensor("blk.1.attn_sinks.weight"),
              "no tensor 'blk.1.attn_sinks.weight'"),
          malformed(
              "fewer sinks than heads",
              v -> v.tensor("blk.0.attn_sinks.weight", GgmlType.F32, 3L),
              "'blk.0.attn_sinks.weight' has the dimensions [3]",
              "[4]"),
          malformed(
              "biases of fewer experts than there are",
              v -> v.tensor("blk.0.ffn_down_exps.bias", GgmlType.F32, 32L, 3L),
              "'blk.0.ffn_down_exps.bias' has the dimensions [32, 3]",
              "[32, 4]"),
          malformed(
              "something else than whether YaRN is cut to whole pairs",
              v -> v.set("gpt-oss.rope.scaling.yarn_truncate", "u32", 1L),
              "gpt-oss.rope.scaling.yarn_truncate is 1; possible are true and false"));

  @TestFactory
  Stream<DynamicTest> aChangedModelWithSinksIsRefusedInOneLine() {
    return tests(Fixtures.copied("tiny/gpt-oss/model-f32.gguf"), SINKS);
  }

  @TestFactory
  Stream<DynamicTest> aChangedModelIsRefusedInOneLine() {
    return Stream.concat(
        tests(GOOD, CASES),
        OTHERS.entrySet().stream()
            .flatMap(other ->
                tests(
                    Fixtures.copied("arch/" + other.getKey() + "/model-f32.gguf"),
                    other.getValue())));
  }

  private Stream<DynamicTest> tests(Path good, List<Case> cases) {
    return cases.stream()
        .map(c ->
            DynamicTest.dynamicTest(
                c.what(),
                () -> {
                  Path file =
                      c.change().apply(GgufVariant.of(good)).write(folder.resolve("bad.gguf"));
                  long before = AllocatedBytes.here();
                  Throwable thrown = catchThrowable(() -> Model.load(file).close());
                  assertThat(AllocatedBytes.here() - before).isLessThan(LARGE_ALLOCATION);
                  assertThat(thrown)
                      .isInstanceOf(
                          c.kind().equals("malformed")
                              ? MalformedModelException.class
                              : UnsupportedModelException.class)
                      .hasMessageMatching("bad\\.gguf: " + c.kind() + "[^\n]*")
                      .message()
                      .contains(c.message());
                }));
  }

  @Test
  void theSameModelUnchangedLoads() throws IOException {
    Path file = GgufVariant.of(GOOD).write(folder.resolve("good.gguf"));
    try (Model model = Model.load(file);
        Session session = model.newSession()) {
      session.append(1);
      assertThat(session.logits().size()).isEqualTo(384);
    }
  }

  @TestFactory
  List<DynamicTest> malformedFilesAreRefusedWithoutLargeAllocation() {
    return Json.read(Fixtures.copied("malformed/manifest.json"))
        .required("cases")
        .valueStream()
        .filter(row -> row.required("format").asText().equals("gguf"))
        .map(row -> DynamicTest.dynamicTest(row.required("file").asText(), () -> refuse(row)))
        .toList();
  }

  private static void refuse(JsonNode row) throws IOException {
    Path file = Fixtures.copied("malformed/" + row.required("file").asText());
    String name = file.getFileName().toString();
    long before = AllocatedBytes.here();
    assertThatThrownBy(() -> Model.load(file).close())
        .isInstanceOfAny(MalformedModelException.class, UnsupportedModelException.class)
        .hasMessageMatching(name.replace(".", "\\.") + ": (malformed|unsupported)[^\n]*");
    if (name.startsWith("tok_")) {
      requireTokenizerVerdict(row, GgufFile.open(file));
    }
    assertThat(AllocatedBytes.here() - before).isLessThan(LARGE_ALLOCATION);
  }

  private static void requireTokenizerVerdict(JsonNode row, GgufFile file) {
    Throwable thrown = catchThrowable(() -> Model.tokenizer(file));
    if (row.required("verdict").asText().equals("model-reject")) {
      assertThat(thrown).as(row.required("reason").asText()).isNotNull();
    }
    if (thrown != null) {
      assertThat(thrown)
          .isInstanceOfAny(MalformedModelException.class, UnsupportedModelException.class)
          .hasMessageMatching(file.name().replace(".", "\\.") + ": (malformed|unsupported)[^\n]*")
          .message()
          .contains("tokenizer.ggml");
    }
  }

  @Test
  void whatIsNotAFileIsSaidToBeSo() throws IOException {
    Path missing = folder.resolve("nowhere.gguf");
    assertThatThrownBy(() -> Model.load(missing))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read " + missing + ": there is no such file");
    assertThatThrownBy(() -> Model.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot read " + folder + ": it is a folder without config.json");
  }

  @Test
  void aFileThatWasCutOrIsOfAnotherKindIsMalformed() throws IOException {
    byte[] good = Files.readAllBytes(GOOD);
    for (int length : new int[] {0, 3, 100, 5000, good.length / 2, good.length - 1}) {
      byte[] cut = Arrays.copyOf(good, length);
      Path file = Files.write(folder.resolve("cut.gguf"), cut);
      assertThatThrownBy(() -> Model.load(file))
          .as("%d bytes", length)
          .isInstanceOf(MalformedModelException.class)
          .hasMessageMatching("cut\\.gguf: malformed at byte \\d+: [^\n]*");
      assertThatThrownBy(() -> Model.load(cut, "memory"))
          .hasMessageMatching("memory: malformed at byte \\d+: [^\n]*");
    }
    Path text = Files.writeString(folder.resolve("poem.txt"), "Tyger Tyger, burning bright");
    assertThatThrownBy(() -> Model.load(text))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("poem.txt")
        .hasMessageContaining("not a GGUF file");
  }

  @Test
  void aMappedFileThatIsCutShortIsNoticedBeforeTheNextGeneration() throws IOException {
    Path file = Files.copy(GOOD, folder.resolve("shrinks.gguf"));
    try (Model mapped = Model.load(file);
        Model copied = Model.load(file, LoadOptions.defaults().copied());
        Session session = mapped.newSession();
        Session other = copied.newSession()) {
      GenerationOptions options =
          GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(2);
      List<Integer> expected = session.generate(new int[] {1, 2}, options).ids();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(20_000);
      }
      assertThatThrownBy(() -> session.generate(new int[] {1, 2}, options))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("shrinks.gguf was cut short to 20000 bytes");
      assertThat(other.generate(new int[] {1, 2}, options).ids()).isEqualTo(expected);
    }
  }

  @Test
  void aModelIsTheSameMappedCopiedFromAChannelAndFromMemory() throws IOException {
    try (Model mapped = Model.load(GOOD);
        Model copied = Model.load(GOOD, LoadOptions.defaults().copied());
        Model fromChannel = fromChannel();
        Model fromMemory = Model.load(Files.readAllBytes(GOOD), "an array")) {
      List<float[]> logits =
          List.of(mapped, copied, fromChannel, fromMemory).stream()
              .map(BadModelTest::logits)
              .toList();
      assertThat(logits).allSatisfy(each -> assertThat(each).isEqualTo(logits.getFirst()));
      assertThat(mapped.info()).isEqualTo(copied.info());
    }
  }

  private static Model fromChannel() throws IOException {
    try (FileChannel channel = FileChannel.open(GOOD, StandardOpenOption.READ)) {
      return Model.load(channel, "a channel"); // which is not needed any more
    }
  }

  private static float[] logits(Model model) {
    try (Session session = model.newSession()) {
      session.append(1, 2, 3);
      return session.logits().copy();
    }
  }

  @Test
  void loadingTellsHowFarItIs() throws IOException {
    var told = new java.util.ArrayList<Long>();
    try (Model model =
        Model.load(
            GOOD,
            (bytes, total) -> {
              assertThat(total).isEqualTo(GOOD.toFile().length());
              told.add(bytes);
            })) {
      assertThat(told).isSorted().hasSizeGreaterThan(20).last().isEqualTo(GOOD.toFile().length());
      assertThat(model.info().layers()).isEqualTo(3);
      assertThat(model.info().parameters()).isGreaterThan(100_000);
      assertThat(model.info().quantization()).isEqualTo("F32");
    }
  }
}
