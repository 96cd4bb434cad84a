package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Keyboard;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The page without a mouse.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageKeyboardTest {
  private static final int STEPS = 16;

  private static PageUnderTest opened;
  private static Keyboard keyboard;
  private static String run;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
    keyboard = opened.page().keyboard();
    String request =
        "\"prompt\":\"Once upon a time\",\"seed\":\"5\",\"group\":\"two\",\"maxTokens\":";
    opened.generate(request + 3);
    run = opened.generate(request + STEPS);
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @BeforeEach
  void show() {
    opened.show(run, STEPS - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attention", "tokens", "speed"})
  void tabReachesEverythingAndShowsWhereItIs(String tab) throws IOException {
    opened.page().click("#pipeline .flow button:nth-of-type(2)"); // opens the attention
    opened.page().focus("#tab-attention");
    for (int i = 0; i < 3 && !opened.page().isVisible("#" + tab); i++) {
      keyboard.press("ArrowRight");
      opened.page().evaluate("() => new Promise(requestAnimationFrame)");
    }
    opened.until("!document.getElementById('%s').hidden".formatted(tab));
    opened.openDetails();
    opened.until("document.querySelectorAll('#lanes .lane').length === 2");
    JsonNode wanted =
        opened.evaluate(
            """
            [...document.querySelectorAll('button, input, select, textarea, summary, a[href], [tabindex]')]
                .filter(each => each.checkVisibility() && !each.matches(':disabled') && each.tabIndex >= 0)
                .map((each, i) => { each.dataset.stop = i; return each.outerHTML.slice(0, 160); })
            """);
    assertThat(wanted).hasSizeGreaterThan(40);
    Set<Integer> reached = new LinkedHashSet<>();
    opened.page().evaluate("() => document.activeElement.blur()");
    for (int i = 0; i < 2 * wanted.size() && reached.size() < wanted.size(); i++) {
      keyboard.press("Tab");
      JsonNode stop =
          opened.evaluate(
              """
              (() => {
                const at = document.activeElement;
                const {outlineStyle, outlineWidth} = getComputedStyle(at);
                const {top, bottom} = at.getBoundingClientRect();
                return {
                  stop: Number(at.dataset.stop ?? -1), html: at.outerHTML.slice(0, 160),
                  outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
                  seen: bottom > 0 && top < innerHeight
                };
              })()
              """);
      if (stop.required("html").asText().startsWith("<body")) {
        continue; // from the last to the first
      }
      String html = stop.required("html").asText();
      assertThat(stop.required("outlined").asBoolean())
          .as("focus is to be seen on %s", html)
          .isTrue();
      assertThat(stop.required("seen").asBoolean()).as("%s is in sight", html).isTrue();
      int number = stop.required("stop").asInt();
      if (number >= 0) { // others are what scrolls, which a browser may stop at
        reached.add(number);
      }
    }
    List<String> missed =
        IntStream.range(0, wanted.size())
            .filter(i -> !reached.contains(i))
            .mapToObj(i -> wanted.path(i).asText())
            .toList();
    assertThat(missed).as("what Tab does not reach").isEmpty();
  }

  @Test
  void whatIsClickedIsInSomethingThatTakesArrowKeys() throws IOException {
    opened.until("document.querySelectorAll('#lanes .lane').length === 2");
    assertThat(
            opened.evaluate(
                """
                [...document.querySelectorAll('[data-candidate]')]
                    .filter(each => !each.closest('[role=listbox][tabindex="0"], [role=group][tabindex="0"]'))
                    .map(each => each.outerHTML)
                """))
        .isEmpty();
    for (String widget : List.of(".candidate-list", ".chain", ".cumulative")) {
      opened.page().evaluate("() => inferno.store.select({candidate: null})");
      opened.page().focus(widget);
      String order =
          "[...new Set([...document.querySelectorAll('%s [data-candidate]')].map(each => each.dataset.candidate))]"
              .formatted(widget);
      keyboard.press("End");
      keyboard.press("Home");
      opened.until("String(inferno.store.state.selection.candidate) === " + order + "[0]");
    }
    opened.page().focus("#text");
    keyboard.press("ArrowLeft");
    keyboard.press("ArrowLeft");
    opened.awaitShown(run, STEPS - 3);
    for (int i = 0; i < STEPS; i++) {
      keyboard.press("ArrowLeft");
    }
    opened.until("inferno.store.state.selection.token !== null"); // in the prompt
  }

  @Test
  void arrowsMoveThroughTheSteps() {
    press("ArrowLeft", STEPS - 2);
    press("Shift+ArrowLeft", STEPS - 12);
    press("ArrowLeft", STEPS - 13);
    press("Shift+ArrowLeft", 0);
    press("ArrowLeft", 0);
    press("ArrowRight", 1);
    press("Shift+ArrowRight", 11);
    press("Shift+ArrowRight", STEPS - 1);
    opened.until("inferno.store.following()");
    press("ArrowLeft", STEPS - 2);
    press("Escape", STEPS - 1);
    opened.until("inferno.store.following()");
  }

  @Test
  void slashGoesToTheLeastConfidentStep() {
    List<Integer> order =
        IntStream.range(0, STEPS)
            .boxed()
            .sorted(
                Comparator.comparingDouble(step ->
                    opened.step(run, step).at("/sampling/selection/logProbability").asDouble()))
            .toList();
    for (int i = 0; i < 3; i++) {
      press("/", order.get(i));
    }
    press("ArrowLeft", order.get(2) - 1);
    press("/", order.getFirst());
  }

  @Test
  void upAndDownMoveThroughTheCandidates() {
    JsonNode candidates = opened.step(run, STEPS - 1).at("/sampling/candidates");
    String[] keys = {"ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"};
    int[] places = {0, 1, 2, 1};
    for (int i = 0; i < keys.length; i++) {
      keyboard.press(keys[i]);
      String id = candidates.path(places[i]).at("/token/id").asText();
      opened.until("inferno.store.state.selection.candidate === " + id);
      opened.until(
          "document.querySelector('.candidate[aria-selected=true]')?.dataset.candidate === '%s'"
              .formatted(id));
    }
    keyboard.press("Escape");
    opened.until("inferno.store.state.selection.candidate === null");
  }

  @Test
  void bracketsMoveThroughLayersAndHeads() {
    opened.page().evaluate("() => inferno.store.select({layer: 0, head: 0, tab: 'attention'})");
    String[] keys = {"]", "]", "[", "}", "}", "{", "{", "{"};
    String[] titles = {
      "1, head 0",
      "2, head 0",
      "1, head 0",
      "1, head 1",
      "1, head 2",
      "1, head 1",
      "1, head 0",
      "1, head 0"
    };
    for (int i = 0; i < keys.length; i++) {
      keyboard.press(keys[i]);
      opened.until(
          "document.querySelector('#attention h3').textContent.startsWith('Layer %s,')"
              .formatted(titles[i]));
    }
  }

  @Test
  void spacePlaysAndPausesAndPressesAButton() {
    keyboard.press("Home");
    opened.page().evaluate("() => document.activeElement.blur()");
    opened.page().selectOption("#pace", "500");
    opened.page().evaluate("() => document.activeElement.blur()");
    keyboard.press("Space");
    opened.until(
        "inferno.store.state.replaying && document.getElementById('play').textContent === 'Pause'");
    keyboard.press("Space");
    opened.until(
        "!inferno.store.state.replaying && document.getElementById('play').textContent === 'Play'");
    opened.page().focus("#help-button");
    keyboard.press("Space");
    opened.until("document.getElementById('help').open && !inferno.store.state.replaying");
    keyboard.press("Escape");
    opened.until("!document.getElementById('help').open");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#candidates", "#chain", "#draw", ".triangle", "#scrubber"})
  void openingATableKeepsTheFocus(String view) {
    String summary = view + " summary";
    opened.page().focus(summary);
    keyboard.press("Enter");
    opened.until("document.querySelector('%s td') !== null".formatted(view + " details"));
    opened.page().evaluate("() => new Promise(requestAnimationFrame)");
    opened.until("document.activeElement === document.querySelector('%s')".formatted(summary));
    keyboard.press("Enter");
    opened.until("!document.querySelector('%s details').open".formatted(view));
  }

  @Test
  void helpListsTheKeysAndEscCloses() {
    keyboard.press("?");
    opened.until("document.getElementById('help').open");
    assertThat(opened.page().locator("#help kbd").allTextContents())
        .contains("← →", "Space", "↑ ↓", "[ ]", "{ }", "/", "Esc", "Ctrl+Enter", "?");
    keyboard.press("ArrowLeft"); // is for what is behind the help
    keyboard.press("Escape");
    opened.until("!document.getElementById('help').open");
    opened.until("inferno.store.stepNumber() === " + (STEPS - 1));
  }

  @Test
  void whatIsTypedIsText() throws IOException {
    opened.page().fill("#prompt", "");
    keyboard.type("a /?[]{} b");
    opened.until("document.getElementById('prompt').value === 'a /?[]{} b'");
    keyboard.press("ArrowLeft");
    keyboard.press("ArrowUp");
    assertThat(opened.evaluate("inferno.store.stepNumber()").asInt()).isEqualTo(STEPS - 1);
    assertThat(opened.evaluate("document.getElementById('help').open").asBoolean()).isFalse();
  }

  @Test
  void controlEnterGenerates() throws IOException {
    opened.page().selectOption("#pace", "0");
    opened.page().fill("#prompt", "The capital of France is");
    opened.page().fill("#max-tokens", "2");
    opened.page().focus("#prompt");
    keyboard.press("Control+Enter");
    opened.until(
        "inferno.store.run().meta.prompt === 'The capital of France is' && inferno.store.run().end");
    assertThat(opened.evaluate("inferno.store.run().meta.maxTokens").asInt()).isEqualTo(2);
  }

  private static void press(String key, int step) {
    keyboard.press(key);
    opened.awaitShown(run, step);
  }
}
