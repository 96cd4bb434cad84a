package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Response;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every number on the page is the one of the event, or of the answer, that it came from.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageNumbersTest {
  private static final String DEMO = "demo";
  private static final String HOT =
      "\"sampler\":{\"temperature\":1.5,\"topK\":0,\"repetitionPenalty\":1.3}";
  private static final Pattern MEANS =
      Pattern.compile(
          "First token: (.*), entropy (.*) nats;On average: (.*), entropy (.*) nats;(\\d+) tokens, \\w+");
  private static final Map<String, String> RUNS = new HashMap<>(Map.of(DEMO, DEMO));

  private static PageUnderTest opened;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
    String request = "\"prompt\":\"Once upon a time\",\"seed\":\"7\",\"maxTokens\":12,";
    RUNS.put("default", opened.generate(request + "\"sampler\":{}"));
    RUNS.put("greedy", opened.generate(request + "\"sampler\":{\"greedy\":true}"));
    RUNS.put("hot", opened.generate(request + HOT));
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "greedy", "hot", DEMO})
  void numbersOfAStepAreThoseOfItsEvent(String name) throws IOException {
    String run = runOf(name);
    opened.show(run, 0);
    openAll();
    int last = opened.evaluate("inferno.store.run().steps.length").asInt() - 1;
    for (int step : new int[] {0, last / 2, last}) {
      opened.page().evaluate("step => inferno.store.select({step})", step);
      opened.awaitShown(run, step);
      var views = new TreeSet<String>();
      for (String tab : new String[] {"attention", "tokens", "speed"}) {
        opened.page().click("#tab-" + tab);
        opened.until("!document.getElementById('%s').hidden".formatted(tab));
        views.addAll(opened.shownNumbersAreOfTheEvents());
      }
      assertThat(views)
          .as("views that show numbers of step %d", step)
          .contains(
              "stream",
              "scrubber",
              "pipeline",
              "speed",
              "inspector",
              "candidates",
              "chain",
              "draw");
      assertThat(views.contains("tokens")).as("tokens before step %d", step).isEqualTo(step > 0);
    }
  }

  @Test
  void numbersFollowTheScrubber() throws IOException {
    String run = runOf("hot");
    opened.show(run, 11);
    openAll();
    opened.page().focus("#sparkline");
    for (int step = 10; step >= 5; step--) {
      opened.page().keyboard().press("ArrowLeft");
      opened.awaitShown(run, step);
      assertThat(opened.shownNumbersAreOfTheEvents()).contains("inspector", "chain", "draw");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "hot", DEMO})
  void theTextIsColouredByTheProbabilityThatTheModelGave(String name) throws IOException {
    String run = runOf(name);
    opened.show(run, 0);
    JsonNode marks =
        opened.evaluate(
            """
            [...document.querySelectorAll('#text .token[data-step]')].map(mark => ({
              step: Number(mark.dataset.step), colour: mark.className.match(/c([0-4])/)[1],
              position: Number(mark.dataset.position)
            }))
            """);
    assertThat(marks.size()).isEqualTo(opened.evaluate("inferno.store.run().steps.length").asInt());
    for (JsonNode mark : marks) {
      JsonNode selection =
          opened.step(run, mark.required("step").asInt()).at("/sampling/selection");
      double probability = Math.exp(selection.required("logProbability").asDouble());
      assertThat(mark.required("colour").asInt())
          .as("a token with probability %s", probability)
          .isEqualTo(Math.min(4, (int) (5 * probability)));
      assertThat(mark.required("position")).isEqualTo(selection.required("position"));
    }
  }

  @Test
  void runsSideBySideHaveTheMeansOfTheirSteps() throws IOException {
    String request =
        "\"prompt\":\"In my opinion\",\"maxTokens\":8,\"group\":\"two\",\"sampler\":{},\"seed\":";
    List<String> runs =
        List.of(opened.generate(request + "\"1\""), opened.generate(request + "\"2\""));
    opened.show(runs.getFirst(), 0);
    opened.until("document.querySelectorAll('.lane').length === 2");
    for (int lane = 0; lane < runs.size(); lane++) {
      opened.page().locator(".lane-label").nth(lane).click();
      opened.until("inferno.store.state.selection.run === '%s'".formatted(runs.get(lane)));
      int steps = opened.evaluate("inferno.store.run().steps.length").asInt();
      double probability = 0;
      double entropy = 0;
      for (int step = 0; step < steps; step++) {
        JsonNode sampling = opened.step(runs.get(lane), step).required("sampling");
        probability += Math.exp(sampling.at("/selection/logProbability").asDouble()) / steps;
        entropy += sampling.required("entropy").asDouble() / steps;
      }
      String said =
          String.join(
              ";", opened.page().locator(".lane-means").nth(lane).locator("p").allTextContents());
      Matcher means = MEANS.matcher(said);
      assertThat(means.matches()).as(said).isTrue();
      JsonNode first = opened.step(runs.get(lane), 0).required("sampling");
      List<Double> expected =
          List.of(
              Math.exp(first.at("/selection/logProbability").asDouble()),
              first.required("entropy").asDouble(),
              probability,
              entropy);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(ShownNumber.isOf(means.group(i + 1), DoubleNode.valueOf(expected.get(i))))
            .as("%s: %s", said, expected.get(i))
            .isTrue();
      }
      assertThat(Integer.parseInt(means.group(5))).isEqualTo(steps);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "greedy", DEMO})
  void numbersByTheSlidersAreThoseOfTheAnswer(String name) throws IOException {
    String run = runOf(name);
    opened.show(run, 3);
    openAll();
    JsonNode shown =
        answerTo(() -> {
          opened.page().fill("#exact-temperature", "1.7");
          opened.page().keyboard().press("Tab");
        });
    assertThat(opened.resampledNumbersAreOf(shown))
        .contains("inspector", "candidates", "chain", "draw");
    assertThat(opened.shownNumbersAreOfTheEvents()).contains("inspector", "stream");
    ObjectNode request = Json.object();
    request.put("run", run).put("step", 3);
    request.set("sampler", opened.evaluate("inferno.store.state.sampler"));
    assertThat(request.at("/sampler/temperature").asDouble()).isEqualTo(1.7);
    assertThat(untimed(shown)).isEqualTo(untimed(resample(request)));
  }

  @ParameterizedTest
  @CsvSource({"50, 50", "1000, 1000", "1, 2"}) // the chosen one is added where it is no favourite
  void asManyCandidatesAreShownAsAreAskedFor(int top, int atMost) throws IOException {
    String run = runOf("hot");
    opened.show(run, 2);
    openAll();
    Locator number = opened.page().locator("#candidates input[type=number]");
    if (top > 20) {
      JsonNode shown = answerTo(() -> number.fill(String.valueOf(top)));
      assertThat(opened.resampledNumbersAreOf(shown)).containsExactly("candidates");
    } else {
      number.fill(String.valueOf(top));
    }
    String rows = "document.querySelectorAll('#candidates details tr').length - 1";
    opened.until("[%d, %d].includes(%s)".formatted(top, atMost, rows));
    opened.page().evaluate("() => document.querySelector('.candidate-list').scrollTo(0, 1e6)");
    opened.until(
        "document.querySelector('.candidate:last-child').ariaPosInSet === String(%s)"
            .formatted(rows));
    JsonNode twice =
        opened.evaluate(
            """
            [...document.querySelectorAll('.candidate')].map(row => {
              const cells = document.querySelectorAll('#candidates details tr')[row.ariaPosInSet].querySelectorAll('[data-value]');
              const values = [...row.querySelectorAll('[data-value]')].map(each => each.dataset.value);
              return {row: values, table: [...cells].map(each => each.dataset.value).slice(0, values.length)};
            })
            """);
    assertThat(twice).isNotEmpty();
    for (JsonNode each : twice) {
      // The list has rank, id, logit and probabilities, and so does the table.
      assertThat(each.required("row")).isEqualTo(each.required("table"));
    }
    opened.page().evaluate("() => inferno.store.setTop(10)");
  }

  private static String runOf(String name) {
    return Objects.requireNonNull(RUNS.get(name), name);
  }

  private static void openAll() {
    String attend = "#pipeline .flow button:nth-of-type(2)";
    if (!"true".equals(opened.page().getAttribute(attend, "aria-expanded"))) {
      opened.page().click(attend);
    }
    opened.openDetails();
  }

  /// What the server answers to the choice made again after an action, once it is shown.
  private static JsonNode answerTo(Runnable action) throws IOException {
    Response response =
        opened.page().waitForResponse(each -> each.url().endsWith("/api/resample"), action);
    opened.until("document.querySelector('.candidate-list').dataset.resampled === 'true'");
    return Json.read(response.body());
  }

  private static JsonNode resample(ObjectNode request) throws IOException {
    return opened.client().post("/api/resample", request.toString()).json();
  }

  /// Without the times that the stages took, which differ each time.
  private static JsonNode untimed(JsonNode sampling) throws IOException {
    JsonNode copy = Json.read(sampling.toString().getBytes(UTF_8));
    copy.required("stages").forEach(stage -> ((ObjectNode) stage).remove("nanos"));
    return copy;
  }
}
