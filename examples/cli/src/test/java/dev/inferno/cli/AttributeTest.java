package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `attribute`.
final class AttributeTest {
  private static String model(String name) {
    return Fixtures.copied("arch/" + name + "/model-f32.gguf").toString();
  }

  private static float[] logits(Path model, int... ids) throws IOException {
    try (Model loaded = Model.load(model);
        Session session =
            loaded.newSession(SessionOptions.defaults().keyValueType(KeyValueType.F32))) {
      session.append(ids);
      return session.logits().copy();
    }
  }

  private static double sum(JsonNode numbers) {
    return numbers.valueStream().mapToDouble(JsonNode::asDouble).sum();
  }

  private static double share(JsonNode json, String name) {
    return json.required("parts")
        .valueStream()
        .filter(part -> part.required("name").asText().equals(name))
        .mapToDouble(part -> part.required("share").asDouble())
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode json(String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-bias",
        "llama3",
        "mistral",
        "mixtral",
        "olmo2",
        "phi3",
        "qwen2",
        "qwen2-yarn",
        "qwen3",
        "gemma2",
        "gpt2"
      })
  void thePartsSumToTheLogitOfTheLikeliestToken(String name) throws IOException {
    JsonNode json =
        json("attribute", model(name), "--ids=3,77,201,5", "--json", "--heads=3", "--neurons=2");
    float[] logits = logits(Path.of(model(name)), 3, 77, 201, 5);
    int best = 0;
    for (int id = 0; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    assertThat(json.required("ids")).hasToString("[3,77,201,5]");
    assertThat(json.required("token").required("id").asInt()).isEqualTo(best);
    assertThat(json.has("against")).isFalse();
    assertThat((float) json.required("logit").asDouble()).isEqualTo(logits[best]);

    double bias = json.required("final_norm_bias").asDouble();
    double sum = json.required("sum").asDouble();
    double parts =
        json.required("parts")
            .valueStream()
            .mapToDouble(part -> part.required("share").asDouble())
            .sum();
    assertThat(parts + bias).isCloseTo(sum, within(1e-6));
    double projection = json.required("projection").asDouble();
    assertThat(sum).isCloseTo(projection, within(1e-3 * Math.abs(projection)));
    assertThat(json.required("residual").asDouble()).isCloseTo(projection - sum, within(1e-9));
    double cap = json.required("cap").asDouble();
    assertThat(projection + cap).isCloseTo(json.required("logit").asDouble(), within(1e-6));
    assertThat(cap != 0).isEqualTo(name.equals("gemma2"));

    for (JsonNode block : json.required("blocks")) {
      double heads = sum(block.required("heads")) + block.required("attention_bias").asDouble();
      String attention = "blocks." + block.required("layer") + ".hook_attn_out";
      assertThat(heads).as(attention).isCloseTo(share(json, attention), within(1e-3));
    }
    assertThat(json.required("heads")).hasSize(3);
    assertThat(json.required("neurons")).hasSize(2);
    assertThat(json.required("neurons").path(0).has("expert")).isEqualTo(name.equals("mixtral"));
  }

  @Test
  void allNeuronsAndTheBiasSumToTheShareOfTheFeedForward() {
    JsonNode json = json("attribute", model("gpt2"), "--ids=3,77", "--json", "--neurons=100000");
    for (JsonNode block : json.required("blocks")) {
      int layer = block.required("layer").asInt();
      double neurons =
          json.required("neurons")
              .valueStream()
              .filter(neuron -> neuron.required("layer").asInt() == layer)
              .mapToDouble(neuron -> neuron.required("share").asDouble())
              .sum();
      assertThat(
              neurons
                  + block.required("mlp_bias").asDouble()
                  + block.required("shared_expert").asDouble())
          .isCloseTo(share(json, "blocks." + layer + ".hook_mlp_out"), within(1e-3));
    }
  }

  @Test
  void aTokenIsNamedByItsIdOrItsTextAndComparedWithAnother() throws IOException {
    float[] logits = logits(Path.of(model("llama")), 3, 77);
    JsonNode json =
        json("attribute", model("llama"), "--ids=3,77", "--token=9", "--against=200", "--json");
    assertThat(json.required("token").required("id").asInt()).isEqualTo(9);
    assertThat(json.required("against").required("id").asInt()).isEqualTo(200);
    assertThat(json.required("logit").asDouble())
        .isCloseTo((double) logits[9] - logits[200], within(1e-9));
    assertThat(json.required("sum").asDouble())
        .isCloseTo(json.required("logit").asDouble(), within(1e-3));

    String[] text = {"attribute", "--prompt=The capital of France is", "--token= Paris", "--json"};
    assertThat(json(text).required("token").required("text").asText()).isEqualTo(" Paris");
  }

  @Test
  void withoutAValueTheRunnerUpIsComparedWith() {
    JsonNode alone = json("attribute", model("llama"), "--ids=3,77", "--json");
    JsonNode json = json("attribute", model("llama"), "--ids=3,77", "--json", "--against");
    int best = alone.required("token").required("id").asInt();
    int second = json.required("against").required("id").asInt();
    assertThat(json.required("token").required("id").asInt()).isEqualTo(best);
    assertThat(second).isNotEqualTo(best);
    assertThat(json.required("logit").asDouble()).isPositive();
    JsonNode reversed =
        json("attribute", model("llama"), "--ids=3,77", "--json", "--token=" + second, "--against");
    assertThat(reversed.required("against").required("id").asInt()).isEqualTo(best);
  }

  @Test
  void peopleReadBlocksHeadsNeuronsAndTheSum() {
    CommandRun run =
        CommandRun.of("attribute", "-p", "The capital of France is", "--heads=2", "--neurons=1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("what makes \" Paris\", token 1228: logit ")
        .contains("embedding", "their sum", "residual", "the model's logit")
        .doesNotContain("cap on logits");
    assertThat(run.out().lines().filter(line -> line.matches("layer \\d+  .*"))).hasSize(8);
    assertThat(run.out().lines().filter(line -> line.matches("layer \\d+ head .*"))).hasSize(2);
    assertThat(run.out().lines().filter(line -> line.matches("layer \\d+ neuron .*"))).hasSize(1);
    assertThat(CommandRun.of("attribute", model("gemma2"), "--ids=3,4").out())
        .contains("what the cap on logits takes");
    assertThat(CommandRun.of("attribute", model("gpt2"), "--ids=3,4").out())
        .contains("positions", "bias of the final norm");
  }

  @Test
  void leavingOutEachTokenIsATable() throws IOException {
    JsonNode json =
        json("attribute", model("qwen3"), "--ids=3,77,201", "--leave-one-out", "--json");
    int target = json.required("token").required("id").asInt();
    assertThat(json.required("tokens")).hasSize(3);
    float[] whole = logits(Path.of(model("qwen3")), 3, 77, 201);
    float[] without = logits(Path.of(model("qwen3")), 3, 201);
    JsonNode second = json.required("tokens").path(1);
    assertThat(second.required("position").asInt()).isEqualTo(1);
    assertThat(second.required("id").asInt()).isEqualTo(77);
    assertThat((float) second.required("logit").asDouble()).isEqualTo(without[target]);
    assertThat(second.required("logit_change").asDouble())
        .isCloseTo((double) without[target] - whole[target], within(1e-6));

    CommandRun run =
        CommandRun.of("attribute", "--prompt=The capital of France is", "--leave-one-out");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("\" Paris\", token 1228: logit ");
    assertThat(run.out().lines().filter(line -> line.startsWith("\" France\" "))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--token=384 | 1 | --token: token id 384 is not in the vocabulary, which has the ids 0 to 383",
        "--token=99999999999 | 1 | is not in the vocabulary",
        "--against=384 | 1 | --against: token id 384 is not in the vocabulary",
        "--token=no single token | 1 | --token must be one token, but \"no single token\" is",
        "--heads=-1 | 2 | --heads must be at least 0, but is -1",
        "--neurons=-1 | 2 | --neurons must be at least 0, but is -1",
        "--leave-one-out --against=5 | 2 | --against is not possible with --leave-one-out",
      })
  void whatCannotBeAttributedIsNamed(String options, int exitCode, String message) {
    String[] split = options.startsWith("--leave") ? options.split(" ") : new String[] {options};
    String[] all = new String[split.length + 3];
    all[0] = "attribute";
    all[1] = model("llama");
    all[2] = "--ids=3,77";
    System.arraycopy(split, 0, all, 3, split.length);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("inferno attribute: ").contains(message).hasLineCount(1);
  }

  @Test
  void aPromptOfOneTokenCannotLoseIt() {
    CommandRun run = CommandRun.of("attribute", model("llama"), "--ids=3", "--leave-one-out");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("a text of at least 2 tokens is needed to leave one out");
  }
}
