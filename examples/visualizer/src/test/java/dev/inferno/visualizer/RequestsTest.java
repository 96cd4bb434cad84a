package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.SessionOptions;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is wrong with a request is said: the field, the value, and what is possible.
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RequestsTest {
  private Visualizer visualizer;
  private Client client;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    client = Client.of(visualizer);
    client.awaitModel();
  }

  @AfterAll
  void stop() {
    client.close();
    visualizer.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate | {'prompt':'a','maxToken':1} | unknown field 'maxToken'; known are [",
        "generate | {'prompt':'a','sampler':{'heat':1}} | unknown field 'sampler.heat'; known are [",
        "generate | {} | field 'prompt' is missing",
        "generate | {'prompt':null} | field 'prompt' is null; leave it out instead",
        "generate | {'prompt':1} | field 'prompt' must be a string, but is 1",
        "generate | {'prompt':['a']} | field 'prompt' must be a string, but is [\"a\"]",
        "generate | {'prompt':'a','maxTokens':'9'} | field 'maxTokens' must be an integer of 32 bits, but is \"9\"",
        "generate | {'prompt':'a','maxTokens':1.5} | field 'maxTokens' must be an integer of 32 bits, but is 1.5",
        "generate | {'prompt':'a','maxTokens':3000000000} | field 'maxTokens' is 3000000000: Numeric value (3000000000) out of range of int",
        "generate | {'prompt':'a','maxTokens':-1} | maxTokens must be 0 to 2147483647, but is -1",
        "generate | {'prompt':'a','top':0} | top must be 1 to 1000, but is 0",
        "generate | {'prompt':'a','top':1001} | top must be 1 to 1000, but is 1001",
        "generate | {'prompt':'a','pace':60001} | pace must be 0 to 60000, but is 60001",
        "generate | {'prompt':'a','seed':7} | field 'seed' must be a string, but is 7",
        "generate | {'prompt':'a','seed':'x'} | seed must be an integer of 64 bits in a string, but is 'x'",
        "generate | {'prompt':'a','parseSpecial':'yes'} | field 'parseSpecial' must be true or false, but is \"yes\"",
        "generate | {'prompt':'a','stops':'x'} | field 'stops' must be a list, but is \"x\"",
        "generate | {'prompt':'a','stops':[1]} | field 'stops[0]' must be a string, but is 1",
        "generate | {'prompt':'a','stops':[null]} | field 'stops[0]' is null; leave it out instead",
        "generate | {'prompt':'a','stops':['']} | stops must not hold an empty string",
        "generate | {'prompt':'a','sampler':1} | field 'sampler' must be an object, but is 1",
        "generate | {'prompt':'a','sampler':{'temperature':'hot'}} | field 'sampler.temperature' must be a number, but is \"hot\"",
        "generate | {'prompt':'a','sampler':{'temperature':-1}} | sampler: temperature must be finite and at least 0, but is -1",
        "generate | {'prompt':'a','sampler':{'temperature':'NaN'}} | sampler: temperature must be finite and at least 0, but is NaN",
        "generate | {'prompt':'a','sampler':{'topP':1.5,'greedy':true}} | sampler: topP must be between 0 and 1, but is 1.5",
        "generate | {'prompt':'a','sampler':{'topK':-1}} | sampler: topK must be at least 0, but is -1",
        "generate | {'prompt':'a','sampler':{'minP':2}} | sampler: minP must be between 0 and 1, but is 2",
        "generate | {'prompt':'a','sampler':{'penaltyLastN':-2}} | sampler.penaltyLastN must be -1 to 2147483647, but is -2",
        "generate | {'prompt':'a','sampler':{'repetitionPenalty':0}} | sampler: repetitionPenalty must be finite and above 0, but is 0",
        "generate | {'prompt':'a','prompt':'b'} | the body is not valid JSON: Duplicate",
        "generate | {'prompt':'a'} {} | the body is not valid JSON",
        "generate | {'prompt': | the body is not valid JSON: Unexpected end-of-input within/between Object entries",
        "generate | {'prompt | the body is not valid JSON: Unexpected end-of-input",
        "generate | [] | the body must be an object, but is []",
        "generate | '' | the body must be an object",
        "pace | {} | field 'millis' is missing",
        "pace | {'millis':-1} | millis must be 0 to 60000, but is -1",
        "pause | {'x':1} | unknown field 'x'; known are []",
        "resample | {'run':'demo'} | field 'step' is missing",
        "resample | {'run':'demo','step':0,'top':0} | top must be 1 to 1000, but is 0",
        "resample | {'run':'demo','step':0,'seed':''} | seed must be an integer of 64 bits in a string, but is ''",
        "resample | {'run':'demo','step':0,'sampler':{'minP':-1}} | sampler: minP must be between 0 and 1, but is -1",
        "tokenize | {'text':true} | field 'text' must be a string, but is true",
      })
  void whatIsWrongIsNamed(String path, String body, String message)
      throws IOException, InterruptedException {
    HttpResponse<String> response = client.post("/api/" + path, body.replace('\'', '"'));
    assertThat(error(response)).startsWith(message).doesNotContain("Source:");
    assertThat(response.statusCode()).isEqualTo(400);
  }

  private static String error(HttpResponse<String> response) {
    return Json.tree(response.body().getBytes(UTF_8)).path("error").asText();
  }

  @Test
  void aPromptThatDoesNotFitIsRefused() throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.post("/api/generate", "{\"prompt\":\"" + "one ".repeat(9000) + "\"}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error(response))
        .matches("the prompt has \\d+ tokens, but the context has room for 512");
  }

  @Test
  void halfOfASurrogatePairGoesInAndOut() throws IOException, InterruptedException {
    var events = client.run("{\"prompt\":\"\\ud83d\",\"maxTokens\":1,\"label\":\"\\ude00\"}");
    assertThat(events.getFirst().data().get("prompt").textValue()).isEqualTo("\ud83d");
    assertThat(events.getLast().data().get("reason").textValue()).isEqualTo("length");
  }

  @Test
  void aStageThatBreaksTheLogitsIsNamed() throws IOException, InterruptedException {
    String sampler = "{\"repetitionPenalty\":1e-38}";
    HttpResponse<String> response =
        client.post("/api/resample", "{\"run\":\"demo\",\"step\":9,\"sampler\":" + sampler + "}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(error(response)).startsWith("with these settings penalties: the logit of token");

    String prompt = "Once upon a time, there was a tiny girl. There was a tiny girl named";
    var end =
        client.run("{\"prompt\":\"" + prompt + "\",\"sampler\":" + sampler + "}").getLast().data();
    assertThat(end.get("reason").textValue()).isEqualTo("failed");
    assertThat(end.get("message").textValue()).startsWith("penalties: the logit of token");
  }

  @Test
  void tokensAreGivenWithTheirPlaces() throws IOException, InterruptedException {
    var tokens = client.ask("/api/tokenize", "{\"text\":\"Once é\"}").get("tokens");
    var last = tokens.get(tokens.size() - 1);
    assertThat(last.get("byteEnd").intValue()).isEqualTo(7);
    assertThat(last.get("charEnd").intValue()).isEqualTo(6);
    assertThat(tokens.get(0).get("special").booleanValue()).isTrue();
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException, InterruptedException {
    assertThat(client.get("/nothing.js").statusCode()).isEqualTo(404);
    assertThat(client.post("/api/nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(client.get("/api/runs/r99").statusCode()).isEqualTo(410);
    assertThat(client.get("/api/runs/demo/steps/99/tensors/logits").statusCode()).isEqualTo(410);
    assertThat(client.get("/api/runs/demo/steps/0/tensors/x").body()).contains("kept of that step");
    assertThat(client.get("/api/runs/demo/steps/0/tensors/logits?head=0").body())
        .contains("logits has no axis 'head'; it has [token]");
    assertThat(client.get("/api/runs/demo/steps/0/tensors/logits?token=x").body())
        .contains("token must be an integer, but is 'x'");
    assertThat(client.get("/api/runs/demo/steps/0/tensors/logits?mean=x").statusCode())
        .isEqualTo(400);
  }
}
