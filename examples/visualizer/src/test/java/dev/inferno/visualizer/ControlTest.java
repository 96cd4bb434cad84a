package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pausing, stepping, stopping, and what waits.
@Timeout(60)
final class ControlTest {
  private static final String LONG =
      "{\"prompt\":\"Once upon a time\",\"maxTokens\":400,\"pace\":50}";

  private Visualizer visualizer;
  private Client client;
  private Client.Events events;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    client = Client.of(visualizer);
    events = client.events("");
    events.until(event -> event.data().path("status").asText().equals("ready"));
  }

  @AfterEach
  void stop() throws IOException {
    events.close();
    client.close();
    visualizer.close();
  }

  private JsonNode control(String action) throws IOException, InterruptedException {
    return client.ask("/api/" + action, "{}");
  }

  private static long steps(List<Client.Event> events) {
    return events.stream().filter(event -> event.type().equals("step")).count();
  }

  private Client.Event end(String run) {
    return events.until(event -> event.isOf(run, "run-end")).getLast();
  }

  @Test
  void aPausedRunDoesAStepWhenAsked() throws IOException, InterruptedException {
    String run = client.generate(LONG);
    events.until(event -> event.isOf(run, "step"));
    JsonNode state = control("pause");
    assertThat(state.get("status").textValue()).isEqualTo("paused");
    assertThat(state.get("run").textValue()).isEqualTo(run);
    events.until(event -> event.data().path("status").asText().equals("paused"));
    control("step");
    control("step");
    control("step");
    // At most one step was on its way when the pause came.
    int seen = 0;
    while (seen < 3) {
      seen += events.next().type().equals("step") ? 1 : 0;
    }
    assertThat(control("stop").get("status").textValue()).isIn("running", "idle");
    List<Client.Event> rest = events.until(event -> event.isOf(run, "run-end"));
    assertThat(steps(rest)).isLessThanOrEqualTo(1);
    assertThat(rest.getLast().data().get("reason").textValue()).isEqualTo("cancelled");
  }

  @Test
  void aResumedRunGoesOnToItsEnd() throws IOException, InterruptedException {
    String run = client.generate("{\"prompt\":\"Once\",\"maxTokens\":30,\"pace\":20}");
    events.until(event -> event.isOf(run, "step"));
    control("pause");
    assertThat(control("resume").get("status").textValue()).isEqualTo("running");
    assertThat(end(run).data().get("reason").textValue()).isIn("length", "eos");
  }

  @Test
  void withoutARunThereIsNothingToPause() throws IOException, InterruptedException {
    assertThat(control("pause").get("status").textValue()).isEqualTo("idle");
    assertThat(control("step").get("status").textValue()).isEqualTo("idle");
    assertThat(control("resume").get("status").textValue()).isEqualTo("idle");
    assertThat(control("stop").get("status").textValue()).isEqualTo("idle");
    String run = client.generate("{\"prompt\":\"Once\",\"maxTokens\":3}");
    assertThat(end(run).data().get("reason").textValue()).isEqualTo("length");
  }

  @Test
  void aPauseHoldsTheNextOfSeveralRunsToo() throws IOException, InterruptedException {
    String first = client.generate("{\"prompt\":\"Once\",\"maxTokens\":2,\"pace\":200}");
    String second = client.generate("{\"prompt\":\"Once\",\"maxTokens\":2}");
    control("pause");
    control("step");
    control("step");
    end(first);
    events.until(event -> event.isOf(second, "prompt"));
    assertThat(control("pause").get("status").textValue()).isEqualTo("paused");
    control("resume");
    assertThat(end(second).data().get("generatedTokens").intValue()).isEqualTo(2);
  }

  @Test
  void stoppingEndsAlsoTheRunsThatWait() throws IOException, InterruptedException {
    String first = client.generate(LONG);
    String second = client.generate(LONG);
    String third = client.generate(LONG);
    events.until(event -> event.isOf(first, "step"));
    assertThat(control("stop").get("queued").intValue()).isZero();
    JsonNode waited = end(second).data();
    assertThat(waited.get("reason").textValue()).isEqualTo("cancelled");
    assertThat(waited.get("generatedTokens").intValue()).isZero();
    assertThat(end(third).data().get("reason").textValue()).isEqualTo("cancelled");
    assertThat(end(first).data().get("reason").textValue()).isEqualTo("cancelled");
    String next = client.generate("{\"prompt\":\"Once\",\"maxTokens\":1,\"pace\":0}");
    assertThat(end(next).data().get("reason").textValue()).isEqualTo("length");
  }

  @Test
  void tooManyRunsThatWaitAreRefused() throws IOException, InterruptedException {
    String first = client.generate(LONG);
    events.until(event -> event.isOf(first, "step"));
    control("pause");
    for (int i = 0; i < Runner.MOST_QUEUED; i++) {
      client.generate(LONG);
    }
    var refused = client.post("/api/generate", LONG);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("16 runs wait already");
    control("stop");
  }

  @Test
  void theRunsOfOneQueueTakeTheirTurns() throws IOException, InterruptedException {
    String body = "{\"prompt\":\"Once\",\"maxTokens\":3,\"group\":\"g\",\"label\":\"l\"}";
    String first = client.generate(body);
    String second = client.generate(body);
    List<Client.Event> seen = events.until(event -> event.isOf(second, "run-end"));
    List<String> order =
        seen.stream()
            .filter(event -> event.type().equals("run") || event.type().equals("run-end"))
            .map(event -> event.type() + " " + event.data().get("run").textValue())
            .toList();
    assertThat(order)
        .containsExactly("run " + first, "run-end " + first, "run " + second, "run-end " + second);
    Client.Event run = seen.stream().filter(event -> event.isOf(second, "run")).findAny().get();
    assertThat(run.data().get("group").textValue()).isEqualTo("g");
    assertThat(run.data().get("label").textValue()).isEqualTo("l");
  }

  @Test
  void thePaceIsTheLeastTimeOfAStep() throws IOException, InterruptedException {
    assertThat(client.ask("/api/pace", "{\"millis\":40}").get("pace").intValue()).isEqualTo(40);
    String run =
        client.generate("{\"prompt\":\"Once\",\"maxTokens\":6,\"sampler\":{\"greedy\":true}}");
    long start = System.nanoTime();
    end(run);
    assertThat(System.nanoTime() - start).isGreaterThan(4 * 40_000_000L);
  }

  @Test
  void aRunOfNoTokensShowsThePromptAlone() throws IOException, InterruptedException {
    List<Client.Event> run = client.run("{\"prompt\":\"Once\",\"maxTokens\":0}");
    assertThat(run)
        .extracting(Client.Event::type)
        .containsExactly("run", "prompt", "step", "run-end");
    JsonNode step = run.get(2).data();
    assertThat(step.has("sampling")).isFalse();
    assertThat(step.get("samplingNanos").longValue()).isZero();
    assertThat(step.get("tensors")).hasSize(3);
    String name = run.getFirst().data().get("run").textValue();
    JsonNode sampling = client.ask("/api/resample", "{\"run\":\"" + name + "\",\"step\":0}");
    assertThat(sampling.get("candidates")).hasSize(20);
  }

  @Test
  void textThatWaitedForAStopStringComesWithTheEnd() throws IOException, InterruptedException {
    String sampler = "\"sampler\":{\"greedy\":true}";
    JsonNode plain =
        client
            .run("{\"prompt\":\"The capital of France is\",\"maxTokens\":2," + sampler + "}")
            .getLast()
            .data();
    assertThat(plain.get("text").textValue()).isEmpty();
    List<Client.Event> held =
        client.run(
            "{\"prompt\":\"The capital of France is\",\"maxTokens\":1,\"stops\":[\" Paris, not\"],"
                + sampler
                + "}");
    assertThat(held.get(2).data().get("text").textValue()).isEmpty();
    assertThat(held.getLast().data().get("text").textValue()).isEqualTo(" Paris");
  }
}
