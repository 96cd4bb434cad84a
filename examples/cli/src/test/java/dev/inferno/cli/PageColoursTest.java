package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// All text can be read, in light and dark: its contrast is at least that of WCAG 2.2, level AA,
/// 1.4.3.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageColoursTest {
  private static final double LEAST_CONTRAST = 4.5;

  /// Of each element with text of its own: the contrast, by the colours behind it.
  private static final String CONTRASTS =
      """
      (() => {
        const context = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
        const known = new Map();
        const rgba = css => {
          if (!known.has(css)) {
            context.clearRect(0, 0, 1, 1);
            context.fillStyle = css;
            context.fillRect(0, 0, 1, 1);
            known.set(css, [...context.getImageData(0, 0, 1, 1).data].map(c => c / 255));
          }
          return known.get(css);
        };
        const over = (top, below) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * below[i]);
        const behind = element => {
          if (element === null) {
            return [1, 1, 1];
          }
          const colour = rgba(getComputedStyle(element).backgroundColor);
          return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
        };
        const luminance = rgb => {
          const [r, g, b] = rgb.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = element => {
          const ground = behind(element);
          const [a, b] = [luminance(over(rgba(getComputedStyle(element).color), ground)), luminance(ground)];
          return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        };
        return [...document.querySelectorAll('body, body *')]
            .filter(each => each.checkVisibility() && (each.matches('input, textarea, select')
                || [...each.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '')))
            .map(each => ({
              classes: [...each.classList, each.localName, each.id, each.disabled ? 'disabled' : ''],
              contrast: contrast(each), html: each.outerHTML.slice(0, 200)
            }));
      })()
      """;

  @Test
  void allTextCanBeReadInLightAndDark() throws IOException {
    try (PageUnderTest opened = PageUnderTest.start(PageUnderTest.BUNDLED)) {
      String hot =
          "\"prompt\":\"Once upon a time<|end|>\",\"maxTokens\":60,\"group\":\"g\",\"seed\":\"1\",\"sampler\":{\"temperature\":1.5,\"topP\":0.9,\"minP\":0}";
      opened.generate(hot);
      String run = opened.generate(hot);
      opened.show(run, 7);
      opened.openDetails();
      opened.page().click("#pipeline .flow button:nth-of-type(2)");
      opened.openDetails();
      opened.page().fill("#exact-temperature", "1.8");
      opened.page().locator("#candidates label:has-text('log') input").check();
      opened.until("inferno.store.isResampled()");
      opened
          .page()
          .evaluate(
              """
              () => {
                inferno.store.fail('a failure');
                document.getElementById('control-reason').textContent = 'a warning';
              }
              """);
      opened.until("document.getElementById('notice').textContent !== ''");
      opened.page().locator("#text .token[data-step='6']").hover();
      List<String> tabs = List.of("attention", "tokens", "speed");
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        Set<String> seen = new TreeSet<>();
        for (String tab : tabs) {
          opened.page().click("#tab-" + tab);
          opened.until("!document.getElementById('%s').hidden".formatted(tab));
          seen.addAll(readable(opened, scheme));
        }
        assertThat(
                List.of(
                    "c0",
                    "c1",
                    "c2",
                    "c3",
                    "c4",
                    "faint",
                    "chip",
                    "warning",
                    "badge",
                    "token",
                    "piece",
                    "weighed",
                    "remover",
                    "u-label",
                    "prompt-token",
                    "formula",
                    "button",
                    "disabled",
                    "primary",
                    "input",
                    "textarea",
                    "select",
                    "notice",
                    "summary",
                    "td",
                    "th",
                    "verdict"))
            .as("what there is to read in %s", scheme)
            .allMatch(seen::contains);
      }
      opened.page().keyboard().press("?");
      opened.until("document.getElementById('help').open");
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        assertThat(readable(opened, scheme)).contains("kbd", "dd");
      }
    }
  }

  /// Fails if there is text that cannot be read.
  ///
  /// @return the names and classes of the elements that have text
  private static Set<String> readable(PageUnderTest opened, ColorScheme scheme) throws IOException {
    opened.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    opened
        .page()
        .evaluate("() => Promise.all(document.getAnimations().map(each => each.finished))");
    Set<String> seen = new TreeSet<>();
    for (JsonNode text : opened.evaluate(CONTRASTS)) {
      assertThat(text.required("contrast").asDouble())
          .as("contrast in %s of %s", scheme, text.required("html").asText())
          .isGreaterThanOrEqualTo(LEAST_CONTRAST);
      text.required("classes").forEach(each -> seen.add(each.asText()));
    }
    return seen;
  }
}
