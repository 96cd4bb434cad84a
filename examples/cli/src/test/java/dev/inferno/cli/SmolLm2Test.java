package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands on trained models, against transformers.
@Tag("models")
final class SmolLm2Test {
  /// Two logits nearer than this may change places by rounding.
  private static final double CLEAR_GAP = 0.02;

  @TempDir private Path folder;

  private static String model() {
    return Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf").toString();
  }

  private static JsonNode goldens(String folder) {
    return Fixtures.json(Fixtures.shared("fixtures/" + folder + "/goldens.json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "code", "multilingual", "chat", "long"})
  void saysWhatTheReferenceSays(String key) {
    JsonNode golden =
        goldens("smollm2")
            .required("prompts")
            .valueStream()
            .filter(prompt -> prompt.required("key").asText().equals(key))
            .findFirst()
            .orElseThrow();
    JsonNode fromText = run("--prompt", golden.required("text").asText(), "--max-tokens=64");
    assertThat(fromText.required("prompt_ids")).isEqualTo(golden.required("ids"));
    assertThat(fromText.required("ids")).hasSize(64);
    long clear =
        golden
            .required("greedy_gaps")
            .valueStream()
            .takeWhile(gap -> gap.asDouble() >= CLEAR_GAP)
            .count();
    assertThat(clear).isPositive();
    assertThat(first(clear, fromText.required("ids")))
        .isEqualTo(first(clear, golden.required("greedy")));

    JsonNode fromIds = run("--ids", golden.required("ids").toString(), "--max-tokens=4");
    assertThat(first(4, fromIds.required("ids"))).isEqualTo(first(4, fromText.required("ids")));
  }

  private static JsonNode run(String... options) {
    String[] arguments = {
      "run",
      model(),
      options[0],
      options[1],
      options[2],
      "--greedy",
      "--kv=f32",
      "--ignore-eos",
      "--json"
    };
    return CommandRun.of(arguments).json();
  }

  private static List<Integer> first(long count, JsonNode ids) {
    return ids.valueStream().limit(count).map(JsonNode::intValue).toList();
  }

  @Test
  void perplexityIsThatOfTheReference() {
    double reference = goldens("smollm2").at("/perplexity/value").doubleValue();
    JsonNode json =
        CommandRun.of(
                "perplexity",
                model(),
                "--file",
                Fixtures.shared("fixtures/inputs/alice.txt").toString(),
                "--json")
            .json();
    assertThat(json.required("perplexity").doubleValue())
        .isEqualTo(reference, within(0.005 * reference));
    assertThat(json.required("windows").intValue()).isEqualTo(1);
    assertThat(json.required("tokens")).isEqualTo(goldens("smollm2").at("/perplexity/tokens"));
  }

  @Test
  void perplexityOfTheFirstWindowOfAnotherModelIsThatOfTheReference() throws IOException {
    // The reference has the first 512 tokens only, which is one window of this model.
    JsonNode perplexity = goldens("stories260K").required("perplexity");
    String stories = Fixtures.shared("fixtures/stories260K/stories260K-F32.gguf").toString();
    String ids = perplexity.required("ids").toString();
    String text = CommandRun.of("detokenize", stories, "--ids", ids).out();
    String beginning = text.substring(0, text.length() - 1).replaceFirst("^<s> ?", "").strip();
    Path file = java.nio.file.Files.writeString(folder.resolve("beginning.txt"), beginning);
    JsonNode json =
        CommandRun.of("perplexity", stories, "--file", file.toString(), "--json").json();
    double reference = perplexity.required("value").doubleValue();
    assertThat(json.required("perplexity").doubleValue())
        .isEqualTo(reference, within(0.005 * reference));
  }

  @Test
  void aTraceOfALongPromptHasEveryPosition() throws IOException {
    Path out = folder.resolve("x.safetensors");
    CommandRun run =
        CommandRun.of(
            "trace",
            model(),
            "--prompt-file",
            Fixtures.shared("fixtures/inputs/alice.txt").toString(),
            "--points=ln_final.hook_out,blocks.0.attn.hook_pattern",
            "--out",
            out.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      assertThat(traced.shape("ln_final.hook_out")).containsExactly(1427L, 576L);
      assertThat(traced.shape("blocks.0.attn.hook_pattern")).containsExactly(9L, 1427L, 1427L);
    }
  }
}
