package dev.inferno.observe.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.observe.Hook;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogitAttributionTest {
  private static float[] sum(List<float[]> components) {
    float[] sum = new float[components.getFirst().length];
    for (float[] component : components) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += component[i];
      }
    }
    return sum;
  }

  @Test
  void eachComponentContributesItsOwnProduct() {
    List<float[]> components = List.of(new float[] {3, 0}, new float[] {0, 4});
    float[] gain = {2, 0.5f};
    FrozenNorm norm = FrozenNorm.rootMeanSquare(sum(components), gain, 0);
    assertThat(norm.scale()).isCloseTo(Math.sqrt(12.5), within(1e-12));
    LogitAttribution attribution = LogitAttribution.of(components, norm, new float[] {1, -1}, 1.25);
    double first = 3 * 2 / Math.sqrt(12.5);
    double second = -4 * 0.5 / Math.sqrt(12.5);
    assertThat(attribution.contributions().get(0)).isCloseTo(first, within(1e-12));
    assertThat(attribution.contributions().get(1)).isCloseTo(second, within(1e-12));
    assertThat(attribution.bias()).isZero();
    assertThat(attribution.sum()).isCloseTo(first + second, within(1e-12));
    assertThat(attribution.logit()).isEqualTo(1.25);
    assertThat(attribution.residual()).isCloseTo(1.25 - first - second, within(1e-12));
  }

  @Test
  void theContributionsOfALayerNormSumToTheLogitToo() {
    var random = new SplittableRandom(4);
    int width = 12;
    List<float[]> components = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      components.add(floats(random, width));
    }
    float[] gain = floats(random, width);
    float[] bias = floats(random, width);
    float[] unembedding = floats(random, width);
    float[] row = sum(components);
    double mean = 0;
    for (float value : row) {
      mean += value / (double) width;
    }
    double variance = 0;
    for (float value : row) {
      variance += (value - mean) * (value - mean) / width;
    }
    double logit = 0;
    for (int i = 0; i < width; i++) {
      double normed = (row[i] - mean) / Math.sqrt(variance + 1e-5) * gain[i] + bias[i];
      logit += normed * unembedding[i];
    }
    LogitAttribution attribution =
        LogitAttribution.of(
            components, FrozenNorm.layer(row, gain, bias, 1e-5), unembedding, logit);
    assertThat(attribution.residual()).isCloseTo(0, within(1e-5));
    assertThat(attribution.bias()).isNotZero();
  }

  private static float[] floats(SplittableRandom random, int length) {
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = (float) random.nextDouble(-1, 1);
    }
    return floats;
  }

  @Test
  void aDirectionBeforeTheNormGivesTheSameContributions() {
    var random = new SplittableRandom(5);
    int width = 12;
    float[] row = floats(random, width);
    float[] part = floats(random, width);
    float[] gain = floats(random, width);
    float[] direction = floats(random, width);
    for (FrozenNorm norm :
        List.of(
            FrozenNorm.rootMeanSquare(row, gain, 1e-5),
            FrozenNorm.layer(row, gain, floats(random, width), 1e-5))) {
      float[] before = norm.before(direction);
      double product = 0;
      for (int i = 0; i < width; i++) {
        product += (double) before[i] * part[i];
      }
      assertThat(product).isCloseTo(norm.along(direction, part), within(1e-5));
      assertThatThrownBy(() -> norm.before(new float[3]))
          .hasMessage("the direction must have 12 numbers, but has 3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-bias"})
  void theEmbeddingAndWhatEachBlockAddsSumToTheLogitsOfAModel(String name) throws IOException {
    Path path = Fixtures.copied("arch/" + name + "/model-f32.gguf");
    GgufFile file = GgufFile.open(path);
    float[] gain = floats(path, file.requiredTensor("output_norm.weight"));
    float[] output =
        floats(
            path,
            file.tensor("output.weight").orElseGet(() -> file.requiredTensor("token_embd.weight")));
    double epsilon = file.requiredReal("llama.attention.layer_norm_rms_epsilon");
    var captured = new Captured("all");
    int tokens = 5;
    try (Model model = Model.load(path);
        Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(captured);
      session.append(7, 19, 250, 3, 101);
      int width = model.info().width();
      int vocabulary = model.info().vocabulary();
      int last = model.info().layers() - 1;
      for (int position = 0; position < tokens; position++) {
        List<float[]> components = new ArrayList<>();
        components.add(row(captured, Hook.EMBED.name(0), position, width));
        for (int layer = 0; layer <= last; layer++) {
          components.add(row(captured, Hook.ATTN_OUT.name(layer), position, width));
          components.add(row(captured, Hook.MLP_OUT.name(layer), position, width));
        }
        float[] residual = row(captured, Hook.RESID_POST.name(last), position, width);
        Compare.close("the sum of the components", sum(components), residual, 1e-5);
        FrozenNorm norm = FrozenNorm.rootMeanSquare(residual, gain, epsilon);
        float[] normed = row(captured, Hook.FINAL_NORM.name(0), position, width);
        for (int i = 0; i < width; i++) {
          assertThat(residual[i] / norm.scale() * gain[i]).isCloseTo(normed[i], within(1e-5));
        }

        float[] logits = row(captured, Hook.LOGITS.name(0), position, vocabulary);
        for (int id = 0; id < vocabulary; id++) {
          float[] row = Arrays.copyOfRange(output, id * width, (id + 1) * width);
          LogitAttribution attribution = LogitAttribution.of(components, norm, row, logits[id]);
          assertThat(attribution.contributions()).hasSize(2 * (last + 1) + 1);
          assertThat(attribution.residual()).as("token %d", id).isCloseTo(0, within(1e-4));
        }
        float[] one = Arrays.copyOfRange(output, 3 * width, 4 * width);
        float[] other = Arrays.copyOfRange(output, 8 * width, 9 * width);
        LogitAttribution difference =
            LogitAttribution.ofDifference(components, norm, one, other, logits[3], logits[8]);
        assertThat(difference.logit()).isEqualTo((double) logits[3] - logits[8]);
        assertThat(difference.contributions().stream().mapToDouble(x -> x).sum())
            .isCloseTo(difference.sum(), within(1e-9));
        assertThat(difference.residual()).isCloseTo(0, within(2e-4));
      }
    }
  }

  private static float[] row(Captured captured, String name, int row, int width) {
    return Arrays.copyOfRange(captured.array(name), row * width, (row + 1) * width);
  }

  private static float[] floats(Path path, TensorInfo tensor) throws IOException {
    assertThat(tensor.type()).isEqualTo(GgmlType.F32);
    float[] floats = new float[(int) tensor.elements()];
    ByteBuffer.wrap(Files.readAllBytes(path), (int) tensor.offset(), (int) tensor.sizeBytes())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(floats);
    return floats;
  }

  @Test
  void whatIsMissingIsShown() {
    List<float[]> all = List.of(new float[] {1, 2}, new float[] {3, -1});
    FrozenNorm norm = FrozenNorm.rootMeanSquare(sum(all), new float[] {1, 1}, 0);
    float[] unembedding = {1, 1};
    double logit = LogitAttribution.of(all, norm, unembedding, 0).sum();
    LogitAttribution part = LogitAttribution.of(all.subList(0, 1), norm, unembedding, logit);
    assertThat(part.residual())
        .isCloseTo(
            LogitAttribution.of(all, norm, unembedding, logit).contributions().get(1),
            within(1e-12));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    float[] two = {1, 2};
    FrozenNorm norm = FrozenNorm.rootMeanSquare(two, two, 0);
    assertThatThrownBy(() -> LogitAttribution.of(List.of(two, new float[3]), norm, two, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("component 1 must have 2 numbers, but has 3");
    assertThatThrownBy(() -> LogitAttribution.of(List.of(two), norm, two, Double.NaN))
        .hasMessage("the logit must be finite, but is NaN");
    assertThatThrownBy(() -> FrozenNorm.rootMeanSquare(new float[2], two, 0))
        .hasMessage("the scale of the norm must be positive, but is 0.0 with epsilon 0.0");
    assertThatThrownBy(() -> FrozenNorm.layer(two, two, new float[1], 1e-5))
        .hasMessage("the bias must have 2 numbers, but has 1");
  }
}
