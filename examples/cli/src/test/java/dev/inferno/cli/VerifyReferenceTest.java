package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `verify` with `--reference`.
final class VerifyReferenceTest {
  private static final Path LLAMA = Fixtures.copied("arch/llama");
  private static final String GGUF = LLAMA.resolve("model-f32.gguf").toString();

  @TempDir private Path folder;

  private static CommandRun verify(String model, Path reference, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("verify", model, "--reference", reference.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gpt2", "gemma2", "qwen3", "mixtral"})
  void aModelEqualsWhatItsReferenceComputed(String name) {
    Path reference = Fixtures.copied("arch/" + name);
    CommandRun run = verify(reference.resolve("model-f32.gguf").toString(), reference);
    assertThat(run.exitCode()).as("%s", run).isZero();
    assertThat(run.out())
        .containsPattern("\np0 +attn +[234] +\\d+ .* equal\n")
        .containsPattern("\np2 +block\\.\\* +[234] +\\d+ .* equal\n")
        .containsPattern("\np1 +greedy +1 +16 .* equal\n")
        .containsPattern(
            "\nequal: all \\d+ arrays are within the tolerances, all 48 greedy tokens are the model's"
                + " choice\n$");
  }

  @Test
  void aFolderIsComparedAtEveryPointAndInCachedSteps() {
    CommandRun run = verify(LLAMA.toString(), LLAMA);
    assertThat(run.exitCode()).as("%s", run).isZero();
    assertThat(run.out())
        .containsPattern("\np2 +blocks\\.\\*\\.attn\\.hook_rot_k +3 +1056 .* equal\n")
        .containsPattern("\np2 cached +blocks\\.\\*\\.attn\\.hook_attn_scores +12 +648 .* equal\n")
        .containsPattern("\nnot in the reference: blocks\\.\\*\\.attn\\.hook_result, step")
        .containsPattern("\nnot compared, .*: blocks\\.\\*\\.attn\\.hook_scores_raw, ");
    JsonNode json = verify(LLAMA.toString(), LLAMA, "--json").json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "model", "reference", "equal", "first", "arrays", "greedy", "missing", "ignored");
    assertThat(json.at("/greedy/1/name").asText()).isEqualTo("p1.greedy");
    assertThat(json.at("/greedy/1/tokens").intValue()).isEqualTo(16);
    assertThat(json.at("/greedy/1/tolerance").doubleValue()).isEqualTo(2 * 0.00023);
    assertThat(json.required("equal").booleanValue()).isTrue();
    assertThat(json.required("first").isNull()).isTrue();
    assertThat(json.at("/arrays/0/name").asText()).isEqualTo("p0.embed");
    assertThat(json.at("/arrays/0/tolerance").doubleValue()).isEqualTo(0.00023);
  }

  @Test
  void whereTheyFirstPartIsNamed() throws IOException {
    // llama.cpp's converter leaves out Mistral's sliding window of 12.
    Path mistral = Fixtures.copied("arch/mistral");
    CommandRun run = verify(mistral.resolve("model-f32.gguf").toString(), mistral);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("\np0 +attn .* differs in layer 0\n")
        .containsPattern("\np1 +attn .* equal\n")
        .containsPattern(
            "\nfirst parts at attn in layer 0, prompt p0, position 12: ours [-.\\dE]+, theirs 0.0,"
                + " difference \\S+ \\(tolerance 1.00e-04\\)\n$");
    JsonNode first =
        verify(mistral.resolve("model-f32.gguf").toString(), mistral, "--json")
            .json()
            .required("first");
    assertThat(first.required("prompt").asText()).isEqualTo("p0");
    assertThat(first.required("point").asText()).isEqualTo("blocks.0.attn.hook_pattern");
    assertThat(first.required("layer").intValue()).isZero();
    assertThat(first.required("position").intValue()).isEqualTo(12);
    assertThat(first.required("theirs").doubleValue()).isZero();
    assertThat(first.required("difference").floatValue())
        .isEqualTo(first.required("ours").floatValue())
        .isGreaterThan(1e-4f);
  }

  @Test
  void aValueThatIsOffIsFoundWhereItIs() throws IOException {
    copyJson(json -> json);
    copyArrays((name, values) -> {
      if (name.equals("p1.block.1")) {
        values[3 * 64 + 7] += 0.01f;
        values[3 * 64 + 9] -= 0.02f;
        values[4 * 64] = Float.NaN;
      }
    });
    JsonNode json = verify(GGUF, folder, "--json").json();
    assertThat(json.required("equal").booleanValue()).isFalse();
    JsonNode first = json.required("first");
    assertThat(first.required("name").asText()).isEqualTo("p1.block.1");
    assertThat(first.required("position").intValue()).isEqualTo(3);
    assertThat(first.required("index").intValue()).isEqualTo(3 * 64 + 9);
    assertThat(json.required("arrays").valueStream().filter(a -> !a.get("equal").booleanValue()))
        .hasSize(1)
        .first()
        .satisfies(array ->
            assertThat(array.required("largest_difference").asText()).isEqualTo("Infinity"));
    assertThat(verify(GGUF, folder).exitCode()).isEqualTo(1);
  }

  @Test
  void whereAnotherTokenWasChosenIsNamed() throws IOException {
    JsonNode theirs = Fixtures.json(LLAMA.resolve("goldens.json")).at("/prompts/1/greedy");
    int third = theirs.get(2).intValue();
    int other = third == 5 ? 6 : 5;
    copyJson(json -> {
      ((ArrayNode) json.at("/prompts/1/greedy")).set(2, IntNode.valueOf(other));
      return json;
    });
    CommandRun run = verify(GGUF, folder);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("\np0 +greedy +1 +16 +0 .* equal\n")
        .containsPattern("\np1 +greedy +1 +16 .* differs at token 3\n")
        .containsPattern(
            "\nfirst parts at greedy, prompt p1, token 3 of 16: ours %d, theirs %d, whose logit is lower by [\\d.e+-]+ \\(tolerance 4.60e-04\\)\n$"
                .formatted(third, other));
    JsonNode first = verify(GGUF, folder, "--json").json().required("first");
    assertThat(first.required("name").asText()).isEqualTo("p1.greedy");
    assertThat(first.required("index").intValue()).isEqualTo(2);
    assertThat(first.required("ours").intValue()).isEqualTo(third);
    assertThat(first.required("theirs").intValue()).isEqualTo(other);
    // What the best logits do not decide by more than the tolerance is the same choice.
    assertThat(verify(GGUF, folder, "--tolerance=50").exitCode()).isZero();
  }

  @Test
  void aGreedyTokenBehindTheVocabularyIsRefused() throws IOException {
    copyJson(json -> {
      ((ArrayNode) json.at("/prompts/0/greedy")).set(0, IntNode.valueOf(100_000));
      return json;
    });
    assertThat(verify(GGUF, folder).err())
        .contains("greedy token 100000 of prompt p0 is not in the vocabulary, which has the ids 0");
  }

  @Test
  void theToleranceCanBeSet() {
    CommandRun strict = verify(GGUF, LLAMA, "--tolerance=1e-9");
    assertThat(strict.exitCode()).isEqualTo(1);
    assertThat(strict.out()).contains("(tolerance 1.00e-09)");
    for (String wrong : List.of("0", "-1", "NaN", "x")) {
      assertThat(verify(GGUF, LLAMA, "--tolerance=" + wrong).exitCode()).isEqualTo(2);
    }
  }

  @Test
  void whatIsMissingIsSaidAndNotFailed() throws IOException {
    copyJson(json -> {
      json.remove("tolerance");
      json.withArray("prompts").forEach(prompt -> ((ObjectNode) prompt).remove("greedy"));
      return json;
    });
    CommandRun nothing = verify(GGUF, folder);
    assertThat(nothing.exitCode()).isEqualTo(1);
    assertThat(nothing.err())
        .isEqualTo(
            ("inferno verify: %s: there is nothing to compare: no goldens.safetensors, hooks.safetensors,"
                    + " p0.greedy, p1.greedy, p2.greedy\n")
                .formatted(folder));
    copyArrays((name, values) -> {}, "p0.attn", "p1.block.2", "p2.logits");
    CommandRun run = verify(GGUF, folder);
    assertThat(run.exitCode()).as("%s", run).isZero();
    assertThat(run.out())
        .contains(
            "not in the reference: p0.attn, p1.block.2, p2.logits, hooks.safetensors, p0.greedy,"
                + " p1.greedy, p2.greedy\n")
        .contains(" 3.00e-04 ");
  }

  @Test
  void manyMissingNamesAreCut() throws IOException {
    copyJson(json -> {
      json.withArray("prompts")
          .forEach(prompt -> ((ObjectNode) prompt).put("key", "q").remove("greedy"));
      return json;
    });
    Files.copy(
        Fixtures.copied("arch/llama/goldens.safetensors"), folder.resolve("goldens.safetensors"));
    assertThat(verify(GGUF, folder).err())
        .endsWith(
            "no q.embed, q.attn, q.block.0, q.block.1, q.block.2, q.final_norm, q.logits,"
                + " hooks.safetensors, q.greedy\n");
    assertThat(ReferenceCheck.listed(new TreeSet<>(List.of("abcdefghijklmn".split("")))))
        .isEqualTo("a, b, c, d, e, f, g, h, i, j, k, l, ... 14 in all");
  }

  @Test
  void anotherModelHasOtherShapes() {
    CommandRun run = verify(Fixtures.copied("quant/llama-256/model-Q8_0.gguf").toString(), LLAMA);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out() + run.err())
        .contains("other shape", "the reference has the shape [32, 64], the model [32, 256]");
  }

  @Test
  void whatIsNoReferenceIsRefused() throws IOException {
    assertThat(verify(GGUF, folder).err())
        .isEqualTo("inferno verify: %s: no such file\n".formatted(folder.resolve("goldens.json")));
    Files.writeString(folder.resolve("goldens.json"), "{\"prompts\": [{\"key\": \"a\"}]}");
    assertThat(verify(GGUF, folder).err()).contains("the ids of prompt \"a\" are no array");
    Files.writeString(folder.resolve("goldens.json"), "{\"prompts\": []}");
    assertThat(verify(GGUF, folder).err()).contains("it has no prompts");
    Files.writeString(folder.resolve("goldens.json"), "{");
    assertThat(verify(GGUF, folder).err()).contains("goldens.json: not valid JSON");
    assertThat(CommandRun.of("verify", GGUF).exitCode()).isEqualTo(2);
  }

  @TestFactory
  @Tag("models")
  List<DynamicTest> everyFolderOfTheFixturesEqualsItsReference() throws IOException {
    try (Stream<Path> folders = Files.list(Fixtures.shared("fixtures/arch"))) {
      List<Path> supported = folders.filter(VerifyReferenceTest::runs).sorted().toList();
      assertThat(supported).isNotEmpty();
      return supported.stream()
          .map(each -> DynamicTest.dynamicTest(each.getFileName().toString(), () -> check(each)))
          .toList();
    }
  }

  private static boolean runs(Path folder) {
    return CommandRun.of("run", folder.toString(), "--ids=1", "--max-tokens=1").exitCode() == 0;
  }

  private static void check(Path folder) {
    CommandRun run = verify(folder.toString(), folder);
    assertThat(run.exitCode()).as("%s", run).isZero();
  }

  private void copyJson(UnaryOperator<ObjectNode> change) throws IOException {
    ObjectNode json = (ObjectNode) Fixtures.json(LLAMA.resolve("goldens.json"));
    Files.writeString(folder.resolve("goldens.json"), change.apply(json).toString());
  }

  private interface Change {
    void of(String name, float[] values);
  }

  private void copyArrays(Change change, String... without) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(LLAMA.resolve("goldens.safetensors"));
        SafetensorsWriter writer = SafetensorsWriter.of(folder.resolve("goldens.safetensors"))) {
      for (String name : file.names()) {
        float[] values = file.floats(name);
        change.of(name, values);
        if (!List.of(without).contains(name)) {
          writer.add(name, file.shape(name), values, 0);
        }
      }
      writer.commit();
    }
  }
}
