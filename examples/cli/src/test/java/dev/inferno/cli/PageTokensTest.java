package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// How text becomes tokens, as the page shows it.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
final class PageTokensTest {
  private static final Pattern SHOWN =
      Pattern.compile("<0x(..)>|<U\\+(....)>|.", Pattern.DOTALL); // a byte, one unseen, or itself
  private static final String TEXT = "café ❤️\tx <|end|>";

  @Test
  void theLatestOfALongContextAreInSightWhenTheTabIsOpened() throws IOException {
    try (PageUnderTest opened = PageUnderTest.start(PageUnderTest.BUNDLED)) {
      opened.show(opened.generate("\"prompt\":\"Once\",\"maxTokens\":50,\"seed\":\"1\""), 45);
      opened.page().click("#tab-tokens");
      opened.until(
          """
          (() => {
            const box = [...document.querySelectorAll('#tokens .long-table')].at(-1);
            const rows = [...box.querySelectorAll('tbody:not([aria-hidden]) tr')];
            const sight = box.getBoundingClientRect();
            return rows.length > 9 && rows[0].getBoundingClientRect().top < sight.top + 30
                && rows.at(-1).getBoundingClientRect().bottom > sight.bottom - 30
                && rows.at(-1).cells[0].textContent === String(inferno.store.step().prefix - 1);
          })()
          """);
    }
  }

  @Test
  void theTokensOfATextAreThoseOfTheTokenizer() throws IOException {
    try (PageUnderTest opened = PageUnderTest.start(PageUnderTest.BUNDLED)) {
      opened.show(opened.generate("\"prompt\":\"Once\",\"maxTokens\":3"), 1);
      opened.page().click("#tab-tokens");
      opened.page().fill("#tokenize", TEXT);
      JsonNode tokens =
          opened
              .client()
              .post("/api/tokenize", Json.object().put("text", TEXT).toString())
              .json()
              .required("tokens");
      opened.until(
          "document.querySelector('#tokens [role=status]').textContent.startsWith('%d characters became %d tokens')"
              .formatted(TEXT.length(), tokens.size()));
      JsonNode rows =
          opened.evaluate(
              """
              [...document.querySelectorAll('#tokens .long-table')[0].querySelectorAll('tbody:not([aria-hidden]) tr')]
                  .map(row => [...row.cells].map(cell => cell.textContent)
                      .concat(row.cells[1].firstChild.className, row.cells[3].title))
              """);
      JsonNode strip =
          opened.evaluate(
              "[...document.querySelectorAll('#tokens .token-strip')[0].children].map(each => [each.textContent, each.className])");
      assertThat(rows).hasSize(tokens.size());
      assertThat(strip).hasSize(tokens.size());
      var shown = new StringBuilder();
      for (int i = 0; i < tokens.size(); i++) {
        JsonNode token = tokens.path(i);
        JsonNode row = rows.path(i);
        String bytes = token.required("bytes").asText();
        boolean special = token.required("special").asBoolean();
        assertThat(row.path(0).asInt()).isEqualTo(i);
        assertThat(row.path(2).asText()).isEqualTo(token.required("id").asText());
        assertThat(row.path(3).asText().replace(" ", "")).isEqualTo(bytes);
        assertThat(row.path(7).asText()).isEqualTo(bytes);
        int start = token.required("charStart").asInt();
        int end = token.required("charEnd").asInt();
        assertThat(row.path(4).asText()).isEqualTo(start == end ? "none" : start + "–" + end);
        assertThat(row.path(5).asText()).isEqualTo(special ? "special" : "");
        assertThat(row.path(6).asText()).isEqualTo(special ? "chip" : "piece");
        assertThat(row.path(1).asText()).startsWith(strip.path(i).path(0).asText());
        if (!token.required("piece").equals(token.required("text"))) {
          assertThat(row.path(1).asText()).endsWith(token.required("piece").asText());
        }
        assertThat(strip.path(i).path(1).asText().contains("chip")).isEqualTo(special);
        if (start < end) {
          shown.append(
              special ? TEXT.substring(start, end) : readBack(strip.path(i).path(0).asText()));
        }
      }
      assertThat(shown.toString())
          .as("what is shown, blanks and bytes made visible, as hexadecimal bytes and text")
          .isEqualTo(
              readBack(TEXT.replace("<|end|>", "").replace(' ', '·').replace('\t', '⇥'))
                  + "<|end|>");
      assertThat(strip.toString()).contains("·").contains("⇥").contains("<|end|>");

      opened.page().locator("#tokens label:has-text('special tokens') input").uncheck();
      opened.until("document.querySelectorAll('#tokens .token-strip .chip').length <= 1"); // BOS
      int plain =
          opened
              .client()
              .post(
                  "/api/tokenize",
                  Json.object().put("text", TEXT).put("parseSpecial", false).toString())
              .json()
              .required("tokens")
              .size();
      assertThat(plain).isGreaterThan(tokens.size());
      opened.until(
          "document.querySelector('#tokens [role=status]').textContent.includes(' %d tokens')"
              .formatted(plain));
    }
  }

  /// The bytes that a piece shows, in hexadecimal.
  private static String readBack(String shown) {
    var hex = new StringBuilder();
    Matcher part = SHOWN.matcher(shown);
    while (part.find()) {
      if (part.group(1) != null) {
        hex.append(part.group(1).toLowerCase(Locale.ROOT));
      } else {
        String text =
            part.group(2) == null
                ? part.group().replace('·', ' ').replace('⇥', '\t')
                : Character.toString(Integer.parseInt(part.group(2), 16));
        hex.append(HexFormat.of().formatHex(text.getBytes(UTF_8)));
      }
    }
    return hex.toString();
  }
}
