package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// The page of the visualizer, in a browser.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageTest {

  @Test
  void opensWithoutAnError() throws IOException {
    try (PageUnderTest opened = PageUnderTest.open()) {
      assertThat(opened.page().title()).contains("Inferno");
    }
  }

  @Test
  void whatItAsksOfOthersIsNoticed() throws IOException {
    PageUnderTest opened = PageUnderTest.open();
    opened.page().evaluate("fetch('http://127.0.0.1:9/').catch(() => {})");
    assertThatThrownBy(opened::close).hasMessageContaining("errors on the page");
  }

  @Test
  void aNumberThatIsNotTheEventsIsNoticed() throws IOException {
    try (PageUnderTest opened = PageUnderTest.open()) {
      String run =
          opened
              .client()
              .post("/api/generate", "{\"prompt\":\"Once\",\"maxTokens\":1}")
              .json()
              .required("run")
              .asText();
      JsonNode entropy = opened.step(run, 0).at("/sampling/entropy");
      String element =
          """
          document.body.insertAdjacentHTML('beforeend', `<p data-run="%s" data-step="0">
            <span data-field="sampling.entropy" data-value="%s"></span></p>`)
          """;
      opened.page().evaluate(element.formatted(run, entropy));
      assertThat(opened.shownNumbersAreOfTheEvents()).contains("none");
      opened.page().evaluate(element.formatted(run, Math.nextUp(entropy.asDouble())));
      assertThatThrownBy(opened::shownNumbersAreOfTheEvents)
          .hasMessageContaining("sampling.entropy is %s in the event of step 0, but", entropy);
    }
  }
}
