package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Speaks to a visualizer as `docs/guides/wire.md` has it.
///
/// @param address what the visualizer prints
record WireClient(URI address) {
  private static final int PATIENCE_SECONDS = 60;

  /// An answer, whatever its status.
  record Answer(int status, @Nullable String contentType, String body) {
    JsonNode json() throws IOException {
      return Json.read(body.getBytes(UTF_8));
    }
  }

  /// An event that was sent.
  record Event(String type, JsonNode data) {}

  Answer get(String path) throws IOException {
    return answer(connect(path));
  }

  Answer post(String path, String json) throws IOException {
    HttpURLConnection connection = connect(path);
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setRequestProperty(
        "Authorization", "Bearer " + address.getFragment().substring("token=".length()));
    connection.setDoOutput(true);
    try (OutputStream body = connection.getOutputStream()) {
      body.write(json.getBytes(UTF_8));
    }
    return answer(connection);
  }

  /// A tensor, as floats in row-major order.
  float[] tensor(String run, int step, String name, String query) throws IOException {
    String path = "/api/runs/" + run + "/steps/" + step + "/tensors/" + name + "?" + query;
    try (InputStream body = connect(path).getInputStream()) {
      FloatBuffer floats =
          ByteBuffer.wrap(body.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[floats.remaining()];
      floats.get(values);
      return values;
    }
  }

  /// The events from the oldest that is kept on.
  Events events() throws IOException {
    return new Events(connect("/api/events"));
  }

  /// The first event of a type that meets a condition, which may be one that is still to come.
  JsonNode await(String type, Predicate<JsonNode> condition) throws IOException {
    try (Events events = events()) {
      return events.await(type, condition);
    }
  }

  private HttpURLConnection connect(String path) throws IOException {
    var connection = (HttpURLConnection) address.resolve(path).toURL().openConnection();
    connection.setReadTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    return connection;
  }

  private static Answer answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    try (InputStream body =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(
          status, connection.getContentType(), new String(body.readAllBytes(), UTF_8));
    }
  }

  /// A stream of events that is open.
  static final class Events implements AutoCloseable {
    private final HttpURLConnection connection;
    private final BufferedReader lines;

    private Events(HttpURLConnection connection) throws IOException {
      this.connection = connection;
      this.lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
    }

    JsonNode await(String type, Predicate<JsonNode> condition) throws IOException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (System.nanoTime() < deadline) {
        Event event = next();
        if (event.type().equals(type) && condition.test(event.data())) {
          return event.data();
        }
      }
      throw new IOException("no such event of type " + type + " in time");
    }

    /// All events up to and with the next of a type.
    List<Event> until(String type) throws IOException {
      List<Event> events = new ArrayList<>();
      do {
        events.add(next());
      } while (!events.getLast().type().equals(type));
      return events;
    }

    Event next() throws IOException {
      String type = "";
      String data = "";
      while (true) {
        String line = lines.readLine();
        if (line == null) {
          throw new IOException("the stream ended");
        } else if (line.startsWith("event: ")) {
          type = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          data = line.substring("data: ".length());
        } else if (line.isEmpty() && !data.isEmpty()) {
          return new Event(type, Json.read(data.getBytes(UTF_8)));
        }
      }
    }

    @Override
    public void close() {
      connection.disconnect();
    }
  }
}
