package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/// Every vocabulary that the folder `tokenizers` has as GGUF, against everything expected of it.
@Tag("models")
class SharedTokenizersTest {

  /// Of vocabularies that are kept under another name.
  private static final Map<String, String> FILES =
      Map.of(
          "gpt2", "ggml-vocab/ggml-vocab-gpt-2.gguf.gz",
          "llama2", "ggml-vocab/ggml-vocab-llama-spm.gguf.gz",
          "bert_bge", "ggml-vocab/ggml-vocab-bert-bge.gguf.gz",
          "ggml-vocab-llama-bpe", "gguf/llama3.vocab.gguf.gz",
          "ggml-vocab-qwen2", "gguf/qwen3.vocab.gguf.gz");

  @TestFactory
  List<DynamicTest> agreesWithExpectedIds() {
    return SharedModels.list("tokenizers/expected").stream()
        .map(file -> file.replace(".json.gz", ""))
        .map(name ->
            dynamicTest(
                name,
                () -> {
                  String gguf = FILES.getOrDefault(name, "gguf/" + name + ".vocab.gguf.gz");
                  ExpectedIds ids =
                      ExpectedIds.shared(
                          "tokenizers/" + gguf, "tokenizers/expected/" + name + ".json.gz");
                  ids.assertTextsGiveIds();
                  ids.assertIdsGiveTexts();
                  ids.assertStreamsGiveChunks();
                  ids.assertPlacesFollowOneAnother();
                  ids.assertShownWorkGivesTheSame();
                }))
        .toList();
  }

  @TestFactory
  List<DynamicTest> agreesWithVectors() {
    return SharedModels.list("tokenizers/ggml-vocab").stream()
        .filter(file -> file.endsWith(".gguf.out"))
        .map(file -> file.replace(".gguf.out", ""))
        .map(name -> dynamicTest(name, () -> assertVectors(name)))
        .toList();
  }

  private static void assertVectors(String name) {
    String folder = "tokenizers/ggml-vocab/" + name;
    String gguf = FILES.getOrDefault(name, "ggml-vocab/" + name + ".gguf.gz");
    Tokenizer tokenizer = SharedModels.tokenizer("tokenizers/" + gguf);
    String[] texts = text(folder + ".gguf.inp").split("\n__ggml_vocab_test__\n", -1);
    String[] lines = text(folder + ".gguf.out").split("\n", -1);
    EncodeOptions plain =
        EncodeOptions.defaults().withAddedSpecials(false).withParsedSpecials(false);
    assertThat(lines.length).isGreaterThan(40);
    for (int i = 0; i < texts.length - 1; i++) {
      StringBuilder ids = new StringBuilder();
      for (int id : tokenizer.encode(texts[i], plain).ids()) {
        ids.append(' ').append(id);
      }
      assertThat(ids.toString().strip()).as(texts[i]).isEqualTo(lines[i].strip());
    }
  }

  private static String text(String file) {
    return new String(SharedModels.read(file), StandardCharsets.UTF_8);
  }
}
