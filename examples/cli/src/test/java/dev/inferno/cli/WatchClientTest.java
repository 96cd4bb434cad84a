package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.visualizer.ModelSource;
import dev.inferno.visualizer.Visualizer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client in `docs/guides`, which is not in Java and knows the wire alone.
final class WatchClientTest {
  private static final Path CLIENT = Path.of("..", "..", "docs", "guides", "watch.mjs");

  @TempDir private Path folder;
  private Visualizer visualizer;
  private WireClient wire;

  @BeforeEach
  void start() throws IOException {
    var source =
        new ModelSource(
            BundledModel.NAME, _ -> Model.load(BundledModel.bytes(), BundledModel.NAME));
    visualizer = Visualizer.start(0, source, SessionOptions.defaults());
    wire = new WireClient(visualizer.address());
    wire.await("model", model -> model.required("status").asText().equals("ready"));
  }

  @AfterEach
  void stop() {
    visualizer.close();
  }

  @Test
  void printsEachStepUntilTheRunEnds() throws Exception {
    Result watched = watch(visualizer.address().toString(), "The capital of France is");
    assertThat(watched.exitCode()).as(watched.err()).isZero();
    try (WireClient.Events events = wire.events()) {
      events.await("run", run -> !run.required("recorded").asBoolean());
      assertThat(watched.out().lines())
          .hasSizeGreaterThan(1)
          .containsExactlyElementsOf(
              events.until("run-end").stream()
                  .filter(event -> event.type().equals("step"))
                  .map(event -> line(event.data().required("sampling")))
                  .toList());
    }
  }

  @Test
  void aRefusalIsShownAndAnError() throws Exception {
    URI address = visualizer.address().resolve("/#token=another");
    Result refused = watch(address.toString(), "Once");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out()).isEmpty();
    WireClient.Answer answer = new WireClient(address).post("/api/generate", "{}");
    assertThat(refused.err()).isEqualTo(answer.json().required("error").asText() + "\n");
  }

  private static String line(JsonNode sampling) {
    JsonNode id = sampling.at("/selection/token/id");
    Map<Boolean, List<String>> shown =
        sampling
            .required("candidates")
            .valueStream()
            .collect(
                partitioningBy(
                    candidate -> candidate.at("/token/id").equals(id),
                    mapping(WatchClientTest::shown, toList())));
    List<String> others = shown.getOrDefault(false, List.of());
    return String.join("", shown.getOrDefault(true, List.of()))
        + " rather than "
        + String.join(", ", others.subList(0, 3));
  }

  private static String shown(JsonNode candidate) {
    return String.format(
        Locale.ROOT,
        "%s %.2f %%",
        candidate.at("/token/text"),
        100 * candidate.required("probability").asDouble());
  }

  private record Result(int exitCode, String out, String err) {}

  private Result watch(String address, String prompt) throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(Chromium.node().toString(), CLIENT.toString(), address, prompt)
            .redirectError(err.toFile())
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), out, Files.readString(err));
  }
}
