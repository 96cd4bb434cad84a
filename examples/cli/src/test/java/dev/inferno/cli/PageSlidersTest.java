package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.visualizer.ModelSource;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Sliders make a choice again from the logits that are kept: the model does nothing.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageSlidersTest {
  @Test
  void aSliderChoosesAgainWithoutTheModel() throws IOException {
    try (PageUnderTest opened = PageUnderTest.start(PageUnderTest.BUNDLED)) {
      String run =
          opened.generate(
              "\"prompt\":\"In my opinion, the best movie is\",\"maxTokens\":8,\"seed\":\"1\",\"sampler\":{}");
      slidersChooseAgain(opened, run);
    }
  }

  @Test
  void withoutAModelTheRecordedRunCanBeChosenAgain() throws IOException {
    String why = "nothing.gguf: there is no such file";
    var missing =
        new ModelSource(
            "nothing.gguf",
            _ -> {
              throw new IOException(why);
            });
    try (PageUnderTest opened = PageUnderTest.start(missing)) {
      opened.show("demo", 3);
      assertThat(opened.page().textContent("#model")).contains(why);
      assertThat(opened.page().isDisabled("#generate")).isTrue();
      assertThat(opened.page().isDisabled("#exercise-confidence")).isTrue();
      assertThat(opened.page().locator("#text .token[data-step]").count()).isGreaterThan(3);
      assertThat(opened.shownNumbersAreOfTheEvents()).contains("inspector", "candidates", "draw");
      slidersChooseAgain(opened, "demo");
    }
  }

  private static void slidersChooseAgain(PageUnderTest opened, String run) throws IOException {
    opened.show(run, 0);
    int step =
        opened
            .evaluate(
                """
                inferno.store.run().steps.map(each => each.sampling.distribution.size)
                    .reduce((best, size, i, sizes) => (size > sizes[best] ? i : best), 0)
                """)
            .asInt();
    opened.page().evaluate("step => inferno.store.select({step})", step);
    opened.awaitShown(run, step);
    opened.openDetails();
    assertThat(opened.step(run, step).at("/sampling/distribution/size").asInt())
        .as("candidates to draw from at step %d", step)
        .isGreaterThan(1);
    String text = opened.page().textContent("#text");
    JsonNode after = afterTheSampler(opened);
    JsonNode fellOn = value(opened, "draw.to");
    JsonNode before = nextEvent(opened);

    opened.page().focus("#slider-temperature");
    for (int i = 1; i <= 10; i++) {
      opened.page().keyboard().press("ArrowRight");
    }
    opened.until("inferno.store.isResampled() && inferno.store.state.sampler.temperature === 1.3");
    opened.until(
        "document.getElementById('applied').textContent.startsWith('Re-applied to step %d')"
            .formatted(step));
    ObjectNode request = Json.object();
    request.put("run", run).put("step", step);
    request.putObject("sampler").put("temperature", 1.3);
    JsonNode answer = opened.client().post("/api/resample", request.toString()).json();
    opened.until(
        "Number(document.querySelector('[data-resampled-field=\"sampling.draw.to\"]')?.dataset.value) === %s"
            .formatted(answer.at("/draw/to")));
    opened
        .page()
        .evaluate(
            """
            () => document.querySelectorAll('#chain .time [data-value]').forEach(time => time.remove())
            """); // the times of a stage are those of another request
    assertThat(opened.resampledNumbersAreOf(answer))
        .contains("inspector", "candidates", "chain", "draw");
    assertThat(afterTheSampler(opened)).isNotEqualTo(after);
    assertThat(value(opened, "draw.to")).isNotEqualTo(fellOn);
    assertThat(opened.page().textContent("#text")).isEqualTo(text);
    assertThat(nextEvent(opened)).as("the number of the next event").isEqualTo(before);
    assertThat(opened.page().textContent("#inspector")).contains("what the sliders would choose");

    for (int i = 1; i <= 10; i++) {
      opened.page().keyboard().press("ArrowLeft");
    }
    opened.until("document.querySelector('[data-resampled-field]') === null");
    opened.awaitShown(run, step);
    assertThat(opened.shownNumbersAreOfTheEvents())
        .contains("inspector", "candidates", "chain", "draw");
    assertThat(afterTheSampler(opened)).isEqualTo(after);
    assertThat(value(opened, "draw.to")).isEqualTo(fellOn);
    assertThat(opened.page().textContent("#applied")).doesNotContain("Re-applied");
  }

  /// What each candidate is drawn with, by its id.
  private static JsonNode afterTheSampler(PageUnderTest opened) throws IOException {
    return opened.evaluate(
        """
        [...document.querySelectorAll('.candidate')].map(row => [row.dataset.candidate,
            row.querySelector('.strong, .remover')?.textContent])
        """);
  }

  private static JsonNode value(PageUnderTest opened, String field) throws IOException {
    return opened.evaluate(
        "document.querySelector('#draw [data-field=\"sampling.%1$s\"], #draw [data-resampled-field=\"sampling.%1$s\"]')?.dataset.value ?? null"
            .formatted(field));
  }

  /// The number that the next event will have.
  private static JsonNode nextEvent(PageUnderTest opened) throws IOException {
    try (WireClient.Events events = opened.client().events()) {
      return events.await("hello", _ -> true).required("next");
    }
  }
}
