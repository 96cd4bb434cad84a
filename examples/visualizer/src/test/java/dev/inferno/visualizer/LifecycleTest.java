package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Beginning, failing and ending.
@Timeout(60)
final class LifecycleTest {
  private static final String SHORT = "{\"prompt\":\"Once\",\"maxTokens\":3}";

  @Test
  void whereAPortIsTakenTheNextOneIsUsed() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        Visualizer visualizer =
            Visualizer.start(taken.getLocalPort(), TinyModel.SOURCE, SessionOptions.defaults())) {
      assertThat(visualizer.address().getPort())
          .isGreaterThan(taken.getLocalPort())
          .isLessThan(taken.getLocalPort() + 64);
    }
  }

  @Test
  void aPortThatCannotBeIsRefused() {
    for (int port : new int[] {-1, 65536}) {
      assertThatThrownBy(
              () -> Visualizer.start(port, TinyModel.SOURCE, SessionOptions.defaults()).close())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("port must be 0 to 65535, but is " + port);
    }
  }

  @Test
  void aModelThatCannotBeLoadedIsSaid() throws IOException, InterruptedException {
    var source =
        new ModelSource(
            "broken",
            _ -> {
              throw new IOException("no such file");
            });
    try (Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
        Client client = Client.of(visualizer);
        Client.Events events = client.events("")) {
      JsonNode failed =
          events
              .until(event -> event.data().path("status").asText().equals("failed"))
              .getLast()
              .data();
      assertThat(failed.get("message").textValue()).isEqualTo("no such file");
      assertThat(client.post("/api/generate", SHORT).statusCode()).isEqualTo(503);
      assertThat(client.post("/api/tokenize", "{\"text\":\"a\"}").body())
          .contains("there is no model: no such file");
      JsonNode state = client.look("/api/state");
      assertThat(state.at("/model/status").textValue()).isEqualTo("failed");
      assertThat(state.at("/state/status").textValue()).isEqualTo("idle");
    }
  }

  @Test
  void whileTheModelLoadsTheRecordedRunIsThere() throws IOException, InterruptedException {
    var mayLoad = new CountDownLatch(1);
    var source =
        new ModelSource(
            "slow",
            _ -> {
              await(mayLoad);
              return TinyModel.load();
            });
    try (Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      assertThat(client.look("/api/state").at("/model/status").textValue()).isEqualTo("loading");
      assertThat(client.look("/api/runs/demo").at("/run/recorded").booleanValue()).isTrue();
      assertThat(client.bytes("/api/runs/demo/steps/3/tensors/logits").body()).hasSize(4 * 2048);
      assertThat(client.post("/api/generate", SHORT).body()).contains("slow is still loading");
      mayLoad.countDown();
      client.awaitModel();
      assertThat(client.run(SHORT).getLast().type()).isEqualTo("run-end");
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void closedWhileItLoadsItStopsLoading() throws IOException {
    var loading = new CountDownLatch(1);
    var closing = new CountDownLatch(1);
    var ended = new CompletableFuture<String>();
    var source =
        new ModelSource(
            "slow",
            progress -> {
              loading.countDown();
              await(closing);
              try {
                while (true) {
                  progress.at(1, 2); // as a loader does now and then
                }
              } catch (RuntimeException e) {
                ended.complete(String.valueOf(e.getMessage()));
                throw e;
              }
            });
    Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
    await(loading);
    closing.countDown();
    visualizer.close();
    assertThat(ended.join()).isEqualTo("closed while the model was loading");
  }

  @Test
  void aRunThatFailsEndsAlone() throws IOException, InterruptedException {
    SessionOptions impossible = SessionOptions.defaults().threads(100_000);
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, impossible);
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      for (int i = 0; i < 2; i++) {
        JsonNode end = client.run(SHORT).getLast().data();
        assertThat(end.get("reason").textValue()).isEqualTo("failed");
        assertThat(end.get("message").textValue()).startsWith("threads must be at most");
      }
      assertThat(client.look("/api/state").at("/state/queued").intValue()).isZero();
    }
  }

  @Test
  void aFailureOfOurOwnListenerEndsTheRunAndIsSaid() throws IOException, InterruptedException {
    try (Model model = TinyModel.load();
        Session session = model.newSession();
        var log = new EventLog(1 << 20)) {
      var request = new Wire.Generate("Once", 3, "1", null, null, null, null, null, null, null);
      Job job = Job.of("r1", request, model, 512);
      Vocabulary broken =
          _ -> {
            throw new IllegalStateException("no such token");
          };
      var run = new KeptRun(job.run(), broken);
      var capture = new Capture(run, new KeptRuns(1 << 20), log, job, () -> {});
      session.addListener(capture);
      assertThatThrownBy(() -> session.generate(job.prompt(), job.options()))
          .satisfies(capture::failed);
      JsonNode end = new LogReader(log).until(_ -> true).getLast().json();
      assertThat(end.get("reason").textValue()).isEqualTo("failed");
      assertThat(end.get("message").textValue()).contains("no such token");
      assertThat(log.next()).isEqualTo(1);
    }
  }

  @Test
  void aFaultOfTheServerIsAnsweredAndTheConnectionGoesOn()
      throws IOException, InterruptedException {
    var kept = new KeptRuns(1 << 20);
    try (var log = new EventLog(1 << 20);
        var runner = new Runner(log, kept, TinyModel.SOURCE, SessionOptions.defaults());
        Server server = Visualizer.bind(0, log, kept, runner);
        Client client = Client.of(server)) {
      server.start();
      kept.add("x", 0, List.of(new Tensor("t", List.of("a"), new int[] {9}, 0, new float[0])));
      var response = client.get("/api/runs/x/steps/0/tensors/t?a=3");
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).startsWith("{\"error\":\"internal error: ");
      assertThat(client.get("/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void anInterruptEndsAtMostTheRunItMeets() throws IOException, InterruptedException {
    var worker = new CompletableFuture<Thread>();
    var source =
        new ModelSource(
            "tiny",
            progress -> {
              worker.complete(Thread.currentThread());
              return Model.load(TinyModel.file(), progress);
            });
    try (Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      worker.join().interrupt();
      assertThat(client.run(SHORT).getLast().data().get("reason").textValue()).isEqualTo("length");
      try (Client.Events events = client.events("")) {
        String run = client.generate("{\"prompt\":\"Once\",\"maxTokens\":400,\"pace\":60000}");
        events.until(event -> event.isOf(run, "step"));
        worker.join().interrupt();
        JsonNode end = events.until(event -> event.isOf(run, "run-end")).getLast().data();
        assertThat(end.get("reason").textValue()).isEqualTo("cancelled");
      }
      client.ask("/api/pace", "{\"millis\":0}");
      assertThat(client.run(SHORT).getLast().data().get("reason").textValue()).isEqualTo("length");
    }
  }

  @Test
  void aPromptOfSeveralPassesShowsTheAttentionOfItsLastPosition()
      throws IOException, InterruptedException {
    SessionOptions wide = SessionOptions.defaults().contextLength(1024);
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, wide);
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      List<Client.Event> events =
          client.run("{\"prompt\":\"" + "one ".repeat(600) + "\",\"maxTokens\":2}");
      JsonNode step = events.get(2).data();
      int rows = step.get("rows").intValue();
      assertThat(rows).isGreaterThan(512);
      JsonNode pattern = step.at("/tensors/0");
      assertThat(pattern.get("shape").toString()).isEqualTo("[8,4,1," + rows + "]");
      assertThat(pattern.get("firstPosition").intValue()).isEqualTo(rows - 1);
      assertThat(events.getLast().data().get("reason").textValue()).isIn("length", "eos");
    }
  }

  @Test
  void aPromptThatFillsTheContextIsShownAndNothingIsChosen()
      throws IOException, InterruptedException {
    SessionOptions narrow = SessionOptions.defaults().contextLength(2);
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, narrow);
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      List<Client.Event> events = client.run(SHORT);
      assertThat(events).hasSize(4);
      assertThat(events.get(2).data().has("sampling")).isFalse();
      assertThat(events.getLast().data().get("reason").textValue()).isEqualTo("context");
    }
  }

  @Test
  void manyRunsLeaveNothingBehind() throws IOException, InterruptedException {
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      client.run(SHORT);
      int threads = Thread.activeCount();
      for (int i = 0; i < 40; i++) {
        client.run(SHORT);
      }
      assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("inferno-visualizer-runs", "HTTP-Dispatcher");
  }

  @Test
  void closedTwiceItIsClosed() throws IOException {
    Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    visualizer.close();
    visualizer.close();
    assertThatThrownBy(() -> Client.of(visualizer).connect().close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void tensorsThatWereLetGoAreGone() throws IOException, InterruptedException {
    var kept = new KeptRuns(40_000); // some steps
    try (var log = new EventLog(1 << 20);
        var runner = new Runner(log, kept, TinyModel.SOURCE, SessionOptions.defaults());
        Server server = Visualizer.bind(0, log, kept, runner);
        Client client = Client.of(server)) {
      runner.start();
      server.start();
      client.awaitModel();
      client.run("{\"prompt\":\"Once\",\"maxTokens\":12,\"sampler\":{\"greedy\":true}}");
      var gone = client.get("/api/runs/r1/steps/0/tensors/logits");
      assertThat(gone.statusCode()).isEqualTo(410);
      assertThat(gone.body()).contains("logits of step 0 of run r1 is not kept");
      assertThat(client.post("/api/resample", "{\"run\":\"r1\",\"step\":0}").statusCode())
          .isEqualTo(410);
      assertThat(client.bytes("/api/runs/r1/steps/11/tensors/logits").statusCode()).isEqualTo(200);
    }
  }
}
