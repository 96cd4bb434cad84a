package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// What the page has the model do: generate, pause, step, stop, the exercises.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageRunsTest {
  private static PageUnderTest opened;
  private static String first;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
    first = opened.generate("\"prompt\":\"Once\",\"maxTokens\":3"); // or the page begins one
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @BeforeEach
  void show() {
    opened.show(first, 1);
  }

  @AfterEach
  void stop() throws IOException {
    opened.stop();
  }

  @Test
  void theFirstTokenIsShownWhileTheModelStillGenerates() throws IOException {
    pace(125);
    generate("Once upon a time"); // whose text is long whatever is drawn
    assertThat(opened.client().get("/api/state").json().at("/state/status").asText())
        .isEqualTo("running");
    assertThat(
            opened.evaluate("document.querySelectorAll('#text .token[data-step]').length").asInt())
        .isLessThan(64);
    assertThat(opened.page().textContent("#worker")).startsWith("Generating");
  }

  @Test
  void aPauseHaltsAStepIsOneAndPlayGoesOn() throws IOException {
    pace(500);
    String run = generate("Once upon a time");
    opened.page().click("#play");
    opened.until("inferno.store.state.worker.status === 'paused'");
    opened.until("document.getElementById('worker').textContent.startsWith('Paused')");
    int presses = 3;
    for (int i = 0; i < presses; i++) {
      int before = opened.evaluate("inferno.store.run().steps.length").asInt();
      opened.page().click("#step-on");
      opened.until("inferno.store.run().steps.length > " + before);
    }
    pace(0);
    opened.page().click("#play");
    opened.until("inferno.store.run().end !== null");

    List<String> happened = new ArrayList<>();
    try (WireClient.Events events = opened.client().events()) {
      events.await("run", event -> event.required("run").asText().equals(run));
      WireClient.Event event;
      do {
        event = events.next();
        happened.add(
            event.type().equals("state") ? event.data().required("status").asText() : event.type());
      } while (!event.type().equals("run-end"));
    }
    int paused = happened.indexOf("paused");
    int goesOn = happened.lastIndexOf("paused") + 1;
    assertThat(happened.subList(paused, goesOn))
        .doesNotContain("running")
        .filteredOn("step"::equals)
        .as("steps while it was paused, and one that may have been under way")
        .hasSizeBetween(presses, presses + 1);
    assertThat(happened.subList(goesOn, happened.size())).startsWith("running").contains("step");
  }

  @Test
  void stopEndsTheRun() throws IOException {
    pace(125);
    String run = generate("Once upon a time");
    opened.page().click("#stop");
    JsonNode end =
        opened.client().await("run-end", each -> each.required("run").asText().equals(run));
    assertThat(end.required("reason").asText()).isEqualTo("cancelled");
    opened.until("inferno.store.run().end?.reason === 'cancelled'");
    opened.until("document.getElementById('stop').disabled");
  }

  @Test
  void clicksOnTheBarsSelectTheirStep() throws IOException {
    String run = opened.generate("\"prompt\":\"Once\",\"maxTokens\":10,\"sampler\":{}");
    opened.show(run, 0);
    int steps = opened.evaluate("inferno.store.run().steps.length").asInt();
    var box = opened.page().locator("#sparkline").boundingBox();
    for (int step : new int[] {steps - 1, 0, steps / 2}) {
      double x = box.width * (step + 0.5) / steps;
      opened.page().locator("#sparkline").click(new Locator.ClickOptions().setPosition(x, 20));
      opened.awaitShown(run, step);
      assertThat(opened.page().textContent("#place")).isEqualTo("step %d of %d", step, steps - 1);
    }
  }

  @Test
  void aRunThatIsOverIsPlayedAgain() throws IOException {
    pace(50);
    opened.show("demo", 0);
    opened.page().click("#play");
    opened.until("inferno.store.stepNumber() > 2 && inferno.store.state.replaying");
    opened.page().click("#play");
    opened.until("!inferno.store.state.replaying");
    assertThat(opened.evaluate("inferno.store.following()").asBoolean()).isFalse();
    assertThat(opened.client().get("/api/state").json().at("/state/status").asText())
        .isEqualTo("idle");
  }

  @Test
  void exerciseOneRunsThreePrompts() throws IOException {
    assertThat(exercise("confidence", 3))
        .extracting(run -> run.required("prompt").asText())
        .containsExactly(
            "The capital of France is", "In my opinion, the best movie is", "Once upon a time");
    assertThat(opened.page().locator("#lanes .lane-label").allTextContents())
        .containsExactly(
            "The capital of France is", "In my opinion, the best movie is", "Once upon a time");
  }

  @Test
  void exerciseTwoRunsOnePromptAtThreeTemperatures() throws IOException {
    List<JsonNode> runs = exercise("temperature", 3);
    assertThat(runs)
        .extracting(run -> run.at("/sampler/temperature").asDouble())
        .containsExactly(0.1, 0.7, 1.2);
    for (String same : List.of("prompt", "seed", "maxTokens")) {
      assertThat(runs)
          .as(same)
          .extracting(run -> run.required(same))
          .containsOnly(runs.getFirst().required(same));
    }
    JsonNode byDefault = opened.client().get("/api/runs/" + first).json().at("/run/sampler");
    assertThat(runs)
        .extracting(run -> ((ObjectNode) run.required("sampler")).without("temperature").toString())
        .containsOnly(((ObjectNode) byDefault).without("temperature").toString());
  }

  @Test
  void exerciseThreeFillsInMessagesToAnAssistant() {
    Page page = opened.page();
    for (String wish :
        List.of(
            "Write a story",
            "Write a short story about a robot",
            "What is AI?",
            "Explain artificial intelligence in simple terms")) {
      page.fill("#prompt", "Once");
      opened.until("document.querySelectorAll('#controls .token-strip .piece').length === 1");
      page.getByText(wish, new Page.GetByTextOptions().setExact(true)).first().click();
      opened.until("document.getElementById('prompt').value !== 'Once'");
      assertThat(page.inputValue("#prompt"))
          .isEqualTo("<|user|>" + wish + "<|end|>\n<|assistant|>");
      opened.until("document.querySelectorAll('#controls .token-strip .chip').length > 2");
      assertThat(page.locator("#controls .token-strip .chip").allTextContents())
          .containsSubsequence("<|user|>", "<|end|>", "<|assistant|>");
    }
  }

  @Test
  void exerciseThreeShowsItsMarksAsChipsInTheText() throws IOException {
    assertThat(exercise("styles", 4))
        .extracting(run -> run.required("prompt").asText())
        .first()
        .isEqualTo("<|user|>Write a story<|end|>\n<|assistant|>");
    assertThat(opened.page().locator("#text .prompt-token.chip").allTextContents())
        .containsSubsequence("<|user|>", "<|end|>", "<|assistant|>");
    assertThat(opened.page().locator("#lanes .lane"))
        .extracting(lanes -> lanes.count())
        .isEqualTo(4);
  }

  /// Runs an exercise by its button, as fast as the model is.
  ///
  /// @return its `run` events
  private static List<JsonNode> exercise(String name, int runs) throws IOException {
    pace(0);
    opened.page().click("#exercise-" + name);
    opened.until(
        "inferno.store.group().length === %d && inferno.store.group().every(run => run.end)"
            .formatted(runs));
    List<String> names = new ArrayList<>();
    opened
        .evaluate("inferno.store.group().map(run => run.meta.run)")
        .forEach(each -> names.add(each.asText()));
    opened.until("document.querySelectorAll('#lanes .lane').length === " + runs);
    List<JsonNode> found = new ArrayList<>();
    try (WireClient.Events events = opened.client().events()) {
      while (found.size() < runs) {
        found.add(events.await("run", run -> names.contains(run.required("run").asText())));
      }
    }
    assertThat(Set.copyOf(found.stream().map(run -> run.required("group")).toList())).hasSize(1);
    return found;
  }

  /// Types a prompt, presses the button and waits for the first token that is chosen. Chooses a
  /// pace, and waits until the worker keeps it: a run that began before would be over.
  private static void pace(int milliseconds) {
    opened.page().selectOption("#pace", String.valueOf(milliseconds));
    opened.until("inferno.store.state.worker.pace === " + milliseconds);
  }

  private static String generate(String prompt) throws IOException {
    opened.page().fill("#prompt", prompt);
    String before = opened.evaluate("inferno.store.state.selection.run").asText();
    opened.page().click("#generate");
    opened.until("inferno.store.state.selection.run !== '%s'".formatted(before));
    opened.page().waitForSelector("#text .token[data-step]");
    return opened.evaluate("inferno.store.state.selection.run").asText();
  }
}
