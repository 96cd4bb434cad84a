package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.inferno.sampler.SamplingException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Answers requests: the page, the stream of events, tensors, and what controls a run. See
/// `docs/guides/wire.md`, and `docs/adr/0006-http-by-the-jdk.md` for the limits.
final class Server implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.inferno.visualizer");

  private static final int MOST_BODY_BYTES = 1 << 20;
  private static final long PATIENCE_SECONDS = 10;
  private static final Pattern TENSOR =
      Pattern.compile("/api/runs/([^/]+)/steps/(\\d{1,9})/tensors/([^/]+)");
  private static final Pattern STACKED = Pattern.compile("/api/runs/([^/]+)/tensors/([^/]+)");
  private static final Pattern RUN = Pattern.compile("/api/runs/([^/]+)");
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  /// The JDK's server reads these once, when its classes are loaded. There is no limit for an
  /// answer's time: a stream of events has no end.
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", "256",
          "sun.net.httpserver.maxReqTime", "30", // seconds until a request must be read
          "sun.net.httpserver.maxReqHeaderSize", "65536",
          "sun.net.httpserver.nodelay", "true"); // else a small event waits for an acknowledgement

  private final HttpServer http;
  private final int port;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(
          Thread.ofVirtual().name("inferno-visualizer-http-", 0).factory());
  private final Guard guard;
  private final EventStream stream;
  private final KeptRuns kept;
  private final Runner runner;

  private Server(HttpServer http, EventLog events, KeptRuns kept, Runner runner) {
    this.http = http;
    this.port = http.getAddress().getPort();
    this.guard = new Guard(port);
    this.stream = new EventStream(events);
    this.kept = kept;
    this.runner = runner;
  }

  /// A server that listens there, and answers once it is started.
  ///
  /// @throws IOException if the address cannot be had
  static Server bind(InetSocketAddress address, EventLog events, KeptRuns kept, Runner runner)
      throws IOException {
    LIMITS.forEach(
        (name, value) -> System.setProperty(name, System.getProperty(name, value))); // the user's
    var server = new Server(HttpServer.create(address, 0), events, kept, runner);
    server.http.createContext("/", server::handle);
    server.http.setExecutor(server.threads);
    return server;
  }

  void start() {
    http.start();
  }

  int port() {
    return port;
  }

  String token() {
    return guard.token();
  }

  /// A client that hangs up is no news: the JDK's server closes its connection.
  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      HEADERS.forEach(exchange.getResponseHeaders()::set);
      try {
        answer(exchange).send(exchange);
      } catch (RuntimeException | Error e) {
        LOG.log(
            Level.ERROR,
            "%s %s failed".formatted(exchange.getRequestMethod(), exchange.getRequestURI()),
            e);
        if (exchange.getResponseCode() == -1) { // nothing is sent yet
          Answer.failure(500, "internal error: " + e).send(exchange);
        }
      }
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    var refusal = guard.refusal(exchange);
    if (refusal.isPresent()) {
      return Answer.failure(403, refusal.get());
    }
    String path = exchange.getRequestURI().getPath();
    try {
      return switch (exchange.getRequestMethod()) {
        case "GET" -> get(path, exchange);
        case "POST" -> post(path, exchange);
        case "HEAD" -> path.startsWith("/api/") ? Answer.notAllowed("GET, POST") : file(path);
        default -> Answer.notAllowed("GET, POST");
      };
    } catch (KeptRuns.GoneException e) {
      return Answer.failure(410, String.valueOf(e.getMessage()));
    } catch (Runner.UnavailableException e) {
      return Answer.failure(503, String.valueOf(e.getMessage()));
    } catch (BadRequestException e) {
      return Answer.failure(400, String.valueOf(e.getMessage()));
    }
  }

  private Answer get(String path, HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange);
    Matcher tensor = TENSOR.matcher(path);
    Matcher stacked = STACKED.matcher(path);
    Matcher run = RUN.matcher(path);
    if (path.equals("/api/events")) {
      return stream.after(query.get("after"));
    } else if (path.equals("/api/state")) {
      return Answer.json(200, runner.stateAndModel());
    } else if (tensor.matches()) {
      int step = Integer.parseInt(tensor.group(2));
      return Answer.tensor(part(kept.tensor(tensor.group(1), step, tensor.group(3)), query));
    } else if (stacked.matches()) {
      String to = query.remove("to");
      int last = to == null ? Integer.MAX_VALUE : integer("to", to);
      return Answer.tensor(
          Tensor.stack(
              kept.tensors(stacked.group(1), last, stacked.group(2)).stream()
                  .map(each -> part(each, query))
                  .toList()));
    } else if (run.matches()) {
      KeptRun found = kept.run(run.group(1));
      return Answer.json(200, new Wire.RunAndPrompt(found.run(), found.prompt()));
    } else {
      return file(path);
    }
  }

  private static Answer file(String path) throws IOException {
    return Page.find(path).map(Answer::file).orElseGet(() -> nothingAt(path));
  }

  private static Answer nothingAt(String path) {
    return Answer.failure(404, "there is nothing at " + path);
  }

  private Answer post(String path, HttpExchange exchange) throws IOException {
    if (!guard.mayControl(exchange)) {
      return Answer.failure(
          401,
          "this needs the token that the printed address has, as 'Authorization: Bearer TOKEN'");
    }
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.matches("(?i)application/json *(;.*)?")) {
      return Answer.failure(415, "the body must be application/json, but is " + type);
    }
    byte[] body = body(exchange);
    if (body == null) {
      return Answer.lastFailure(
          413, "a body may have %d bytes, but this has more".formatted(MOST_BODY_BYTES));
    }
    return switch (path) {
      case "/api/generate" ->
          Answer.json(202, new Wire.Accepted(runner.submit(Json.read(body, Wire.Generate.class))));
      case "/api/tokenize" ->
          Answer.json(200, runner.tokenize(Json.read(body, Wire.Tokenize.class)));
      case "/api/resample" -> Answer.json(200, resample(Json.read(body, Wire.Resample.class)));
      case "/api/pause" -> control(body, runner::pause);
      case "/api/resume" -> control(body, runner::resume);
      case "/api/step" -> control(body, runner::step);
      case "/api/stop" -> control(body, runner::stop);
      case "/api/pace" -> {
        int millis = Json.read(body, Wire.Pace.class).millis();
        runner.pace(millis);
        yield Answer.json(200, runner.state());
      }
      default -> nothingAt(path);
    };
  }

  private Answer control(byte[] body, Runnable action) {
    Json.read(body, Wire.Nothing.class);
    action.run();
    return Answer.json(200, runner.state());
  }

  private Wire.Sampling resample(Wire.Resample request) {
    KeptRun run = kept.run(request.run());
    Tensor logits = kept.tensor(request.run(), request.step(), Capture.LOGITS);
    SamplerSettings settings = request.sampler() == null ? run.run().sampler() : request.sampler();
    String seed = request.seed() == null ? run.run().seed() : request.seed();
    int top = Job.checked("top", request.top(), run.run().top(), 1, Job.MOST_TOP);
    try {
      return Resampler.resample(
          run, request.step(), logits.values(), settings, Job.seed(seed), top);
    } catch (SamplingException e) {
      throw new BadRequestException("with these settings " + e.getMessage(), e);
    }
  }

  /// What a query leaves of a tensor: `layer=3` an index, `mean=head` a mean.
  private static Tensor part(Tensor tensor, Map<String, String> query) {
    Tensor part = tensor;
    for (Map.Entry<String, String> entry : query.entrySet()) {
      if (!entry.getKey().equals("mean")) {
        part = part.select(entry.getKey(), integer(entry.getKey(), entry.getValue()));
      }
    }
    String mean = query.get("mean");
    return mean == null ? part : part.mean(mean);
  }

  private static int integer(String name, String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new BadRequestException("%s must be an integer, but is '%s'".formatted(name, text), e);
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    var query = new LinkedHashMap<String, String>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          // The URI was parsed, so that every % is followed by two digits.
          query.put(
              URLDecoder.decode(pair.substring(0, equals), UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        }
      }
    }
    return query;
  }

  /// The body, or null if it is too long: then the rest is not read, and nothing at all if its
  /// length is declared.
  private static byte @Nullable [] body(HttpExchange exchange) throws IOException {
    String declared = exchange.getRequestHeaders().getFirst("Content-Length");
    if (declared != null && Long.parseLong(declared) > MOST_BODY_BYTES) {
      return null;
    }
    InputStream in = exchange.getRequestBody();
    byte[] body = in.readNBytes(MOST_BODY_BYTES + 1);
    return body.length > MOST_BODY_BYTES ? null : body;
  }

  /// Closes all connections, and waits until nobody is answered any more. Called again it does
  /// nothing.
  @Override
  public void close() {
    if (threads.isShutdown()) {
      return;
    }
    threads.shutdownNow(); // whoever writes to a client that does not read is interrupted
    http.stop(0);
    try {
      if (!threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "some requests do not end; their threads are left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
