package dev.inferno.sampler;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// `samplers.json.gz`: for every case the `steps` that act on one of the vectors of `logits`, with
/// `history` as the tokens so far, and `ids` (best first), `logits` and `probs` of the survivors as
/// computed by llama.cpp (as vendored in llama-cpp-python 0.3.36, through its C API) and, where it
/// has such a sampler, by transformers 4.57.6. `agree`: both found the same. Free to copy.
class SamplerFixturesTest {
  private static final Set<String> KNOWN =
      Set.of("temperature", "top_k", "top_p", "min_p", "penalties");

  @Test
  void survivorsLogitsAndProbabilitiesAreThoseOfLlamaCppAndTransformers() throws IOException {
    JsonNode fixtures = fixtures();
    int ofLlamaCpp = 0;
    int ofTransformers = 0;
    for (JsonNode fixture : fixtures.get("cases")) {
      if (!isKnown(fixture)) {
        continue;
      }
      Survivors survivors = sample(fixture, fixtures.get("logits"));
      survivors.check(fixture, fixture.get("llamacpp"));
      ofLlamaCpp++;
      if (fixture.get("agree").asBoolean()) {
        survivors.check(fixture, fixture.get("transformers"));
        ofTransformers++;
      }
    }
    assertThat(ofLlamaCpp).isEqualTo(237);
    assertThat(ofTransformers).isEqualTo(131);
  }

  private static Survivors sample(JsonNode fixture, JsonNode vectors) {
    SamplerState state = sampler(fixture.get("steps")).start(0);
    for (JsonNode id : fixture.get("history")) {
      state.acceptPrompt(id.asInt());
    }
    Survivors survivors = new Survivors();
    state.observe(survivors);
    state.sample(floats(vectors.get(fixture.get("logits").asText())));
    return survivors;
  }

  /// What is drawn from in the end.
  private static final class Survivors implements SamplingListener {
    final List<Integer> ids = new ArrayList<>();
    final List<Float> logits = new ArrayList<>();
    final List<Double> probabilities = new ArrayList<>();

    @Override
    public void onDistribution(CandidatesView distribution) {
      for (int rank = 0; rank < distribution.size(); rank++) {
        ids.add(distribution.id(rank));
        logits.add(distribution.logit(rank));
        probabilities.add(distribution.probability(rank));
      }
    }

    void check(JsonNode fixture, JsonNode expected) {
      String what = fixture.get("logits") + " " + fixture.get("steps");
      assertThat(ids).as(what).isEqualTo(integers(expected.get("ids")));
      double logitError = 0;
      double probabilityError = 0;
      for (int i = 0; i < ids.size(); i++) {
        double logit = expected.get("logits").get(i).asDouble();
        double probability = expected.get("probs").get(i).asDouble();
        logitError =
            Math.max(logitError, Math.abs(logits.get(i) - logit) / Math.max(1, Math.abs(logit)));
        probabilityError = Math.max(probabilityError, Math.abs(probabilities.get(i) - probability));
      }
      assertThat(logitError).as("logits of %s", what).isLessThan(2e-7);
      assertThat(probabilityError).as("probabilities of %s", what).isLessThan(1e-7);
    }
  }

  private static boolean isKnown(JsonNode fixture) {
    for (JsonNode step : fixture.get("steps")) {
      if (!KNOWN.contains(step.get("sampler").asText())) {
        return false;
      }
    }
    return true;
  }

  private static Sampler sampler(JsonNode steps) {
    List<SamplerStage> stages = new ArrayList<>();
    for (JsonNode step : steps) {
      stages.add(stage(step));
    }
    return Sampler.chain(stages);
  }

  private static SamplerStage stage(JsonNode step) {
    int minKeep = step.path("min_keep").asInt(1);
    return switch (step.get("sampler").asText()) {
      case "temperature" -> SamplerStage.temperature(number(step, "t"));
      case "top_k" -> SamplerStage.topK(step.get("k").asInt());
      case "top_p" -> SamplerStage.topP(number(step, "p"), minKeep);
      case "min_p" -> SamplerStage.minP(number(step, "p"), minKeep);
      case "penalties" ->
          SamplerStage.penalties(
              step.get("last_n").asInt(),
              number(step, "repeat"),
              number(step, "frequency"),
              number(step, "presence"));
      default -> throw new IllegalArgumentException(step.toString());
    };
  }

  private static float number(JsonNode step, String name) {
    return (float) step.get(name).asDouble();
  }

  private static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) array.get(i).asDouble();
    }
    return floats;
  }

  private static List<Integer> integers(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asInt()).toList();
  }

  private static JsonNode fixtures() throws IOException {
    try (InputStream packed =
            requireNonNull(SamplerFixturesTest.class.getResourceAsStream("samplers.json.gz"));
        InputStream json = new GZIPInputStream(packed)) {
      return new ObjectMapper().readTree(json);
    }
  }
}
