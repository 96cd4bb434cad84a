package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The recorded run is what the wire says today. After a change of the wire or of the model it is
/// made again, with the folder as seen from `examples/visualizer`:
///
/// ```
/// mvn test -pl examples/visualizer -am -Dtest=RecordingTest -Dsurefire.failIfNoSpecifiedTests=false \
///   -Dinferno.record=src/main/resources/dev/inferno/visualizer/recording
/// ```
final class RecordingTest {
  private static final String FOLDER = System.getProperty("inferno.record", "");

  /// Kernels round differently on other machines: tokens with close logits may change places, so of
  /// a list of candidates only the first few are compared by value.
  private static final Close CLOSE = new Close(1e-3, 3);

  @Test
  void madeAgainItIsTheSameApartFromTimes() throws IOException, InterruptedException {
    RecordingMaker.Made made = RecordingMaker.make(TinyModel.file());
    if (!FOLDER.isEmpty()) {
      made.writeTo(Path.of(FOLDER));
      return;
    }
    List<JsonNode> events = Recording.events();
    assertThat(made.events()).hasSameSizeAs(events);
    for (int i = 0; i < events.size(); i++) {
      CLOSE.assertSame("event " + i, events.get(i), made.events().get(i));
    }
  }

  @Test
  void itsTensorsAreThoseThatItsEventsList() throws IOException {
    var kept = new KeptRuns(Long.MAX_VALUE);
    try (var log = new EventLog(Long.MAX_VALUE)) {
      Recording.load(log, kept);
    }
    for (JsonNode event : Recording.events()) {
      if (event.get("type").textValue().equals("step")) {
        JsonNode data = event.get("data");
        Tensor logits = kept.tensor(Recording.RUN, data.get("step").intValue(), Capture.LOGITS);
        for (JsonNode candidate : data.at("/sampling/candidates")) {
          assertThat(logits.values()[candidate.at("/token/id").intValue()])
              .isEqualTo(candidate.get("logit").floatValue());
        }
      }
    }
  }
}
