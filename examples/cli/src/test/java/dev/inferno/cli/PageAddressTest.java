package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// What is selected stands in the address, and the token that control needs does not.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageAddressTest {
  private static PageUnderTest opened;
  private static String run;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
    run = opened.generate("\"prompt\":\"Once upon a time\",\"maxTokens\":9");
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @Test
  void theAddressKeepsTheSelectionAndNotTheToken() throws IOException {
    Page page = opened.page();
    opened.show(run, 2);
    assertThat(page.url()).doesNotContain("token");
    page.locator("#text .token[data-step='4']").click();
    page.click("#tab-speed");
    for (String key : new String[] {"]", "]", "}", "ArrowDown", "ArrowDown"}) {
      page.keyboard().press(key);
    }
    JsonNode selection = opened.evaluate("inferno.store.state.selection");
    JsonNode second = opened.step(run, 4).at("/sampling/candidates/1/token/id");
    assertThat(selection)
        .isEqualTo(
            Json.object()
                .put("run", run)
                .put("step", 4)
                .putNull("token")
                .put("layer", 2)
                .put("head", 1)
                .put("candidate", second.asInt())
                .put("tab", "speed"));
    opened.until("location.hash.includes('candidate=%s')".formatted(second));
    String address = page.url();
    assertThat(address).doesNotContain(opened.client().address().getFragment());

    page.reload();
    opened.awaitShown(run, 4);
    assertThat(opened.evaluate("inferno.store.state.selection")).isEqualTo(selection);
    assertThat(page.isVisible("#speed")).isTrue();
    assertThat(opened.evaluate("inferno.store.state.canControl").asBoolean())
        .as("the tab keeps the token")
        .isTrue();
    opened.until("location.href === '%s'".formatted(address));
    assertThat(page.locator("#candidates [aria-selected=true]").getAttribute("data-candidate"))
        .isEqualTo(second.asText());

    page.evaluate("() => { location.hash = location.hash.replace('step=4', 'step=6'); }");
    opened.awaitShown(run, 6);
  }

  @Test
  void anAddressThatIsTypedOutweighsTheSelectionJustBefore() {
    opened.show(run, 2);
    opened.until("location.hash.includes('layer=')"); // mirrored
    opened
        .page()
        .evaluate(
            """
            async () => {
              inferno.store.select({step: 3});
              await new Promise(requestAnimationFrame);
              await new Promise(requestAnimationFrame);
              setTimeout(() => { location.hash = location.hash.replace('step=2', 'step=6'); }, 50);
              const until = performance.now() + 300; // the page is busy until both are overdue
              while (performance.now() < until) {}
            }
            """);
    opened.awaitShown(run, 6);
    opened.until("location.hash.includes('step=6')");
  }

  @Test
  void withoutATokenThePageMayOnlyWatch() throws IOException {
    try (Page watching = opened.newPage()) {
      watching.navigate(
          opened.client().address().resolve("/").toString() + "#run=" + run + "&step=5");
      watching.waitForFunction("() => inferno.store.step()?.step === 5");
      assertThat(watching.textContent("#control-reason")).contains("may only watch");
      watching.waitForFunction(
          "() => document.querySelectorAll('#inspector [data-field]').length > 0");
      assertThat(
              watching.locator("#left button:enabled, #left input:enabled, #left textarea:enabled"))
          .extracting(enabled -> enabled.count())
          .isEqualTo(0);
      watching.focus("#prompt", new Page.FocusOptions().setTimeout(1000));
      watching.keyboard().press("Control+Enter");
      watching.locator("#text .token[data-step='7']").click();
      watching.waitForFunction("() => inferno.store.step()?.step === 7");
      String follows = opened.generate("\"prompt\":\"Once\",\"maxTokens\":2");
      watching.waitForFunction("name => inferno.store.state.runs.get(name)?.end", follows);
      assertThat(watching.textContent("#notice")).isEmpty();
      assertThat(opened.client().get("/api/state").json().at("/state/queued").asInt()).isZero();

      // pasted into the same tab, where the page loads itself anew
      String printed = opened.client().address().toString();
      watching.navigate(printed);
      watching.waitForFunction("() => globalThis.inferno?.store.state.canControl");
      assertThat(watching.url()).doesNotContain("token=" + printed.split("=", 2)[1]);
      watching.waitForFunction("() => document.getElementById('generate')?.disabled === false");
      assertThat(watching.textContent("#control-reason")).isEmpty();
    }
  }
}
