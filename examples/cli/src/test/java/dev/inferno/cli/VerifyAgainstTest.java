package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.Comparison;
import dev.inferno.Divergence;
import dev.inferno.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `verify` with `--against`.
final class VerifyAgainstTest {
  private static final String IDS = "275,240,323,346,367,366,256,72,105,377,169";
  private static final String F16 = quantized("F16");
  private static final String Q4 = quantized("Q4_0");

  @TempDir private Path folder;

  private static String quantized(String type) {
    return Fixtures.copied("quant/llama-256/model-" + type + ".gguf").toString();
  }

  private static CommandRun verify(String... more) {
    return CommandRun.of(
        Stream.concat(Stream.of("verify", F16, "--against"), Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void theNumbersAreThoseOfTheLibrary() throws IOException {
    CommandRun run = verify(Q4, "--ids", IDS, "--threshold=0.1", "--ctx=8", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode json = run.json();
    Divergence expected;
    try (Model model = Model.load(Path.of(F16));
        Model other = Model.load(Path.of(Q4))) {
      expected =
          Comparison.of(model, other)
              .window(8)
              .threshold(0.1)
              .on(275, 240, 323, 346, 367, 366, 256, 72, 105, 377, 169);
    }
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "model",
            "against",
            "positions",
            "windows",
            "kl",
            "top1_agreement",
            "perplexity",
            "against_perplexity",
            "embedding",
            "layers",
            "threshold",
            "first_layer");
    assertThat(json.required("positions").intValue()).isEqualTo(11);
    assertThat(json.required("windows").intValue()).isEqualTo(2);
    assertThat(json.at("/kl/mean").doubleValue()).isEqualTo(expected.kl().mean(), within(1e-9));
    assertThat(json.at("/kl/max_position").intValue()).isEqualTo(expected.kl().maxPosition());
    assertThat(json.required("top1_agreement").doubleValue()).isEqualTo(expected.agreement());
    assertThat(json.required("against_perplexity").doubleValue())
        .isEqualTo(expected.otherPerplexity().orElseThrow(), within(1e-6));
    assertThat(json.required("layers")).hasSize(expected.layers().size());
    assertThat(json.at("/layers/1/relative").doubleValue())
        .isEqualTo(expected.layers().get(1).relative(), within(1e-9));
    assertThat(json.required("first_layer").isNull())
        .isEqualTo(expected.firstDifference().isEmpty());
  }

  @Test
  void forPeopleItIsATable() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), "the cat sat on the mat");
    CommandRun run = verify(Q4, "--text", text.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("A " + F16 + "\nB " + Q4 + "\n")
        .containsPattern("\n\\d+ positions in 1 window\n")
        .containsPattern("\nKL\\(A\\|\\|B\\), nats +mean 0\\.\\d+  median 0\\.\\d+  90 % 0\\.")
        .containsPattern("\nsame likeliest +[\\d.]+ % of the positions\n")
        .containsPattern("\nperplexity +A [\\d.]+  B [\\d.]+\n")
        .containsPattern("\nbehind layer 0 +[\\d.]+ +[\\d.]+ +[\\d.]+ %\n")
        .containsPattern("\nfirst part by more than 5.00 % behind layer \\d\n$");
    assertThat(CommandRun.withInput("the cat", "verify", F16, "--against", F16, "--text=-").out())
        .contains(
            "mean 0.000000", "100.00 % of the positions", "no layer parts by more than 5.00 %");
  }

  @Test
  void oneTokenHasNoPerplexity() {
    JsonNode json = verify(Q4, "--ids=7", "--json").json();
    assertThat(json.required("perplexity").isNull()).isTrue();
    assertThat(verify(Q4, "--ids=7").out()).doesNotContain("perplexity");
  }

  @Test
  void anotherVocabularyIsRefusedByName() {
    CommandRun run = verify(Fixtures.copied("arch/gpt2/model-f32.gguf").toString(), "--ids=1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(" have different vocabularies: token ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--ids=1 --text=x",
        "--ids=1 --ctx=1",
        "--ids=1 --threshold=-1",
        "--ids=1 --threshold=NaN",
        "--ids=1 --reference=x",
        "--ids=1 --tolerance=1"
      })
  void whatMakesNoSenseIsNotUnderstood(String options) {
    String[] more =
        Stream.concat(Stream.of(Q4), Stream.of(options.split(" ")).filter(o -> !o.isEmpty()))
            .toArray(String[]::new);
    assertThat(verify(more).exitCode()).isEqualTo(2);
  }
}
