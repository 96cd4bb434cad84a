package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.inferno.SessionOptions;
import dev.inferno.visualizer.Visualizer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// What the page has after its connection broke, its server was started anew, or events were let
/// go.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageConnectionTest {
  private static final String BROKEN =
      "status of 401|net::ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_|EMPTY_)";

  private static PageUnderTest opened;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
  }

  @AfterAll
  static void close() {
    opened.forgiveErrors(BROKEN); // the browser says so itself
    opened.close();
  }

  @Test
  void aConnectionThatBreaksInTheMiddleOfARunLosesNothing() throws IOException {
    String before = opened.generate("\"prompt\":\"Once\",\"maxTokens\":4");
    try (CuttingProxy proxy = CuttingProxy.before(opened.client().address());
        Page page = opened.newPage()) {
      opened.allow(proxy.address());
      page.navigate(proxy.address().toString());
      page.waitForFunction("name => inferno.store.state.runs.get(name)?.end", before);
      String run =
          opened
              .client()
              .post("/api/generate", "{\"prompt\":\"Once\",\"maxTokens\":60,\"pace\":30}")
              .json()
              .required("run")
              .asText();
      page.waitForFunction("name => inferno.store.state.runs.get(name)?.steps.length > 5", run);
      proxy.stopNextAfter(100_000); // within an event
      proxy.cut();
      page.waitForFunction("() => inferno.store.state.link === 'lost'");
      Object steps = page.evaluate("name => inferno.store.state.runs.get(name).steps.length", run);
      page.waitForFunction(
          "([name, steps]) => inferno.store.state.runs.get(name).steps.length > steps + 2",
          List.of(run, steps));
      proxy.cut();
      page.waitForFunction("() => inferno.store.state.link === 'lost'");
      page.waitForFunction(
          "() => document.getElementById('link').textContent.startsWith('connection lost')");
      page.waitForFunction("name => inferno.store.state.runs.get(name)?.end", run);
      page.waitForFunction("() => document.getElementById('link').textContent === 'connected'");

      assertThat(proxy.resumed()).as("the ids it went on after").hasSize(3).doesNotHaveDuplicates();
      assertThat(proxy.resumed().subList(1, 3)).doesNotContain(Optional.empty());
      for (String each : List.of("demo", before, run)) {
        hasAllOf(page, each);
      }
    }
  }

  @Test
  void aServerThatIsStartedAnewMakesThePageForgetTheRunsOfTheOldOne() throws IOException {
    Visualizer old = Visualizer.start(0, PageUnderTest.BUNDLED, SessionOptions.defaults());
    try (old;
        Page page = opened.newPage()) {
      opened.allow(old.address());
      String gone = generate(new WireClient(old.address()), "Once");
      page.navigate(old.address().toString());
      page.waitForFunction("name => inferno.store.state.runs.get(name)?.end", gone);
      page.evaluate("name => inferno.store.select({run: name, step: 0})", gone);
      page.waitForFunction(
          """
          () => ['numbers', 'position'].every((last, i) =>
              document.querySelectorAll('#pipeline .step .out')[i].textContent.includes(last))
          """);
      old.close();
      page.waitForFunction("() => inferno.store.state.link === 'lost'");
      int port = old.address().getPort();
      try (Visualizer anew =
          Visualizer.start(port, PageUnderTest.BUNDLED, SessionOptions.defaults())) {
        assertThat(anew.address().getPort()).isEqualTo(port);
        WireClient client = new WireClient(anew.address());
        String run = generate(client, "The capital of France is");
        page.waitForFunction(
            "name => [...inferno.store.state.runs.values()].some(run => run.meta.prompt.startsWith('The capital') && run.end)",
            run);
        JsonNode prompts =
            Json.read(
                page.evaluate(
                        "() => JSON.stringify([...inferno.store.state.runs.values()].map(run => run.meta.prompt))")
                    .toString()
                    .getBytes(UTF_8));
        assertThat(prompts)
            .extracting(JsonNode::asText)
            .hasSize(2)
            .contains("The capital of France is")
            .doesNotContain("Once");
        assertThat(page.locator("#runs option").allTextContents()).hasSize(2);
        page.waitForFunction("() => document.querySelector('#text .token[data-step]') !== null");
        assertThat(page.textContent("#link")).isEqualTo("connected");
        assertThat(run).as("a name that is used again").isEqualTo(gone);
        page.evaluate("name => inferno.store.select({run: name, step: 0})", run);
        double length = 0;
        for (float value : client.tensor(run, 0, "hook_embed", "")) {
          length += (double) value * value;
        }
        page.waitForFunction( // the old run with this name had another
            "length => Math.abs(document.querySelector('#pipeline .out > .faint')?.title - length) < 1e-6",
            Math.sqrt(length));
        page.click("#generate"); // with the token of the old one
        page.waitForFunction(
            "() => document.getElementById('notice').textContent.includes('open the address')");
      }
    }
  }

  @Test
  void eventsThatWereLetGoAreCounted() {
    try (Page page = opened.newPage()) {
      page.route(
          "**/api/events",
          route ->
              route.fulfill(
                  new Route.FulfillOptions()
                      .setContentType("text/event-stream")
                      .setBody(
                          """
                          event: hello
                          data: {"wire":1,"epoch":"a","oldest":0,"next":7}

                          event: dropped
                          id: a-4
                          data: {"count":5,"from":0,"to":4}

                          event: dropped
                          id: a-6
                          data: {"count":2,"from":5,"to":6}

                          """)));
      page.navigate(opened.client().address().toString());
      page.waitForFunction(
          "() => document.getElementById('dropped')?.textContent.startsWith('7 events')");
      assertThat(page.isVisible("#dropped")).isTrue();
    }
  }

  @Test
  void aPageThatComesLateAsksForWhatWasLetGo() throws IOException {
    String run = opened.generate("\"prompt\":\"Once upon\",\"maxTokens\":6");
    var late = new StringBuilder();
    try (WireClient.Events events = opened.client().events()) {
      WireClient.Event event;
      do {
        event = events.next();
        boolean isOfRun = event.data().path("run").asText().equals(run);
        if (isOfRun
            && !List.of("state", "run", "prompt").contains(event.type())
            && !isStep(event, 0)) {
          late.append("event: %s\nid: a-9\ndata: %s\n\n".formatted(event.type(), event.data()));
        }
      } while (!event.type().equals("run-end") || !event.data().path("run").asText().equals(run));
    }
    try (Page page = opened.newPage()) {
      page.route(
          "**/api/events",
          route ->
              route.fulfill(
                  new Route.FulfillOptions()
                      .setContentType("text/event-stream")
                      .setBody(
                          """
                          event: hello
                          data: {"wire":1,"epoch":"a","oldest":9,"next":10}

                          event: dropped
                          id: a-8
                          data: {"count":9,"from":0,"to":8}

                          """
                              + late)));
      page.navigate(opened.client().address().toString());
      page.waitForFunction("name => inferno.store.state.runs.get(name)?.end", run);
      page.waitForFunction("() => document.querySelectorAll('#text .token[data-step]').length > 3");
      assertThat(page.locator("#text .prompt-token").count()).isPositive();
      page.waitForFunction("() => document.querySelector('#model strong') !== null");
      assertThat(page.textContent("#runs")).contains("Once upon");
      assertThat(page.textContent("#dropped")).startsWith("9 events are not here");
      assertThat(page.textContent("#worker")).isEqualTo("The model waits for you.");
    }
  }

  private static boolean isStep(WireClient.Event event, int number) {
    return event.type().equals("step") && event.data().required("step").asInt() == number;
  }

  @Test
  void aPageThatIsOpenedDuringARunShowsIt() throws IOException {
    opened.generate("\"prompt\":\"Once\",\"maxTokens\":2");
    String run =
        opened
            .client()
            .post("/api/generate", "{\"prompt\":\"Once\",\"maxTokens\":40,\"pace\":100}")
            .json()
            .required("run")
            .asText();
    try (Page page = opened.newPage()) {
      page.navigate(opened.client().address().toString());
      page.waitForFunction("name => inferno.store.state.selection.run === name", run);
      page.waitForFunction("() => document.getElementById('worker').textContent !== ''");
      assertThat(page.textContent("#worker")).startsWith("Generating");
    } finally {
      opened.stop();
    }
  }

  private static String generate(WireClient client, String prompt) throws IOException {
    client.await("model", model -> model.required("status").asText().equals("ready"));
    String run =
        client
            .post("/api/generate", "{\"prompt\":\"" + prompt + "\",\"maxTokens\":4}")
            .json()
            .required("run")
            .asText();
    client.await("run-end", end -> end.required("run").asText().equals(run));
    return run;
  }

  /// Compares what the page knows of a run with what a client has that was never cut off.
  private static void hasAllOf(Page page, String run) throws IOException {
    JsonNode known =
        Json.read(
            page.evaluate("name => JSON.stringify(inferno.store.state.runs.get(name))", run)
                .toString()
                .getBytes(UTF_8));
    int steps = 0;
    try (WireClient.Events events = opened.client().events()) {
      WireClient.Event event;
      do {
        event = events.next();
        if (!event.data().path("run").asText().equals(run)) {
          continue;
        }
        switch (event.type()) {
          case "run" -> same(known.required("meta"), event.data());
          case "prompt" -> same(known.required("prompt"), event.data().required("tokens"));
          case "step" -> same(known.required("steps").path(steps++), event.data());
          case "run-end" -> same(known.required("end"), event.data());
          default -> {}
        }
      } while (!event.type().equals("run-end") || !event.data().path("run").asText().equals(run));
    }
    assertThat(known.required("steps")).as("steps of %s", run).hasSize(steps);
    assertThat(steps).isPositive();
  }

  private static void same(JsonNode one, JsonNode other) {
    assertThat(PageUnderTest.same(one, other)).as("%s, but in the event %s", one, other).isTrue();
  }
}
