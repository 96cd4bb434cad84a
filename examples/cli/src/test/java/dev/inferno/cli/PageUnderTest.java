package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.visualizer.ModelSource;
import dev.inferno.visualizer.Visualizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page, open in a browser, on a server of its own with the bundled model. Closing it fails if
/// the page had an error or asked for anything that is not its server's.
///
/// Tests read the page through its elements: one that shows a number of a step has the exact value
/// in `data-value`, as JSON, and in `data-field` where the step's event has it, such as
/// `sampling.candidates[3].probability`; itself or an element around it names the step in
/// `data-run` and `data-step`.
final class PageUnderTest implements AutoCloseable {
  private static final Pattern PART_OF_PATH = Pattern.compile("\\.?([^.\\[\\]]+)|\\[(\\d+)]");

  private final Visualizer visualizer;
  private final Chromium chromium;
  private final Page page;
  private final WireClient client;
  private final List<String> errors = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private final Map<String, JsonNode> steps = new HashMap<>();

  private PageUnderTest(Visualizer visualizer, Chromium chromium) {
    this.visualizer = visualizer;
    this.chromium = chromium;
    this.page = chromium.browser().newPage();
    this.client = new WireClient(visualizer.address());
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        errors.add(message.text() + " at " + message.location());
      }
    });
    page.onPageError(errors::add);
    page.onRequest(request -> requests.add(request.url()));
  }

  /// Opens it and waits until the model is there.
  static PageUnderTest open() throws IOException {
    var source =
        new ModelSource(
            BundledModel.NAME, _ -> Model.load(BundledModel.bytes(), BundledModel.NAME));
    Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
    Chromium chromium;
    try {
      chromium = Chromium.start();
    } catch (RuntimeException e) {
      visualizer.close();
      throw e;
    }
    try {
      var opened = new PageUnderTest(visualizer, chromium);
      opened.client.await("model", model -> model.required("status").asText().equals("ready"));
      opened.page.navigate(visualizer.address().toString());
      return opened;
    } catch (IOException | RuntimeException e) {
      chromium.close();
      visualizer.close();
      throw e;
    }
  }

  Page page() {
    return page;
  }

  /// Another reader of the same events.
  WireClient client() {
    return client;
  }

  /// The event of a step, fetched past the page.
  JsonNode step(String run, int step) {
    return steps.computeIfAbsent(
        run + " " + step,
        _ -> {
          try {
            return client.await(
                "step",
                event ->
                    event.required("run").asText().equals(run)
                        && event.required("step").asInt() == step);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /// Compares every number that the page shows of a step with the step's event.
  ///
  /// @return how many there are
  int shownNumbersAreOfTheEvents() throws IOException {
    Object shown =
        page.evaluate(
            """
            () => JSON.stringify([...document.querySelectorAll('[data-field]')].map(element => ({
              field: element.dataset.field,
              value: element.dataset.value ?? '',
              run: element.closest('[data-run]')?.dataset.run ?? '',
              step: element.closest('[data-step]')?.dataset.step ?? '',
              html: element.outerHTML.slice(0, 300),
            })))
            """);
    JsonNode elements = Json.read(shown.toString().getBytes(UTF_8));
    for (JsonNode element : elements) {
      String html = element.required("html").asText();
      assertThat(element.valueStream().map(JsonNode::asText)).as(html).doesNotContain("");
      JsonNode event =
          step(
              element.required("run").asText(),
              Integer.parseInt(element.required("step").asText()));
      String field = element.required("field").asText();
      JsonNode value = Json.read(element.required("value").asText().getBytes(UTF_8));
      JsonNode expected = at(event, field);
      assertThat(same(value, expected))
          .as(
              "%s is %s in the event of step %s, but %s in %s",
              field, expected, event.required("step"), value, html)
          .isTrue();
    }
    return elements.size();
  }

  /// What an event has at a path such as `sampling.candidates[3].probability`.
  private static JsonNode at(JsonNode event, String path) {
    JsonNode found = event;
    Matcher part = PART_OF_PATH.matcher(path);
    int end = 0;
    while (part.find() && part.start() == end) {
      end = part.end();
      found =
          part.group(1) == null
              ? found.path(Integer.parseInt(part.group(2)))
              : found.path(part.group(1));
    }
    assertThat(end).as("how much of '%s' is a path", path).isEqualTo(path.length());
    return found;
  }

  /// Whether two values are equal: a number is what it is in JavaScript, however it is written.
  private static boolean same(JsonNode one, JsonNode other) {
    return one.equals(
        (a, b) -> {
          boolean equal =
              (a.isNumber() && b.isNumber())
                  ? Double.compare(a.doubleValue(), b.doubleValue()) == 0
                  : a.equals(b);
          return equal ? 0 : 1;
        },
        other);
  }

  @Override
  public void close() {
    URI address = visualizer.address();
    try (visualizer;
        chromium) {
      page.evaluate("() => new Promise(requestAnimationFrame)"); // what was asked before is seen
    }
    assertThat(errors).as("errors on the page").isEmpty();
    assertThat(requests)
        .as("what the page asked for")
        .allMatch(
            url -> url.startsWith(address.resolve("/").toString()) || url.startsWith("data:"));
  }
}
