package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The guide names everything that is sent.
@Timeout(60)
final class WireGuideTest {
  private static final Path GUIDE = Path.of("..", "..", "docs", "guides", "wire.md");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /// Maps whose keys are data: parameters of any stage, names of points.
  private static final Set<String> MAPS = Set.of("parameters", "norms");

  @Test
  void everyEventAndFieldThatIsSentIsNamed() throws IOException, InterruptedException {
    var sent = new TreeSet<String>();
    try (Visualizer visualizer = Visualizer.start(0, TinyModel.SOURCE, SessionOptions.defaults());
        Client client = Client.of(visualizer)) {
      client.awaitModel();
      String hard = "\"sampler\":{\"repetitionPenalty\":1e-38}";
      client.run("{\"prompt\":\"Once upon a time\",\"maxTokens\":3}");
      client.run("{\"prompt\":\"There was a dog. There was a\",\"maxTokens\":9," + hard + "}");
      try (Client.Events events = client.events("")) {
        for (Client.Event event : events.until(event -> event.isOf("r2", "run-end"))) {
          sent.add(event.type());
          collect(event.data(), sent);
        }
      }
      collect(client.look("/api/state"), sent);
      collect(client.look("/api/runs/r1"), sent);
      collect(client.ask("/api/resample", "{\"run\":\"r1\",\"step\":1}"), sent);
      collect(client.ask("/api/tokenize", "{\"text\":\"a\"}"), sent);
      collect(client.ask("/api/pause", "{}"), sent);
      collect(
          Json.tree(client.get("/x").body().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
          sent);
      collect(Json.tree(Json.write(new Wire.Dropped(1, 2, 3))), sent);
      collect(Json.tree(Json.write(new Wire.Accepted("r1"))), sent);
    }
    assertThat(sent).contains("run-end", "message", "removedBy", "finalLogit", "byteStart", "u");
    assertThat(named()).containsAll(sent);
  }

  private static void collect(JsonNode node, Set<String> names) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      names.add(field.getKey());
      if (!MAPS.contains(field.getKey())) {
        collect(field.getValue(), names);
      }
    }
    if (node.isArray()) {
      node.forEach(item -> collect(item, names));
    }
  }

  /// The words that the guide sets as code.
  private static Set<String> named() throws IOException {
    var names = new TreeSet<String>();
    CODE.matcher(Files.readString(GUIDE))
        .results()
        .forEach(code -> names.addAll(List.of(code.group(1).split("[^A-Za-z-]+"))));
    return names;
  }
}
