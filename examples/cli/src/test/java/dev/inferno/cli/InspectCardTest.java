package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The model card of the command `inspect`.
final class InspectCardTest {
  private static final Path LLAMA = Fixtures.copied("arch/llama");

  @TempDir private Path folder;

  private static String card(Path path) {
    CommandRun run = CommandRun.of("inspect", "--card", path.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  private static Path gguf(String architecture) {
    return Fixtures.copied("arch/" + architecture + "/model-f32.gguf");
  }

  @Test
  void theCardExplainsAModelInWords() {
    assertThat(card(gguf("gemma2")))
        .startsWith("model-f32.gguf: GGUF version 3, ")
        .containsPattern("\nfamily +gemma2: 4 layers, width 64, feed-forward 160, vocabulary 384\n")
        .containsPattern("\nsize +246,848 parameters in 987.4 kB, 32.00 bits each\n")
        .containsPattern("\ncontext +128 tokens\n")
        .containsPattern(
            "\nattention +grouped-query \\(GQA\\): 4 heads share 2 of keys and values, of 32"
                + " numbers; a sliding window of 8 positions in 2 of 4 layers; scores are capped at"
                + " 4; logits are capped at 8\n")
        .containsPattern("\ntypes +F32 100.0 % of the weights\n")
        .containsPattern(
            "\ntokenizer +SentencePiece BPE \\(llama, split as default\\), 384 tokens\n")
        .containsPattern("\nchat template +none\n")
        .containsPattern("\nlicence +not stated\n")
        .containsPattern("\nruns here +yes\n")
        .containsPattern("\nmemory +987.4 kB of weights, 1.0 MB for each 1,000 tokens ")
        .containsPattern("\nthis machine +[\\d.,]+ GB of memory here, ")
        .doesNotContain("general.architecture");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpt2 | attention +multi-head \\(MHA\\): 4 heads, each with keys and values",
        "gpt2 | positions +learned embeddings",
        "gpt2 | tokenizer +byte-level BPE \\(gpt2, split as gpt-2\\), 384 tokens",
        "qwen3 | attention +grouped-query .*; queries and keys are normed",
        "qwen2 | attention +.*; queries, keys and values have a bias",
        "qwen2-yarn | positions +RoPE with base 1,000,000, stretched by YaRN: 4 times, from an"
            + " original context of 32",
        "llama3 | positions +RoPE with base 500,000, slow frequencies stretched as in Llama 3.1",
        "llama-bias | positions +RoPE with base 10,000, positions divided by .*",
        "mixtral | experts +4 in a layer, of which a token passes through 2"
      })
  void eachKindHasItsWords(String name, String line) {
    assertThat(card(gguf(name))).containsPattern("\n" + line);
  }

  @ParameterizedTest
  @CsvSource({
    "bloom/model-f32.gguf, ALiBi",
    "mpt/model-f32.gguf, ALiBi",
    "baichuan-13b/model-f32.gguf, ALiBi",
    "baichuan-13b, ALiBi",
    "baichuan-7b/model-f32.gguf, RoPE",
    "falcon-rw, ALiBi",
    "falcon, RoPE"
  })
  void whatTellsPositionsApartIsThereThoughAFileMayNotSayIt(String name, String positions) {
    assertThat(card(Fixtures.copied("tiny/" + name))).containsPattern("\npositions +" + positions);
  }

  /// What a folder says in ways of its family's own.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "falcon-grouped | attention +grouped-query \\(GQA\\): 4 heads share 2 ",
        "mpt | context +128 tokens",
        "mpt | attention +multi-head \\(MHA\\): 6 heads",
        "stablelm | positions +RoPE with base 10,000, which turns the first 4 numbers of a head",
        "gptneox-base | positions +RoPE with base 5,000, not scaled",
        "cohere2 | attention .*; a sliding window of 9 positions in 3 of 4 layers",
        "deepseek2-moe | attention +multi-head latent \\(MLA\\): 4 heads, .* 16 numbers, of 20 ",
        "deepseek2-moe/model-f32.gguf | attention +multi-head latent .*, of 20 numbers"
      })
  void familiesHaveNamesOfTheirOwn(String path, String line) {
    assertThat(card(Fixtures.copied("tiny/" + path))).containsPattern("\n" + line);
  }

  @Test
  void allHeadsOfAnOlderFalconShareOneUnlessItSaysOtherwise() throws IOException {
    Path falcon = Fixtures.copied("tiny/falcon");
    String config = Files.readString(falcon.resolve("config.json"));
    assertThat(config).contains("\"num_kv_heads\": 1");
    Files.writeString(
        folder.resolve("config.json"), config.replace("kv_heads\": 1", "kv_heads\": 4"));
    Files.copy(falcon.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertThat(card(folder))
        .containsPattern("\nattention +multi-query \\(MQA\\): 4 heads share one ");
  }

  /// Kept are the keys and values of all heads: 2 layers, 4 heads of 20 and 10 numbers.
  @ParameterizedTest
  @ValueSource(strings = {"deepseek2-moe", "deepseek2-moe/model-f32.gguf"})
  void latentAttentionKeepsKeysAndValuesOfAllHeads(String path) {
    JsonNode card =
        CommandRun.of("inspect", "--json", Fixtures.copied("tiny/" + path).toString())
            .json()
            .required("card");
    assertThat(card.at("/memory/key_values_per_1000_tokens").longValue())
        .isEqualTo(1000 * 2 * 4 * (20 + 10) * Short.BYTES);
  }

  @ParameterizedTest
  @CsvSource({
    "smollm3, 1 of 5",
    "smollm3/model-f32.gguf, 1 of 5",
    "cohere2, 1 of 4",
    "cohere2/model-f32.gguf, 1 of 4"
  })
  void layersThatDoNotTellPositionsApartAreCounted(String path, String layers) {
    assertThat(card(Fixtures.copied("tiny/" + path)))
        .containsPattern("\npositions +RoPE with base .*; none in " + layers + " layers\n");
    assertThat(card(LLAMA)).doesNotContain("; none in ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny/llama-mqa", "tiny/llama-mqa/model-f32.gguf"})
  void adaptersAreCounted(String path) {
    CommandRun run =
        CommandRun.of(
            "inspect",
            "--card",
            Fixtures.copied(path).toString(),
            "--lora=" + Fixtures.copied("lora/one.gguf"),
            "--lora=" + Fixtures.copied("lora/peft/pairs") + "=0.5");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern(
            "\nadapters +one.gguf, which changes 9 matrices by 2,592 parameters; pairs, which changes"
                + " 10 matrices by 4,016 parameters\n")
        .containsPattern("\nruns here +yes\n")
        .containsPattern("\nmemory +[\\d.]+ kB of weights, [\\d.]+ kB of adapters, ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"arch/llama", "arch/llama/model-f32.gguf"})
  void anAdapterOfOtherSizesIsWhyAModelDoesNotRun(String path) {
    CommandRun run =
        CommandRun.of(
            "inspect",
            "--card",
            Fixtures.copied(path).toString(),
            "--lora=" + Fixtures.copied("lora/peft/pairs"));
    assertThat(run.out())
        .containsPattern(
            "\nruns here +no: pairs: malformed: its change of '.*' is .*, but the matrix is ");
  }

  @Test
  void anAdapterThatDoesNotFitIsWhyAModelDoesNotRun() {
    CommandRun run =
        CommandRun.of(
            "inspect",
            "--card",
            gguf("qwen3").toString(),
            "--lora=" + Fixtures.copied("lora/one.gguf"));
    assertThat(run.out())
        .containsPattern(
            "\nruns here +no: one.gguf: malformed: it adapts models of the architecture");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny/llama-mqa", "tiny/llama-mqa/model-f32.gguf"})
  void anAdapterOfTheEmbeddingIsWhyAModelDoesNotRun(String path) throws IOException {
    Path adapter = folder.resolve("table.gguf");
    new GgufWriter()
        .metadata("general.architecture", "str", "llama")
        .metadata("general.type", "str", "adapter")
        .metadata("adapter.type", "str", "lora")
        .metadata("adapter.lora.alpha", "f32", 4.0)
        .tensor("token_embd.weight.lora_a", GgmlType.F32, List.of(32L, 1L), new byte[128])
        .tensor("token_embd.weight.lora_b", GgmlType.F32, List.of(1L, 384L), new byte[4 * 384])
        .write(adapter);
    CommandRun run =
        CommandRun.of("inspect", "--card", Fixtures.copied(path).toString(), "--lora=" + adapter);
    assertThat(run.out())
        .containsPattern("\nruns here +no: table.gguf: unsupported: it changes .token_embd.weight");
    assertThat(card(adapter))
        .containsPattern("\nruns here +no: table.gguf: unsupported: general.type is 'adapter', ");
  }

  @Test
  void aFileThatSaysNoneHasNoTokenizer() throws IOException {
    Path file = folder.resolve("none.gguf");
    new GgufWriter()
        .metadata("general.architecture", "str", "llama")
        .metadata("tokenizer.ggml.model", "str", "none")
        .write(file);
    assertThat(card(file)).containsPattern("\ntokenizer +none in the file\n");
  }

  @Test
  void aMixOfTypesIsSharesOfTheWeights() {
    assertThat(card(Fixtures.copied("quant/llama-256/model-Q4_K_M.gguf")))
        .containsPattern("\ntypes +Q4_K [\\d.]+ %, Q6_K [\\d.]+ %, F32 0.1 % of the weights\n");
  }

  @Test
  void whatTheMetadataSaysOfItsOriginIsThere() throws IOException {
    Path file = folder.resolve("card.gguf");
    new GgufWriter()
        .metadata("general.architecture", "str", "mamba")
        .metadata("general.name", "str", "Snake\nPit")
        .metadata("general.organization", "str", "Reptiles")
        .metadata("general.license", "str", "mit")
        .metadata("general.base_model.0.repo_url", "str", "https://example.org/base")
        .metadata("mamba.block_count", "u32", 4L)
        .metadata("mamba.context_length", "u32", 1_000_000L)
        .metadata("mamba.ssm.state_size", "u32", 16L)
        .metadata("tokenizer.ggml.model", "str", "plamo2")
        .metadata("tokenizer.chat_template", "str", "\n{{ 'hello' }}")
        .tensor("t", GgmlType.Q8_1, List.of(32L), new byte[36])
        .write(file);
    assertThat(card(file))
        .containsPattern("\nmodel +Snake\\\\nPit, by Reptiles\n")
        .containsPattern("\nfamily +mamba: 4 layers\n")
        .containsPattern("\nattention +none: a state space takes its place\n")
        .containsPattern("\ntypes +Q8_1 100.0 % of the weights\n")
        .containsPattern("\ntokenizer +a kind that is not known \\(plamo2\\)\n")
        .containsPattern("\nchat template +of its own, 14 characters: \\{\\{ 'hello' }}\n")
        .containsPattern("\nlicence +mit\n")
        .containsPattern("\nbase model +https://example.org/base\n")
        .containsPattern(
            "\nruns here +no: card.gguf: unsupported: general.architecture is 'mamba'; supported"
                + " are \\[.*]; not supported are tensors of \\[Q8_1]\n");
    JsonNode card = CommandRun.of("inspect", "--json", file.toString()).json().required("card");
    assertThat(card.required("runs").booleanValue()).isFalse();
    assertThat(card.required("problem").asText()).contains("'mamba'");
    assertThat(card.at("/attention/kind").asText()).isEqualTo("none");
    assertThat(card.at("/types/Q8_1").doubleValue()).isOne();
  }

  @Test
  void valuesThatMakeNoSenseCountAsNone() throws IOException {
    Path file = folder.resolve("odd.gguf");
    new GgufWriter()
        .metadata("general.architecture", "str", "llama")
        .metadata("general.name", "u32", 7L)
        .metadata("llama.block_count", "u64", -1L)
        .metadata("llama.context_length", "str", "long")
        .metadata("llama.attention.head_count", "arr[u32]", new long[0])
        .metadata("llama.attention.head_count_kv", "f32", Double.NaN)
        .metadata("llama.embedding_length", "bool", true)
        .write(file);
    assertThat(card(file))
        .containsPattern("\nmodel +without a name\n")
        .containsPattern("\nfamily +llama\n")
        .containsPattern("\nsize +no tensors\n")
        .containsPattern("\ncontext +not stated\n")
        .containsPattern("\nattention +not stated\n")
        .containsPattern("\nruns here +no: odd.gguf: ");
    assertThat(CommandRun.of("inspect", "--json", file.toString()).exitCode()).isZero();
  }

  @Test
  void aFolderIsExplainedByWhatLiesInIt() throws IOException {
    Files.copy(LLAMA.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(LLAMA.resolve("config.json"), folder.resolve("config.json"));
    Files.writeString(
        folder.resolve("README.md"),
        "---\nlicense: apache-2.0\ntags:\n- small\nbase_model:\n- some/base\n---\n# Words\n");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"{{ '<|im_start|>' + messages[0].role }}\"}");
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": []}}");
    assertThat(card(folder))
        .containsPattern("\nfamily +llama: 3 layers, width 64, feed-forward 160, vocabulary 384\n")
        .containsPattern("\nattention +grouped-query \\(GQA\\): 4 heads share 2 ")
        .containsPattern("\ntokenizer +BPE \\(tokenizer.json\\), 2 tokens\n")
        .containsPattern("\nchat template +ChatML style \\(<\\|im_start\\|>\\), 39 characters\n")
        .containsPattern("\nlicence +apache-2.0\n")
        .containsPattern("\nbase model +some/base\n")
        .containsPattern("\nruns here +yes\n");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"strange\"}");
    Files.writeString(folder.resolve("tokenizer.json"), "{");
    assertThat(card(folder))
        .containsPattern("\nfamily +strange\n")
        .containsPattern("\ncontext +not stated\n")
        .containsPattern("\ntokenizer +a tokenizer.json that cannot be read\n")
        .containsPattern("\nruns here +no: .*config.json.* 'strange'; supported are ")
        .containsPattern("\nmemory +616.2 kB of weights; what keys and values take is not stated\n")
        .containsPattern("\nthis machine .*: enough for the weights\n");
  }

  @Test
  void theWeightsOfPackedExpertsAreCountedWhetherInAFolderOrInAFile() {
    Path packed = Fixtures.copied("tiny/gpt-oss-mxfp4");
    for (Path path : List.of(packed, packed.resolve("model-f32.gguf"))) {
      assertThat(card(path))
          .containsPattern("\nsize +96,661 parameters in ")
          .containsPattern("; a sliding window of 9 positions.*; learned sinks\n")
          .containsPattern("\nexperts +3 in a layer, of which a token passes through 2\n")
          .containsPattern("\ntypes +MXFP4 [\\d.]+ %, F32 [\\d.]+ % of the weights")
          .containsPattern("\nruns here +yes\n");
    }
  }

  @Test
  void theJsonHasNumbers() {
    JsonNode card =
        CommandRun.of("inspect", "--json", LLAMA.resolve("model-f32.gguf").toString())
            .json()
            .required("card");
    assertThat(card.fieldNames())
        .toIterable()
        .containsExactly(
            "architecture",
            "parameters",
            "bits_per_weight",
            "layers",
            "width",
            "context",
            "attention",
            "types",
            "adapters",
            "chat_template",
            "runs",
            "problem",
            "memory",
            "words");
    assertThat(card.required("runs").booleanValue()).isTrue();
    assertThat(card.required("problem").isNull()).isTrue();
    assertThat(card.at("/attention/kind").asText()).isEqualTo("GQA");
    assertThat(card.at("/attention/key_value_heads").intValue()).isEqualTo(2);
    assertThat(card.at("/memory/weights").longValue()).isEqualTo(616_192);
    assertThat(card.at("/memory/key_values_per_1000_tokens").longValue())
        .isEqualTo(1000 * 3 * 2 * (16 + 16) * 2);
    assertThat(card.at("/memory/physical").longValue()).isPositive();
    assertThat(card.at("/words/family").asText()).startsWith("llama: ");
  }

  @Test
  void aModelThatIsTooLargeIsSaidToBe() {
    var small =
        new MemoryNeed(10_000_000_000L, 100_000, 5e7, 8192, 16_000_000_000L, 4_000_000_000L, 0);
    assertThat(small.here()).endsWith("enough for all 8,192 tokens, with 10.9 GB");
    var little =
        new MemoryNeed(10_000_000_000L, 1e6, 5e7, 8192, 16_000_000_000L, 4_000_000_000L, 0);
    assertThat(little.here())
        .endsWith("room for about 3,950 tokens; INFERNO_JAVA_OPTS=-Xmx... gives Java more");
    var adapted =
        new MemoryNeed(
            10_000_000_000L, 1e5, 5e7, 8192, 16_000_000_000L, 4_000_000_000L, 100_000_000);
    assertThat(adapted.here()).endsWith("enough for all 8,192 tokens, with 11.0 GB");
    assertThat(adapted.need()).startsWith("10.0 GB of weights, 100.0 MB of adapters, ");
    var large = new MemoryNeed(70_000_000_000L, 1e5, 5e7, 8192, 16_000_000_000L, 4_000_000_000L, 0);
    assertThat(large.here()).contains("too little for the weights");
  }

  @Test
  @Tag("models")
  void aRealModelHasItsCard() {
    assertThat(card(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf")))
        .containsPattern("\nattention +grouped-query \\(GQA\\): 9 heads share 3 ")
        .containsPattern("\nchat template +ChatML ")
        .containsPattern("\nlicence +apache-2.0\n")
        .containsPattern("\nruns here +yes\n");
  }
}
