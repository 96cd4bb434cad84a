package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private static final int COMPARED = 3;

  private static final Set<String> CANDIDATES = Set.of("candidates", "best");

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
      assertSame("event " + i, events.get(i), made.events().get(i));
    }
  }

  private static void assertSame(String path, JsonNode recorded, JsonNode made) {
    if (path.endsWith("Nanos") || path.endsWith("nanos")) {
      assertThat(made.isIntegralNumber()).as(path).isTrue();
    } else if (recorded.isIntegralNumber()) {
      assertThat(made).as(path).isEqualTo(recorded);
    } else if (recorded.isNumber()) {
      assertThat(made.doubleValue())
          .as(path)
          .isCloseTo(recorded.doubleValue(), within(1e-3 + 1e-3 * Math.abs(recorded.asDouble())));
    } else if (recorded.isObject()) {
      assertThat(fields(made)).as(path).isEqualTo(fields(recorded));
      for (Map.Entry<String, JsonNode> field : recorded.properties()) {
        assertSame(path + "." + field.getKey(), field.getValue(), made.get(field.getKey()));
      }
    } else if (recorded.isArray()) {
      assertThat(made).as(path).hasSameSizeAs(recorded);
      boolean candidates = CANDIDATES.contains(path.substring(path.lastIndexOf('.') + 1));
      int compared = candidates ? Math.min(COMPARED, recorded.size()) : recorded.size();
      for (int i = 0; i < compared; i++) {
        assertSame(path + "[" + i + "]", recorded.get(i), made.get(i));
      }
    } else {
      assertThat(made).as(path).isEqualTo(recorded);
    }
  }

  private static List<String> fields(JsonNode node) {
    return node.propertyStream().map(Map.Entry::getKey).toList();
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
