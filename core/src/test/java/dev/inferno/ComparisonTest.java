package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.analysis.Uncertainty;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComparisonTest {
  private static final Path COPIED = Fixtures.copied("quant/llama-256");

  @TempDir private Path folder;

  private static Model copied(String type) throws IOException {
    return Model.load(COPIED.resolve("model-" + type + ".gguf"));
  }

  private static int[] tokens(int length) {
    return new Random(length).ints(length, 0, 384).toArray();
  }

  /// A row of `[rows, 384]`.
  private static float[] row(float[] logits, int row) {
    return Arrays.copyOfRange(logits, row * 384, (row + 1) * 384);
  }

  private static double mean(float[] logits, float[] others) {
    int rows = logits.length / 384;
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += Uncertainty.divergence(row(logits, row), row(others, row));
    }
    return sum / rows;
  }

  @ParameterizedTest
  @CsvSource({"F16, Q4_0", "BF16, Q2_K", "Q8_0, Q4_K_M"})
  void theDivergenceIsThatOfTheReferencesLogits(String one, String two) throws IOException {
    Goldens goldens = Goldens.read(COPIED.resolve("quant-goldens.safetensors"));
    try (Model model = copied(one);
        Model other = copied(two)) {
      check(model, goldens, one + ".", other, goldens, two + ".", COPIED);
    }
  }

  @Test
  @Tag("models")
  void theDivergenceOfQ4FromF32IsThatOfTheReferencesLogits() throws IOException {
    Path folder = Fixtures.shared("fixtures/quant/llama-256");
    try (Model model = Model.load(folder.resolve("model-F32.gguf"));
        Model other = Model.load(folder.resolve("model-Q4_0.gguf"))) {
      check(
          model,
          Goldens.read(folder.resolve("goldens.safetensors")),
          "",
          other,
          Goldens.read(folder.resolve("quant-goldens.safetensors")),
          "Q4_0.",
          folder);
    }
  }

  private static void check(
      Model model,
      Goldens ours,
      String prefix,
      Model other,
      Goldens theirs,
      String otherPrefix,
      Path folder)
      throws IOException {
    for (JsonNode prompt : Prompts.of(Json.read(folder.resolve("goldens.json"))).values()) {
      String name = prompt.required("key").asText() + ".logits";
      double expected = mean(ours.floats(prefix + name), theirs.floats(otherPrefix + name));
      Divergence divergence = Comparison.of(model, other).on(Prompts.ids(prompt));
      assertThat(divergence.kl().mean()).as(name).isCloseTo(expected, within(0.01 * expected));
      assertThat(divergence.kl().max()).isGreaterThan(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"512, 1", "150, 1", "100, 2", "7, 22"})
  void aLongTextIsThatOfEachWindowAlone(int window, int windows) throws IOException {
    int[] tokens = tokens(150);
    List<Double> kl = new ArrayList<>();
    List<Double> surprisals = new ArrayList<>();
    List<Double> otherSurprisals = new ArrayList<>();
    int agreements = 0;
    double difference = 0;
    double magnitude = 0;
    try (Model model = copied("F16");
        Model other = copied("Q4_0")) {
      for (int from = 0; from < tokens.length; from += window) {
        int[] ids = Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + window));
        Captured one = captured(model, ids);
        Captured two = captured(other, ids);
        for (int i = 0; i < ids.length; i++) {
          float[] ours = row(one.array("logits"), i);
          float[] theirs = row(two.array("logits"), i);
          kl.add(Uncertainty.divergence(ours, theirs));
          agreements += argmax(ours) == argmax(theirs) ? 1 : 0;
          if (i + 1 < ids.length) {
            surprisals.add(Uncertainty.surprisal(ours, ids[i + 1]));
            otherSurprisals.add(Uncertainty.surprisal(theirs, ids[i + 1]));
          }
        }
        float[] x = one.array("blocks.1.hook_resid_post");
        float[] y = two.array("blocks.1.hook_resid_post");
        for (int i = 0; i < x.length; i++) {
          difference += Math.abs(x[i] - y[i]);
          magnitude += Math.abs(x[i]);
        }
      }

      List<String> progress = new ArrayList<>();
      Divergence divergence =
          Comparison.of(model, other)
              .window(window)
              .progress((done, of) -> progress.add(done + " of " + of))
              .on(tokens);
      assertThat(divergence.windows()).isEqualTo(windows);
      assertThat(divergence.positions()).isEqualTo(150);
      assertThat(progress).endsWith("150 of 150");
      List<Double> sorted = kl.stream().sorted().toList();
      Divergence.Spread spread = divergence.kl();
      assertThat(spread.mean())
          .isCloseTo(kl.stream().mapToDouble(d -> d).average().orElseThrow(), within(1e-4));
      assertThat(spread.median()).isCloseTo(sorted.get(74), within(1e-3));
      assertThat(spread.percentile90()).isCloseTo(sorted.get(134), within(1e-3));
      assertThat(spread.percentile95()).isCloseTo(sorted.get(142), within(1e-3));
      assertThat(spread.percentile99()).isCloseTo(sorted.get(148), within(1e-3));
      assertThat(spread.max()).isCloseTo(sorted.get(149), within(1e-3));
      assertThat(spread.max()).isCloseTo(kl.get(spread.maxPosition()), within(1e-3));
      assertThat(divergence.agreement()).isCloseTo(agreements / 150.0, within(1e-9));
      assertThat(divergence.perplexity().orElseThrow())
          .isCloseTo(perplexity(surprisals), within(0.1));
      assertThat(divergence.otherPerplexity().orElseThrow())
          .isCloseTo(perplexity(otherSurprisals), within(0.1));
      assertThat(divergence.layers()).hasSize(model.info().layers());
      assertThat(divergence.layers().get(1).layer()).isEqualTo(1);
      assertThat(divergence.layers().get(1).relative())
          .isCloseTo(difference / magnitude, within(1e-4));
      assertThat(divergence.layers().get(1).magnitude())
          .isCloseTo(magnitude / (150 * 256), within(1e-4));
    }
  }

  private static Captured captured(Model model, int[] ids) {
    var captured = new Captured("logits,blocks.*.hook_resid_post");
    try (Session session = model.newSession(Prompts.EXACT.contextLength(512))) {
      session.addListener(captured);
      session.append(ids);
    }
    return captured;
  }

  private static int argmax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  private static double perplexity(List<Double> surprisals) {
    return Uncertainty.perplexity(surprisals.stream().mapToDouble(d -> d).toArray());
  }

  @Test
  void aModelDoesNotDifferFromItself() throws IOException {
    try (Model model = copied("Q4_0")) {
      Divergence divergence = Comparison.of(model, model).threshold(0).threads(1).on(tokens(20));
      assertThat(divergence.kl().max()).isZero();
      assertThat(divergence.kl().mean()).isZero();
      assertThat(divergence.agreement()).isOne();
      assertThat(divergence.perplexity()).isEqualTo(divergence.otherPerplexity());
      assertThat(divergence.firstDifference()).isEmpty();
      assertThat(divergence.embedding().orElseThrow().relative()).isZero();
      assertThat(Comparison.of(model, model).on(7).perplexity()).isEqualTo(OptionalDouble.empty());
      assertThat(Comparison.of(model, model).on("a b").positions()).isPositive();
    }
  }

  @Test
  void theFirstLayerBehindWhichTheyPartIsFound() throws IOException {
    GgufVariant variant = GgufVariant.of(Fixtures.copied("arch/llama/model-f32.gguf"));
    variant.set("llama.attention.layer_norm_rms_epsilon", "f32", (double) 1e-5f);
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Model other = Model.load(variant.write(folder.resolve("other.gguf")))) {
      Comparison comparison = Comparison.of(model, other);
      Divergence divergence = comparison.on(tokens(12));
      assertThat(divergence.embedding().orElseThrow().difference()).isZero();
      assertThat(divergence.firstDifference()).isEmpty();
      double first = divergence.layers().getFirst().relative();
      assertThat(comparison.threshold(first).on(tokens(12)).firstDifference())
          .isEqualTo(
              divergence.layers().stream().filter(each -> each.relative() > first).findFirst());
      assertThat(comparison.threshold(0).on(tokens(12)).firstDifference())
          .contains(divergence.layers().getFirst());
    }
  }

  @Test
  void modelsOfOtherShapesAreComparedByWhatTheyPredict() throws IOException {
    try (Model model = TinyModels.load("llama");
        Model other = TinyModels.load("mixtral")) {
      Divergence divergence = Comparison.of(model, other).on(tokens(5));
      assertThat(divergence.kl().mean()).isPositive();
      assertThat(divergence.layers()).isEmpty();
      assertThat(divergence.embedding()).isEmpty();
      assertThat(divergence.firstDifference()).isEmpty();
    }
  }

  @Test
  void otherVocabulariesAreRefused() throws IOException {
    try (Model model = TinyModels.load("llama");
        Model other = TinyModels.load("gpt2");
        Model larger = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      assertThatThrownBy(() -> Comparison.of(model, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(model.info().name() + " and " + other.info().name())
          .hasMessageMatching(
              ".* have different vocabularies: token \\d+ is '.*' in one and '.*' in the other");
      assertThatThrownBy(() -> Comparison.of(model, larger))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(" have different vocabularies: of 384 and of ");
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    try (Model model = copied("Q4_0")) {
      Comparison comparison = Comparison.of(model, model);
      assertThatThrownBy(() -> comparison.window(1)).hasMessageContaining("at least 2, but is 1");
      assertThatThrownBy(() -> comparison.threshold(-1)).hasMessageContaining("but is -1.0");
      assertThatThrownBy(() -> comparison.threshold(Double.NaN)).hasMessageContaining("NaN");
      assertThatThrownBy(() -> comparison.threads(0)).hasMessageContaining("0");
      assertThatThrownBy(() -> comparison.on()).hasMessageContaining("no tokens");
      assertThatThrownBy(() -> comparison.on(384)).hasMessageContaining("384");
    }
  }

  @Test
  void anInterruptionEndsIt() throws IOException {
    try (Model model = copied("Q4_0")) {
      Comparison comparison =
          Comparison.of(model, model).progress((done, of) -> Thread.currentThread().interrupt());
      assertThatThrownBy(() -> comparison.on(tokens(200)))
          .isInstanceOf(CancellationException.class)
          .hasMessage("the comparison was cancelled");
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
