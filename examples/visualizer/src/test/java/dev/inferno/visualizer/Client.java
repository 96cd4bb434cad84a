package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What a page does, and what it should not do.
final class Client implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final int port;
  private final String token;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Client(int port, String token) {
    this.port = port;
    this.token = token;
  }

  static Client of(Visualizer visualizer) {
    URI address = visualizer.address();
    return new Client(address.getPort(), address.getFragment().substring("token=".length()));
  }

  static Client of(Server server) {
    return new Client(server.port(), server.token());
  }

  int port() {
    return port;
  }

  String token() {
    return token;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  HttpRequest.Builder control(String path, String body) {
    return request(path)
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send(control(path, body));
  }

  HttpResponse<byte[]> bytes(String path) throws IOException, InterruptedException {
    return http.send(request(path).build(), BodyHandlers.ofByteArray());
  }

  /// A request that must succeed.
  JsonNode ask(String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> response = post(path, body);
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 202);
    return Json.tree(response.body().getBytes(UTF_8));
  }

  JsonNode look(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.tree(response.body().getBytes(UTF_8));
  }

  /// Starts a run.
  ///
  /// @return its name
  String generate(String body) throws IOException, InterruptedException {
    return ask("/api/generate", body).get("run").textValue();
  }

  /// Starts a run and waits for its end.
  ///
  /// @return its events, from `run` to `run-end`
  List<Event> run(String body) throws IOException, InterruptedException {
    try (Events events = events("")) {
      String run = generate(body);
      return events.until(event -> event.isOf(run, "run-end")).stream()
          .filter(event -> event.data().path("run").asText().equals(run))
          .filter(event -> !event.type().equals("state"))
          .toList();
    }
  }

  /// The stream of events.
  ///
  /// @param query such as `?after=ID`, or empty
  Events events(String query, String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request = request("/api/events" + query);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    return new Events(response.body());
  }

  void awaitModel() throws IOException, InterruptedException {
    try (Events events = events("")) {
      events.until(event -> event.data().path("status").asText().equals("ready"));
    }
  }

  Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /// Sends something as it is, and reads until the server closes the connection.
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  /// Closes its connections.
  @Override
  public void close() {
    http.shutdownNow();
  }

  /// An event of the stream.
  ///
  /// @param id empty if it has none
  record Event(String id, String type, JsonNode data) {
    boolean isOf(String run, String type) {
      return this.type.equals(type) && data.path("run").asText().equals(run);
    }

    long number() {
      return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }
  }

  /// An open stream of events.
  static final class Events implements AutoCloseable {
    private final BufferedReader lines;

    Events(InputStream in) {
      this.lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    }

    Event next() {
      String id = "";
      String type = "";
      JsonNode data = Json.tree("{}".getBytes(UTF_8));
      try {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("event: ")) {
            type = line.substring(7);
          } else if (line.startsWith("data: ")) {
            data = Json.tree(line.substring(6).getBytes(UTF_8));
          } else if (line.isEmpty() && !type.isEmpty()) {
            return new Event(id, type, data);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      throw new AssertionError("the stream ended");
    }

    /// The events up to one that is wanted, which is the last.
    List<Event> until(Predicate<Event> wanted) {
      var all = new ArrayList<Event>();
      do {
        all.add(next());
      } while (!wanted.test(all.getLast()));
      return all;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
