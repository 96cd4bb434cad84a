package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.SessionOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// A connection that breaks loses nothing.
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EventStreamTest {
  private Visualizer visualizer;
  private Client client;
  private List<Client.Event> all = List.of();

  @BeforeAll
  void run() throws IOException, InterruptedException {
    visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    client = Client.of(visualizer);
    client.awaitModel();
    String run = client.generate("{\"prompt\":\"Once upon a time\",\"maxTokens\":12}");
    try (Client.Events events = client.events("")) {
      // The latest event of the run is the state after it.
      all =
          events.until(event ->
              event.type().equals("state")
                  && event.data().get("status").textValue().equals("idle"));
    }
    assertThat(all.stream().anyMatch(event -> event.isOf(run, "run-end"))).isTrue();
  }

  @AfterAll
  void stop() {
    client.close();
    visualizer.close();
  }

  private List<Client.Event> numbered() {
    return all.stream().filter(event -> !event.id().isEmpty()).toList();
  }

  @Test
  void everyConnectionBeginsWithHello() {
    Client.Event hello = all.getFirst();
    assertThat(hello.type()).isEqualTo("hello");
    assertThat(hello.id()).isEmpty();
    assertThat(hello.data().get("wire").intValue()).isEqualTo(1);
    assertThat(hello.data().get("oldest").longValue()).isZero();
    assertThat(hello.data().get("next").longValue()).isPositive();
    assertThat(numbered().getFirst().id()).isEqualTo(hello.data().get("epoch").textValue() + "-0");
  }

  @Test
  void eventsAreNumberedWithoutAGap() {
    for (int i = 0; i < numbered().size(); i++) {
      assertThat(numbered().get(i).number()).isEqualTo(i);
    }
  }

  @Test
  void theRecordedRunComesFirst() {
    List<String> types = numbered().stream().map(Client.Event::type).limit(4).toList();
    assertThat(types).containsExactly("run", "prompt", "step", "step");
    assertThat(numbered().getFirst().data().get("recorded").booleanValue()).isTrue();
  }

  @Test
  void goingOnAfterAnIdLosesNothingAndRepeatsNothing() throws IOException, InterruptedException {
    var collected = new ArrayList<Client.Event>();
    String last = "";
    boolean header = false;
    while (collected.size() < numbered().size()) { // a connection for every seven events
      try (Client.Events events =
          last.isEmpty() || !header
              ? client.events(last.isEmpty() ? "" : "?after=" + last)
              : client.events("", "Last-Event-ID", last)) {
        assertThat(events.next().type()).isEqualTo("hello");
        for (int i = 0; i < 7 && collected.size() < numbered().size(); i++) {
          collected.add(events.next());
        }
        last = collected.getLast().id();
        header = !header;
      }
    }
    assertThat(collected).isEqualTo(numbered());
  }

  @Test
  void theHeaderCountsMoreThanTheQuery() throws IOException, InterruptedException {
    String second = numbered().get(1).id();
    try (Client.Events events =
        client.events("?after=" + numbered().getFirst().id(), "Last-Event-ID", second)) {
      events.next();
      assertThat(events.next().number()).isEqualTo(2);
    }
  }

  @Test
  void anIdOfAnotherEpochGivesEverything() throws IOException, InterruptedException {
    for (String id :
        new String[] {"00000000-5", "nonsense", "-", epoch() + "-x", epoch() + "--9"}) {
      try (Client.Events events = client.events("?after=" + id)) {
        events.next();
        assertThat(events.next()).as(id).isEqualTo(numbered().getFirst());
      }
    }
  }

  @Test
  void anIdFromTheFutureWaitsForWhatComes() throws IOException, InterruptedException {
    try (Client.Events events = client.events("?after=" + epoch() + "-999999999")) {
      assertThat(events.next().type()).isEqualTo("hello");
      client.ask("/api/pace", "{\"millis\":0}");
      assertThat(events.next().type()).isEqualTo("state");
    }
  }

  private String epoch() {
    return all.getFirst().data().get("epoch").textValue();
  }
}
