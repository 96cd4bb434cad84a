package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// Attention as the page shows it is the tensor that the server keeps.
@EnabledIf(value = Chromium.IS_THERE, disabledReason = "no Chromium was found")
@Timeout(60)
final class PageAttentionTest {
  private static final String PATTERN = "blocks.*.attn.hook_pattern";
  private static final int LAYER = 2;
  private static final int HEAD = 1;
  private static final int HEADS = 4;
  private static final int QUERY = 9; // a position behind the prompt
  private static final int GREY = 128;

  private static PageUnderTest opened;
  private static String run;
  private static int queries;

  @BeforeAll
  static void open() throws IOException {
    opened = PageUnderTest.start(PageUnderTest.BUNDLED);
    run = opened.generate("\"prompt\":\"Once upon a time\",\"maxTokens\":16,\"seed\":\"3\"");
  }

  @AfterAll
  static void close() {
    opened.close();
  }

  @BeforeEach
  void show() throws IOException {
    int last = steps() - 1;
    opened.show(run, last);
    opened
        .page()
        .evaluate(
            "at => inferno.store.select({layer: at[0], head: at[1], token: at[2], tab: 'attention'})",
            List.of(LAYER, HEAD, QUERY));
    opened.until(
        "document.querySelector('#attention h3').textContent.startsWith('Layer 2, head 1')");
    opened.until("document.querySelector('#attention .asked')?.dataset.key === '" + QUERY + "'");
    opened.until("!document.querySelector('.triangle > canvas').hidden");
    opened.until(
        """
        ['numbers', 'position'].every((last, i) => document
            .querySelectorAll('#pipeline .step .out')[i].textContent.includes(last))
        """); // above the cells, which it would push down
    opened.page().locator(".triangle > canvas").scrollIntoViewIfNeeded();
    queries = opened.step(run, last).required("prefix").asInt();
  }

  @Test
  void theValueUnderTheMouseIsTheTensors() throws IOException {
    for (int[] cell :
        new int[][] {{QUERY, 0}, {QUERY, QUERY}, {QUERY, 4}, {3, 2}, {queries - 1, 7}}) {
      move(cell[0], cell[1]);
      opened.until("document.querySelector('.triangle .readout b') !== null");
      float expected = row(cell[0], HEAD)[cell[1]];
      assertThat(opened.page().getAttribute(".triangle > canvas", "title"))
          .startsWith("query %d → key %d: ".formatted(cell[0], cell[1]));
      assertThat(Float.parseFloat(opened.page().textContent(".triangle .readout b")))
          .as("query %d, key %d", cell[0], cell[1])
          .isEqualTo(expected);
    }
  }

  @Test
  void whatTheServerLetGoIsNotAskedFor() throws IOException {
    String next = opened.generate("\"prompt\":\"Once\",\"maxTokens\":3");
    opened.until("inferno.store.state.runs.get('%s')?.end".formatted(next));
    opened
        .page()
        .evaluate(
            """
            run => {
              inferno.store.state.keptFrom = {run, step: 1}; // as the latest event would
              inferno.store.select({step: 3, token: null});
            }
            """,
            next);
    opened.until(
        "document.querySelector('#attention').textContent.includes('is not kept any more')");
    opened.page().evaluate("() => inferno.store.setSampler({temperature: 1.6})");
    opened.until(
        "document.getElementById('applied').textContent.includes('are not kept any more')");
    assertThat(opened.page().textContent("#notice")).isEmpty();
  }

  @Test
  void theValueUnderTheMouseFollowsTheSelectedHead() throws IOException {
    move(QUERY, 4);
    opened.until("document.querySelector('.triangle .readout b') !== null");
    opened.page().keyboard().press("]");
    opened.until(
        "document.querySelector('#attention h3').textContent.startsWith('Layer 3, head 1')");
    float expected = row(QUERY, LAYER + 1, HEAD)[4];
    opened.until(
        "Math.fround(document.querySelector('.triangle .readout b').textContent) === Math.fround(%s)"
            .formatted(expected));
  }

  @Test
  void arrowKeysReadTheValues() throws IOException {
    opened.page().focus(".triangle > canvas");
    opened.page().keyboard().press("ArrowDown");
    for (int key = 1; key <= 4; key++) {
      opened.page().keyboard().press("ArrowRight");
      assertThat(Float.parseFloat(opened.page().textContent(".triangle .readout b")))
          .isEqualTo(row(QUERY + 1, HEAD)[key]);
    }
    opened.page().keyboard().press("Enter");
    opened.until("inferno.store.state.selection.token === " + (QUERY + 1));
  }

  @Test
  void theTokensThatCountedMostAreThoseOfTheTensor() throws IOException {
    assertThat(mostCounted()).isEqualTo(largest(row(QUERY, HEAD), 0));
  }

  @Test
  void theMeanIsThatOfTheHeads() throws IOException {
    option("mean of the heads");
    opened.until(
        "document.querySelector('#attention h3').textContent.includes('mean of the heads')");
    opened.until(
        "document.querySelector('#attention .panels > div:nth-child(2)').textContent.includes('mean of 4 heads')");
    float[] mean = new float[QUERY + 1];
    for (int head = 0; head < HEADS; head++) {
      float[] one = row(QUERY, head);
      for (int key = 0; key <= QUERY; key++) {
        mean[key] += one[key] / HEADS;
      }
    }
    for (int key : new int[] {0, 3, QUERY}) {
      move(QUERY, key);
      opened.until(
          "Math.abs(document.querySelector('.triangle .readout b')?.textContent - %s) < 1e-6"
              .formatted(mean[key]));
    }
    JsonNode weights = weights();
    for (int key = 0; key <= QUERY; key++) {
      assertThat((float) weights.path(key).asDouble()).isCloseTo(mean[key], within(1e-6f));
    }
  }

  @Test
  void theFutureIsGreyAndTheFirstTokenCanBeHidden() throws IOException {
    for (int[] future :
        new int[][] {{0, 1}, {3, 4}, {0, queries - 1}, {queries - 2, queries - 1}}) {
      assertThat(pixel(future[0], future[1]))
          .as("query %d, key %d", future[0], future[1])
          .containsExactly(GREY, GREY, GREY, 255);
    }
    for (int query : new int[] {0, 3, queries - 1}) {
      int[] colour = pixel(query, 0);
      assertThat(colour[3]).isEqualTo(255);
      assertThat(colour[0] == colour[1] && colour[1] == colour[2])
          .as("a grey of query %d", query)
          .isFalse();
    }
    option("hide the first token");
    opened.until(
        "document.querySelector('.triangle .badge').textContent.includes('first token hidden')");
    assertThat(opened.page().isVisible(".triangle .badge")).isTrue();
    assertThat(pixel(3, 0)[3]).as("opacity of what is hidden").isZero();
    assertThat(pixel(3, 1)[3]).isEqualTo(255);
    assertThat(pixel(3, 4)).containsExactly(GREY, GREY, GREY, 255);
    opened.until("document.querySelector('#attention .hidden-first') !== null");
    assertThat(mostCounted()).isEqualTo(largest(row(QUERY, HEAD), 1));
    option("hide the first token");
    opened.until("document.querySelector('.triangle .badge').hidden");
    assertThat(pixel(3, 0)[3]).isEqualTo(255);
  }

  @Test
  void allHeadsAtOnceShowTheirLargestWeights() throws IOException {
    opened.openDetails();
    Locator cells = opened.page().locator("#attention .heads details td");
    int layers = opened.step(run, 0).at("/norms").iterator().next().size();
    assertThat(cells.count()).isEqualTo(layers * HEADS);
    for (int layer : new int[] {0, layers - 1}) {
      for (int head = 0; head < HEADS; head++) {
        float[] weights = row(QUERY, layer, head);
        int most = byWeight(weights, 0).getFirst();
        String title = cells.nth(layer * HEADS + head).getAttribute("title");
        assertThat(title).startsWith("key " + most + ": ");
        assertThat(Float.parseFloat(title.substring(title.indexOf(':') + 2)))
            .isEqualTo(weights[most]);
      }
    }
  }

  @Test
  void theStagesShowWhatTheTensorsSay() throws IOException {
    int step = queries - opened.step(run, 0).required("prefix").asInt(); // the last one
    float[] mean = new float[queries];
    for (int head = 0; head < HEADS; head++) {
      float[] one = row(queries - 1, head);
      for (int key = 0; key < queries; key++) {
        mean[key] += one[key] / HEADS;
      }
    }
    int most = byWeight(mean, 0).getFirst();
    opened.until(
        "document.querySelector('#pipeline .step:nth-of-type(2) .out').textContent.endsWith('layer %d, position %d')"
            .formatted(LAYER, most));
    String title =
        opened
            .page()
            .getAttribute("#pipeline .step:nth-of-type(2) .out > span:nth-of-type(2)", "title");
    assertThat(Float.parseFloat(title)).isCloseTo(mean[most], within(1e-6f));
    double squares = 0;
    float[] embedding = opened.client().tensor(run, step, "hook_embed", "");
    for (float value : embedding) {
      squares += (double) value * value;
    }
    assertThat(opened.page().textContent("#pipeline .step:nth-of-type(1) .out .faint"))
        .isEqualTo(
            String.format(
                Locale.ROOT, "length %.2f, %d numbers", Math.sqrt(squares), embedding.length));
  }

  @Test
  void theSelectedHeadFollowsTheArrowKeys() {
    opened.page().focus(".heads > canvas");
    opened.page().keyboard().press("ArrowDown");
    opened.page().keyboard().press("ArrowRight");
    opened.until(
        "document.querySelector('#attention h3').textContent.startsWith('Layer 3, head 2')");
    assertThat(opened.page().inputValue("#attention select[aria-label=layer]")).isEqualTo("3");
    assertThat(opened.page().inputValue("#attention select[aria-label=head]")).isEqualTo("2");
  }

  private static int steps() throws IOException {
    return opened
        .client()
        .await("run-end", end -> end.required("run").asText().equals(run))
        .required("generatedTokens")
        .asInt();
  }

  /// The weights of a query over the keys up to it.
  private static float[] row(int query, int head) throws IOException {
    return row(query, LAYER, head);
  }

  private static float[] row(int query, int layer, int head) throws IOException {
    int prompt = opened.step(run, 0).required("prefix").asInt();
    int step = Math.max(0, query - prompt + 1);
    float[] rows = opened.client().tensor(run, step, PATTERN, "layer=" + layer + "&head=" + head);
    int from = step == 0 ? query * prompt : 0;
    return Arrays.copyOfRange(rows, from, from + query + 1);
  }

  private static List<Integer> byWeight(float[] weights, int from) {
    return IntStream.range(from, weights.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer key) -> -weights[key]).thenComparing(key -> key))
        .toList();
  }

  private static List<String> largest(float[] weights, int from) {
    return byWeight(weights, from).stream()
        .limit(10)
        .map(key -> key + " " + (double) weights[key])
        .toList();
  }

  /// The rows of the table of those that counted most: position and exact weight.
  private static List<String> mostCounted() throws IOException {
    return opened
        .evaluate(
            """
            [...document.querySelectorAll('#attention .panels > div:nth-child(2) table tr')].slice(1)
                .map(row => [row.cells[0].textContent, row.cells[2].title])
            """)
        .valueStream()
        .map(row -> row.path(0).asText() + " " + Double.parseDouble(row.path(1).asText()))
        .toList();
  }

  /// The weights of the text, by key.
  private static JsonNode weights() throws IOException {
    return opened.evaluate(
        """
        [...document.querySelectorAll('#attention .weighed')]
            .map(each => Number(each.title.match(/: ([^:]+)$/)[1]))
        """);
  }

  private static void option(String name) {
    opened.page().getByLabel(name, new Page.GetByLabelOptions().setExact(true)).click();
  }

  /// Puts the mouse on a cell; again, if what is above the cells has just grown, which can push
  /// them out of sight.
  private static void move(int query, int key) {
    Locator canvas = opened.page().locator(".triangle > canvas");
    String title = "query %d → key %d: ".formatted(query, key);
    do {
      canvas.scrollIntoViewIfNeeded();
      BoundingBox box = canvas.boundingBox();
      double cell = (box.height - 2) / queries;
      double x = box.width - box.height + (key + 0.5) * cell;
      opened.page().mouse().move(box.x + x, box.y + (query + 0.5) * cell);
      opened.page().evaluate("() => new Promise(requestAnimationFrame)");
    } while (!Objects.requireNonNullElse(canvas.getAttribute("title"), "").startsWith(title));
  }

  /// The colour of a cell, somewhat beside its middle.
  private static int[] pixel(int query, int key) throws IOException {
    JsonNode colour =
        opened.evaluate(
            """
            (() => {
              const canvas = document.querySelector('.triangle > canvas');
              const ratio = canvas.width / canvas.clientWidth;
              const cell = (canvas.clientHeight - 2) / %1$d;
              const margin = canvas.clientWidth - canvas.clientHeight;
              const [x, y] = [margin + (%3$d + 0.4) * cell, (%2$d + 0.4) * cell];
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
              copy.drawImage(canvas, 0, 0);
              return [...copy.getImageData(x * ratio, y * ratio, 1, 1).data];
            })()
            """
                .formatted(queries, query, key));
    return colour.valueStream().mapToInt(JsonNode::asInt).toArray();
  }
}
