package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Answers requests: the page, the stream of events, tensors, and what controls a run. See
/// `docs/guides/wire.md`.
final class Server implements AutoCloseable {
  private static final int MOST_BODY_BYTES = 1 << 20;
  private static final Pattern TENSOR =
      Pattern.compile("/api/runs/([^/]+)/steps/(\\d{1,9})/tensors/([^/]+)");
  private static final Pattern STACKED = Pattern.compile("/api/runs/([^/]+)/tensors/([^/]+)");
  private static final Pattern RUN = Pattern.compile("/api/runs/([^/]+)");
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Guard guard;
  private final EventLog events;
  private final EventStream stream;
  private final KeptRuns kept;
  private final Runner runner;

  Server(InetSocketAddress address, EventLog events, KeptRuns kept, Runner runner)
      throws IOException {
    this.http = HttpServer.create(address, 0);
    this.guard = new Guard(http.getAddress().getPort());
    this.events = events;
    this.stream = new EventStream(events);
    this.kept = kept;
    this.runner = runner;
    http.createContext("/", this::handle);
    http.setExecutor(threads);
  }

  void start() {
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  String token() {
    return guard.token();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Cache-Control", "no-store");
      var refusal = guard.refusal(exchange);
      if (refusal.isPresent()) {
        fail(exchange, 403, refusal.get());
        return;
      }
      answer(exchange);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try {
      switch (exchange.getRequestMethod()) {
        case "GET" -> get(exchange, path);
        case "POST" -> post(exchange, path);
        default -> {
          exchange.getResponseHeaders().set("Allow", "GET, POST");
          fail(exchange, 405, "only GET and POST are answered");
        }
      }
    } catch (KeptRuns.GoneException e) {
      fail(exchange, 410, String.valueOf(e.getMessage()));
    } catch (Runner.UnavailableException e) {
      fail(exchange, 503, String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      fail(exchange, 400, String.valueOf(e.getMessage()));
    }
  }

  private void get(HttpExchange exchange, String path) throws IOException {
    Matcher tensor = TENSOR.matcher(path);
    Matcher stacked = STACKED.matcher(path);
    Matcher run = RUN.matcher(path);
    if (path.equals("/api/events")) {
      stream.serve(exchange, query(exchange).get("after"));
    } else if (path.equals("/api/state")) {
      send(exchange, 200, new StateAndModel(runner.state(), runner.status()));
    } else if (tensor.matches()) {
      Tensor found =
          kept.tensor(tensor.group(1), Integer.parseInt(tensor.group(2)), tensor.group(3));
      sendTensor(exchange, part(found, query(exchange)));
    } else if (stacked.matches()) {
      Map<String, String> query = query(exchange);
      String to = query.remove("to");
      int last = to == null ? Integer.MAX_VALUE : integer("to", to);
      sendTensor(
          exchange,
          Tensor.stack(
              kept.tensors(stacked.group(1), last, stacked.group(2)).stream()
                  .map(each -> part(each, query))
                  .toList()));
    } else if (run.matches()) {
      KeptRun found =
          kept.run(run.group(1))
              .orElseThrow(
                  () -> new KeptRuns.GoneException("run " + run.group(1) + " is not kept"));
      send(exchange, 200, new RunAndPrompt(found.run(), found.prompt()));
    } else {
      var file = Page.find(path);
      if (file.isPresent()) {
        exchange.getResponseHeaders().set("Content-Type", file.get().type());
        sendBytes(exchange, 200, file.get().bytes());
      } else {
        fail(exchange, 404, "there is nothing at " + path);
      }
    }
  }

  private void post(HttpExchange exchange, String path) throws IOException {
    if (!guard.mayControl(exchange)) {
      fail(
          exchange,
          401,
          "this needs the token that the printed address has, as 'Authorization: Bearer TOKEN'");
      return;
    }
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.startsWith("application/json")) {
      fail(exchange, 415, "the body must be application/json, but is " + type);
      return;
    }
    byte[] body = body(exchange);
    if (body == null) {
      fail(exchange, 413, "a body may have %d bytes, but this has more".formatted(MOST_BODY_BYTES));
      return;
    }
    switch (path) {
      case "/api/generate" ->
          send(
              exchange,
              202,
              new Wire.Accepted(runner.submit(Json.read(body, Wire.Generate.class))));
      case "/api/tokenize" ->
          send(exchange, 200, runner.tokenize(Json.read(body, Wire.Tokenize.class)));
      case "/api/resample" -> send(exchange, 200, resample(Json.read(body, Wire.Resample.class)));
      case "/api/pause" -> control(exchange, runner::pause);
      case "/api/resume" -> control(exchange, runner::resume);
      case "/api/step" -> control(exchange, runner::step);
      case "/api/stop" -> control(exchange, runner::stop);
      case "/api/pace" -> {
        int millis = Json.read(body, Wire.Pace.class).millis();
        control(exchange, () -> runner.pace(millis));
      }
      default -> fail(exchange, 404, "there is nothing at " + path);
    }
  }

  private void control(HttpExchange exchange, Runnable action) throws IOException {
    action.run();
    send(exchange, 200, runner.state());
  }

  private Wire.Sampling resample(Wire.Resample request) {
    KeptRun run =
        kept.run(request.run())
            .orElseThrow(() -> new KeptRuns.GoneException("run " + request.run() + " is not kept"));
    Tensor logits = kept.tensor(request.run(), request.step(), Capture.LOGITS);
    SamplerSettings settings = request.sampler() == null ? run.run().sampler() : request.sampler();
    String seed = request.seed() == null ? run.run().seed() : request.seed();
    int top = Runner.checked("top", request.top(), run.run().top(), 1, Runner.MOST_TOP);
    return Resampler.resample(
        run, request.step(), logits.values(), settings, Runner.seed(seed), top);
  }

  /// What a query leaves of a tensor: `layer=3` an index, `mean=head` a mean.
  private static Tensor part(Tensor tensor, Map<String, String> query) {
    Tensor part = tensor;
    for (Map.Entry<String, String> entry : query.entrySet()) {
      if (!entry.getKey().equals("mean")) {
        part = part.select(Map.of(entry.getKey(), integer(entry.getKey(), entry.getValue())));
      }
    }
    String mean = query.get("mean");
    return mean == null ? part : part.mean(mean);
  }

  private static int integer(String name, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be an integer, but is '%s'".formatted(name, text), e);
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    var query = new LinkedHashMap<String, String>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(
              URLDecoder.decode(pair.substring(0, equals), UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        }
      }
    }
    return query;
  }

  /// The body, or null if it is too long: then the rest is not read.
  private static byte @Nullable [] body(HttpExchange exchange) throws IOException {
    try (InputStream in = exchange.getRequestBody()) {
      byte[] body = in.readNBytes(MOST_BODY_BYTES + 1);
      return body.length > MOST_BODY_BYTES ? null : body;
    }
  }

  private void sendTensor(HttpExchange exchange, Tensor tensor) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/octet-stream");
    headers.set(
        "Inferno-Shape",
        Arrays.stream(tensor.shape()).mapToObj(Integer::toString).collect(Collectors.joining(",")));
    headers.set("Inferno-Axes", String.join(",", tensor.axes()));
    headers.set("Inferno-First-Position", Integer.toString(tensor.firstPosition()));
    sendBytes(exchange, 200, tensor.littleEndian());
  }

  private static void fail(HttpExchange exchange, int status, String message) throws IOException {
    send(exchange, status, new Wire.Failure(message));
  }

  private static void send(HttpExchange exchange, int status, Object value) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    sendBytes(exchange, status, Json.write(value));
  }

  private static void sendBytes(HttpExchange exchange, int status, byte[] bytes)
      throws IOException {
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /// The answer to `GET /api/state`.
  record StateAndModel(Wire.State state, Wire.ModelStatus model) {}

  /// The answer to `GET /api/runs/RUN`.
  record RunAndPrompt(Wire.Run run, Wire.@Nullable Prompt prompt) {}

  @Override
  public void close() {
    events.close();
    http.stop(0);
    threads.shutdownNow();
  }
}
