package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  private static final long LONG = 60_000;

  private static EventLog logOf(long capacity, int events) {
    var log = new EventLog(capacity);
    for (int i = 0; i < events; i++) {
      log.append("n", 10 + i); // two bytes each
    }
    return log;
  }

  private static List<String> read(EventLog.Batch batch) {
    return batch.events().stream()
        .map(event -> event.number() + ":" + new String(event.json(), UTF_8))
        .toList();
  }

  @Test
  void eventsAreNumberedAndReadFromAnyPlace() throws InterruptedException {
    try (EventLog log = logOf(100, 4)) {
      assertThat(read(log.from(0, 0))).containsExactly("0:10", "1:11", "2:12", "3:13");
      assertThat(read(log.from(2, 0))).containsExactly("2:12", "3:13");
      assertThat(log.from(4, 0)).isEqualTo(new EventLog.Batch(0, List.of()));
      assertThat(log.next()).isEqualTo(4);
    }
  }

  @Test
  void theOldestGoWhereThereIsNoRoomAndReadersAreToldHowMany() throws InterruptedException {
    try (EventLog log = logOf(6, 10)) {
      assertThat(log.oldest()).isEqualTo(7);
      assertThat(log.from(2, 0).missed()).isEqualTo(5);
      assertThat(read(log.from(2, 0))).containsExactly("7:17", "8:18", "9:19");
      assertThat(log.from(8, 0).missed()).isZero();
    }
  }

  @Test
  void theLatestStaysEvenIfItIsTooLarge() throws InterruptedException {
    try (EventLog log = logOf(1, 3)) {
      assertThat(read(log.from(0, 0))).containsExactly("2:12");
      assertThat(log.from(0, 0).missed()).isEqualTo(2);
    }
  }

  @Test
  void aReaderThatIsThereFirstGetsWhatComes() throws Exception {
    try (var log = new EventLog(100)) {
      var read = CompletableFuture.supplyAsync(() -> waitFor(log));
      log.append("n", 10);
      assertThat(read(read.get())).containsExactly("0:10");
    }
  }

  @Test
  void closingWakesReaders() throws Exception {
    var log = new EventLog(100);
    var read = CompletableFuture.supplyAsync(() -> waitFor(log));
    log.close();
    assertThat(read.get().events()).isEmpty();
    assertThat(log.isClosed()).isTrue();
  }

  private static EventLog.Batch waitFor(EventLog log) {
    try {
      return log.from(0, LONG);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
