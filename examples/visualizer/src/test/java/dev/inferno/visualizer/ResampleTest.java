package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Making a choice again is what the run would have done with those settings, and needs no model.
@Timeout(60)
final class ResampleTest {
  /// In a run the sums over all logits are the kernels', else plain Java's.
  // A probability is one of two sums of exponentials in single precision: of all candidates in the
  // one case, of those that were kept in the other.
  private static final Close CLOSE = new Close(4e-6, Integer.MAX_VALUE);

  private static List<JsonNode> steps(List<Client.Event> events) {
    return events.stream()
        .filter(event -> event.type().equals("step"))
        .map(Client.Event::data)
        .toList();
  }

  private static int chosen(JsonNode step) {
    return step.at("/sampling/selection/token/id").intValue();
  }

  @Test
  void itIsWhatARunWithThoseSettingsDoes() throws IOException, InterruptedException {
    String prompt = "\"prompt\":\"Once upon a time there was a small dog. The small dog\"";
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      int compared = 0;
      for (String settings :
          List.of(
              "\"seed\":\"1\",\"sampler\":{\"greedy\":true},\"top\":20",
              "\"seed\":\"-5\",\"sampler\":{\"temperature\":0.1,\"topK\":3},\"top\":50",
              "\"seed\":\"77\",\"sampler\":{\"repetitionPenalty\":1.1,\"temperature\":0.3},\"top\":7",
              "\"seed\":\"8\",\"sampler\":{\"frequencyPenalty\":0.5,\"topP\":0.3,\"topK\":0},\"top\":20")) {
        List<Client.Event> plain =
            client.run("{%s,\"maxTokens\":24,\"sampler\":{\"greedy\":true}}".formatted(prompt));
        List<JsonNode> other =
            steps(client.run("{%s,\"maxTokens\":24,%s}".formatted(prompt, settings)));
        String run = plain.getFirst().data().get("run").textValue();
        for (int step = 0; step < Math.min(steps(plain).size(), other.size()); step++) {
          JsonNode again =
              client.ask(
                  "/api/resample",
                  "{\"run\":\"%s\",\"step\":%d,%s}".formatted(run, step, settings));
          CLOSE.assertSame(settings + " " + step, other.get(step).get("sampling"), again);
          compared++;
          if (chosen(steps(plain).get(step)) != chosen(other.get(step))) {
            break; // from here on the two have another past
          }
        }
      }
      assertThat(compared).isGreaterThan(24);
    }
  }

  @Test
  void withoutSettingsItIsTheStepItself() throws IOException, InterruptedException {
    try (Visualizer visualizer = Visualizer.start(0, failing(), SessionOptions.defaults());
        Client client = Client.of(visualizer);
        Client.Events events = client.events("")) {
      for (JsonNode step : steps(events.until(event -> event.isOf("demo", "run-end")))) {
        JsonNode again =
            client.ask(
                "/api/resample", "{\"run\":\"demo\",\"step\":" + step.get("step").intValue() + "}");
        CLOSE.assertSame("step", step.get("sampling"), again);
      }
    }
  }

  @Test
  void theRecordedRunIsSampledAgainWithoutAModel() throws IOException, InterruptedException {
    try (Visualizer visualizer = Visualizer.start(0, failing(), SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      JsonNode greedy =
          client.ask(
              "/api/resample", "{\"run\":\"demo\",\"step\":4,\"sampler\":{\"greedy\":true}}");
      assertThat(greedy.at("/selection/rank").intValue()).isEqualTo(1);
      assertThat(greedy.at("/distribution/size").intValue()).isEqualTo(1);
      JsonNode hot =
          client.ask(
              "/api/resample",
              "{\"run\":\"demo\",\"step\":4,\"top\":1000,\"sampler\":{\"topK\":0,\"topP\":1,\"minP\":0}}");
      assertThat(hot.at("/distribution/size").intValue()).isEqualTo(2048);
      assertThat(hot.get("candidates")).hasSize(1000);
      assertThat(hot.at("/candidates/999/token/text").isTextual()).isTrue();
    }
  }

  private static ModelSource failing() {
    return new ModelSource(
        "none",
        _ -> {
          throw new IOException("there is no model here");
        });
  }
}
