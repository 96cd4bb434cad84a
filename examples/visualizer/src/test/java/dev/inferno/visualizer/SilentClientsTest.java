package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that do not read or do not send hold up nobody.
@Timeout(120)
final class SilentClientsTest {
  @TempDir private Path folder;

  @Test
  void fiftyOfThemHoldUpNeitherARunNorAReaderNorTheEnd() throws IOException, InterruptedException {
    var silent = new ArrayList<Socket>();
    Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
    try (Client client = Client.of(visualizer)) {
      client.awaitModel();
      for (int i = 0; i < 50; i++) {
        Socket socket = client.connect();
        silent.add(socket);
        String request = // the last kind never reads
            switch (i % 4) {
              case 0 -> ""; // never sends
              case 1 -> "GET /api/sta"; // half of a request
              case 2 -> "POST /api/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{";
              default ->
                  "GET /api/events HTTP/1.1\r\nHost: localhost:" + client.port() + "\r\n\r\n";
            };
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      }
      for (int run = 0; run < 3; run++) {
        List<Client.Event> events =
            client.run("{\"prompt\":\"Once\",\"maxTokens\":150,\"top\":1000}");
        assertThat(events.getLast().type()).isEqualTo("run-end");
        assertThat(client.get("/").statusCode()).isEqualTo(200);
      }
      long start = System.nanoTime();
      visualizer.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(threads()).doesNotContain("inferno-visualizer", "HTTP-Dispatcher");
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
      visualizer.close();
    }
  }

  /// A dump of all threads, virtual ones too.
  private String threads() throws IOException {
    Path dump = folder.resolve("threads.json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
    return Files.readString(dump);
  }

  @Test
  void aReaderThatComesBackLateIsToldWhatItMissed() throws IOException, InterruptedException {
    var kept = new KeptRuns(1 << 20);
    try (var log = new EventLog(1 << 20);
        var runner = new Runner(log, kept, TinyModel.SOURCE, SessionOptions.defaults());
        var server = Visualizer.bind(0, log, kept, runner)) {
      server.start();
      try (Client client = Client.of(server);
          Client.Events events = client.events("")) {
        int count = 400; // 40 MB, more than what lies between a writer and a reader
        for (int i = 0; i < count; i++) {
          log.append("big", "x".repeat(100_000));
        }
        long next = 0;
        long dropped = 0;
        while (next < count) {
          Client.Event event = events.next();
          if (event.type().equals("dropped")) {
            assertThat(event.data().get("from").longValue()).isEqualTo(next);
            long to = event.data().get("to").longValue();
            assertThat(event.data().get("count").longValue()).isEqualTo(to - next + 1);
            assertThat(event.number()).isEqualTo(to);
            dropped += to - next + 1;
            next = to + 1;
          } else if (event.type().equals("big")) {
            assertThat(event.number()).isEqualTo(next);
            next++;
          }
        }
        assertThat(dropped).isPositive();
      }
    }
  }
}
