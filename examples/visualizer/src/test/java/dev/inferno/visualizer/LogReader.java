package dev.inferno.visualizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Reads an event log from its beginning.
final class LogReader {
  private static final long PATIENCE_MILLIS = 60_000;

  private final EventLog log;
  private long next;

  LogReader(EventLog log) {
    this.log = log;
  }

  /// An event that was read.
  record Read(String type, JsonNode json) {
    /// A field as text.
    String data(String field) {
      return json.path(field).asText();
    }
  }

  /// The events up to one that is wanted, or a failure if none comes for long.
  List<Read> until(Predicate<Read> wanted) throws InterruptedException {
    var all = new ArrayList<Read>();
    while (true) {
      EventLog.Batch batch = log.from(next, PATIENCE_MILLIS);
      if (batch.events().isEmpty()) {
        throw new AssertionError("no more events; those that came: " + all);
      }
      for (EventLog.Event event : batch.events()) {
        var read = new Read(event.type(), Json.tree(event.json()));
        next = event.number() + 1;
        all.add(read);
        if (wanted.test(read)) {
          return all;
        }
      }
    }
  }
}
