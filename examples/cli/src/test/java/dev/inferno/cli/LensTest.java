package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.sampler.LogitStatistics;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The command `lens`.
final class LensTest {
  private static final String MODEL = Fixtures.copied("arch/llama/model-f32.gguf").toString();

  @Test
  void theLastLayerSaysWhatTheModelSays() throws IOException {
    CommandRun lens = CommandRun.of("lens", MODEL, "--ids=3,77,201", "--top=3", "--json");
    assertThat(lens.exitCode()).as(lens.err()).isZero();
    JsonNode root = Json.read(lens.out().getBytes(UTF_8));
    assertThat(root.required("ids").toString()).isEqualTo("[3,77,201]");
    assertThat(root.required("rows")).hasSize(3); // one for each layer, at the last position
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session =
            model.newSession(SessionOptions.defaults().keyValueType(KeyValueType.F32))) {
      session.append(new int[] {3, 77, 201});
      LogitStatistics statistics = LogitStatistics.of(session.logits().copy());
      JsonNode last = root.required("rows").path(2);
      assertThat(last.required("layer").asInt()).isEqualTo(2);
      assertThat(last.required("position").asInt()).isEqualTo(2);
      assertThat(last.required("entropy").asDouble()).isCloseTo(statistics.entropy(), within(1e-6));
      for (int rank = 0; rank < 3; rank++) {
        JsonNode leaning = last.required("top").path(rank);
        int id = statistics.topId(rank);
        assertThat(leaning.required("id").asInt()).isEqualTo(id);
        assertThat(leaning.required("text").asText()).isEqualTo(model.tokenizer().decode(id));
        assertThat((float) leaning.required("logit").asDouble()).isEqualTo(statistics.logit(id));
        assertThat(leaning.required("probability").asDouble())
            .isCloseTo(Math.exp(statistics.logProbability(id)), within(1e-6));
      }
    }
  }

  @Test
  void positionsAreShownOneAfterTheOther() {
    CommandRun lens = CommandRun.of("lens", MODEL, "--ids=3,77,201", "--position=0,2");
    assertThat(lens.exitCode()).as(lens.err()).isZero();
    assertThat(lens.out().lines().filter(line -> line.startsWith("behind position")))
        .extracting(line -> line.substring(0, 17))
        .containsExactly("behind position 0", "behind position 2");
    assertThat(lens.out().lines().filter(line -> line.startsWith("layer"))).hasSize(6);
  }

  @Test
  void whatIsOutOfRangeIsNamed() {
    assertThat(CommandRun.of("lens", MODEL, "--ids=3,77", "--position=2").err())
        .contains("--position must be 0 to 1 in a prompt of 2 tokens, but is 2");
    assertThat(CommandRun.of("lens", MODEL, "--ids=3", "--top=0").err())
        .contains("--top must be at least 1, but is 0");
  }
}
