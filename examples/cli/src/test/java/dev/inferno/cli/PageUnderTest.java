package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page, open in a browser, on a server of its own. Closing it fails if the page had an error
/// or asked for anything that is not its server's.
///
/// Tests read the page through its elements: one that shows a number of a step has the exact value
/// in `data-value`, as JSON, and in `data-field` where the step's event has it, such as
/// `sampling.candidates[3].probability`; itself or an element around it names the step in
/// `data-run` and `data-step`. What the sliders would choose has `data-resampled-field` instead, in
/// an element with `data-resampled`.
final class PageUnderTest implements AutoCloseable {
  static final ModelSource BUNDLED =
      new ModelSource(BundledModel.NAME, _ -> Model.load(BundledModel.bytes(), BundledModel.NAME));

  private static final int PATIENCE_MILLIS = 20_000;
  private static final Pattern PART_OF_PATH =
      Pattern.compile("\\.?([^.\\[\\]]+)|\\[(\\d+)]|\\['([^']+)']");

  private final Visualizer visualizer;
  private final Chromium chromium;
  private final Page page;
  private final WireClient client;
  private final List<String> errors = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private final List<String> servers = new ArrayList<>();
  private final Map<String, JsonNode> steps = new HashMap<>();
  private int shown;

  private PageUnderTest(Visualizer visualizer, Chromium chromium) {
    this.visualizer = visualizer;
    this.chromium = chromium;
    this.client = new WireClient(visualizer.address());
    this.page = newPage();
    allow(visualizer.address());
  }

  /// Opens it and waits until the model is there.
  static PageUnderTest open() throws IOException {
    PageUnderTest started = start(BUNDLED);
    started.page.navigate(started.visualizer.address().toString());
    return started;
  }

  /// Starts the server and waits until the model is there, or has failed; the page is empty.
  static PageUnderTest start(ModelSource source) throws IOException {
    Visualizer visualizer = Visualizer.start(0, source, SessionOptions.defaults());
    Chromium chromium;
    try {
      chromium = Chromium.start();
    } catch (RuntimeException e) {
      visualizer.close();
      throw e;
    }
    try {
      var started = new PageUnderTest(visualizer, chromium);
      started.client.await("model", model -> !model.required("status").asText().equals("loading"));
      return started;
    } catch (IOException | RuntimeException e) {
      chromium.close();
      visualizer.close();
      throw e;
    }
  }

  Page page() {
    return page;
  }

  /// Another page in the same browser, as if somebody else had it; its errors count too.
  Page newPage() {
    Page another = chromium.browser().newPage();
    another.setViewportSize(1280, 1000);
    another.setDefaultTimeout(PATIENCE_MILLIS);
    another.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        errors.add(message.text() + " at " + message.location());
      }
    });
    another.onPageError(errors::add);
    another.onRequest(request -> requests.add(request.url()));
    return another;
  }

  /// Another reader of the same events.
  WireClient client() {
    return client;
  }

  /// Has a run made, past the page, and waits for its end.
  ///
  /// @param request the fields of the request, without the braces
  /// @return the name of the run
  String generate(String request) throws IOException {
    String run = client.post("/api/generate", "{" + request + "}").json().required("run").asText();
    client.await("run-end", end -> end.required("run").asText().equals(run));
    return run;
  }

  /// Opens the page anew with a step of a run selected, and waits until it is shown.
  void show(String run, int step) {
    page.mouse().move(0, 0); // hovers over nothing
    URI address = visualizer.address();
    shown++; // another query: where the fragment alone differs the page stays as it is
    page.navigate(
        address
            .resolve("/?%d#%s&run=%s&step=%d".formatted(shown, address.getFragment(), run, step))
            .toString());
    awaitShown(run, step);
  }

  /// Waits until all views show a step.
  void awaitShown(String run, int step) {
    until(
        """
        ['.flow', '#inspector [data-step]', '.candidate-list', '#chain [data-step]', '#draw [data-step]']
            .every(view => {
              const shown = document.querySelector(view);
              return shown?.dataset.run === '%s' && shown.dataset.step === '%d'
                  || (shown === null || shown.dataset.resampled === 'true') && inferno.store.isResampled();
            })
        """
            .formatted(run, step));
  }

  /// Waits until an expression in JavaScript is true.
  void until(String condition) {
    page.waitForFunction("() => " + condition);
  }

  /// What an expression in JavaScript gives.
  JsonNode evaluate(String expression) throws IOException {
    Object json = page.evaluate("() => JSON.stringify(" + expression + ") ?? 'null'");
    return Json.read(json.toString().getBytes(UTF_8));
  }

  /// Opens everything that can be opened.
  void openDetails() {
    page.evaluate(
        """
        () => document.querySelectorAll('details:not([open]) > summary').forEach(summary => summary.click())
        """);
    until("[...document.querySelectorAll('details')].every(each => each.open)");
  }

  /// The event of a step, fetched past the page.
  JsonNode step(String run, int step) {
    String name = run + " " + step;
    JsonNode known = steps.get(name);
    if (known != null) {
      return known;
    }
    try {
      return client.await(
          "step",
          event -> {
            String found = event.required("run").asText() + " " + event.required("step").asInt();
            steps.put(found, event);
            return found.equals(name);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Compares every number that the page shows of a step with the step's event, and what it is
  /// written as with its value.
  ///
  /// @return the views that show some
  Set<String> shownNumbersAreOfTheEvents() throws IOException {
    return compare(
        "data-field",
        element ->
            step(
                element.required("run").asText(),
                Integer.parseInt(element.required("step").asText())));
  }

  /// Compares every number that the page shows as what the sliders would choose.
  ///
  /// @return the views that show some
  Set<String> resampledNumbersAreOf(JsonNode sampling) throws IOException {
    ObjectNode event = Json.object();
    event.set("sampling", sampling);
    return compare("data-resampled-field", _ -> event);
  }

  private interface Source {
    JsonNode eventOf(JsonNode element);
  }

  private Set<String> compare(String attribute, Source source) throws IOException {
    JsonNode elements =
        evaluate(
            """
            [...document.querySelectorAll('[%1$s]')].map(element => ({
              field: element.getAttribute('%1$s'),
              value: element.dataset.value ?? '',
              run: element.closest('[data-run]')?.dataset.run ?? (element.closest('[data-resampled]') ? '-' : ''),
              step: element.closest('[data-step]')?.dataset.step ?? (element.closest('[data-resampled]') ? '-' : ''),
              view: element.closest('main [id] > div[id], body > *')?.id || 'none',
              text: element.textContent,
              html: element.outerHTML.slice(0, 300),
            }))
            """
                .formatted(attribute));
    Set<String> views = new TreeSet<>();
    for (JsonNode element : elements) {
      String html = element.required("html").asText();
      for (String needed : List.of("field", "value", "run", "step")) {
        assertThat(element.required(needed).asText()).as("%s of %s", needed, html).isNotEmpty();
      }
      JsonNode event = source.eventOf(element);
      String field = element.required("field").asText();
      JsonNode value = Json.read(element.required("value").asText().getBytes(UTF_8));
      JsonNode expected = at(event, field);
      assertThat(same(value, expected))
          .as(
              "%s is %s in the event of step %s, but %s in %s",
              field, expected, event.path("step"), value, html)
          .isTrue();
      String text = element.required("text").asText();
      assertThat(text.isEmpty() || ShownNumber.isOf(text, value))
          .as("'%s' is %s, rounded: %s", text, value, html)
          .isTrue();
      views.add(element.required("view").asText());
    }
    return views;
  }

  /// What an event has at a path such as `sampling.candidates[3].probability`, or
  /// `norms['blocks.*.hook_attn_out'][2]`.
  private static JsonNode at(JsonNode event, String path) {
    JsonNode found = event;
    Matcher part = PART_OF_PATH.matcher(path);
    int end = 0;
    while (part.find() && part.start() == end) {
      end = part.end();
      if (part.group(2) != null) {
        found = found.path(Integer.parseInt(part.group(2)));
      } else {
        found = found.path(part.group(1) != null ? part.group(1) : part.group(3));
      }
    }
    assertThat(end).as("how much of '%s' is a path", path).isEqualTo(path.length());
    return found;
  }

  /// Whether two values are equal: a number is what it is in JavaScript, however it is written.
  static boolean same(JsonNode one, JsonNode other) {
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

  /// Ends what runs, and waits until the model is idle.
  void stop() throws IOException {
    try (WireClient.Events events = client.events()) {
      client.post("/api/stop", "{}");
      while (!client.get("/api/state").json().at("/state/status").asText().equals("idle")) {
        events.next();
      }
    }
  }

  /// Lets the page ask another server, too.
  void allow(URI address) {
    servers.add(address.resolve("/").toString());
  }

  /// Leaves out errors that the browser itself reports of what the test has broken.
  void forgiveErrors(String pattern) {
    errors.removeIf(Pattern.compile(pattern).asPredicate());
  }

  @Override
  public void close() {
    servers.add("data:");
    try (visualizer;
        chromium) {
      page.evaluate("() => new Promise(requestAnimationFrame)"); // what was asked before is seen
    }
    assertThat(errors).as("errors on the page").isEmpty();
    assertThat(requests)
        .as("what the page asked for")
        .allMatch(url -> servers.stream().anyMatch(url::startsWith));
  }
}
