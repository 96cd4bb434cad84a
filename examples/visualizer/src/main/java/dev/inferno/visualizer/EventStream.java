package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>. An id is
/// the epoch, which each start of the server has its own of, and the number of the event.
final class EventStream {
  private static final long HEARTBEAT_MILLIS = 15_000;

  private final EventLog events;
  private final String epoch = HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  EventStream(EventLog events) {
    this.events = events;
  }

  /// Sends events as they come, until the reader or the server goes.
  ///
  /// @param id of the last event that the reader has, unless a header says so
  Answer after(@Nullable String id) {
    return exchange -> send(exchange, id);
  }

  private void send(HttpExchange exchange, @Nullable String after) throws IOException {
    String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    long next = firstNumber(last == null ? after : last);
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (var out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
      write(
          out,
          "hello",
          "",
          Json.write(new Wire.Hello(Wire.VERSION, epoch, events.oldest(), events.next())));
      out.flush();
      while (!events.isClosed()) {
        EventLog.Batch batch = events.from(next, HEARTBEAT_MILLIS);
        if (batch.missed() > 0) {
          var dropped = new Wire.Dropped(batch.missed(), next, next + batch.missed() - 1);
          write(out, "dropped", id(dropped.to()), Json.write(dropped));
          next += batch.missed();
        }
        for (EventLog.Event event : batch.events()) {
          write(out, event.type(), id(event.number()), event.json());
          next = event.number() + 1;
        }
        if (batch.events().isEmpty()) {
          out.write(":\n\n".getBytes(UTF_8)); // finds out whether the reader is still there
        }
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String id(long number) {
    return epoch + "-" + number;
  }

  /// The number of the first event that a reader lacks: after a restart, all of them.
  private long firstNumber(@Nullable String last) {
    if (last == null || !last.startsWith(epoch + "-")) {
      return 0;
    }
    try {
      return Math.max(
          0, Math.min(events.next(), Long.parseLong(last.substring(epoch.length() + 1)) + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static void write(OutputStream out, String type, String id, byte[] json)
      throws IOException {
    String head = (id.isEmpty() ? "" : "id: " + id + "\n") + "event: " + type + "\ndata: ";
    out.write(head.getBytes(UTF_8));
    out.write(json);
    out.write("\n\n".getBytes(UTF_8));
  }
}
