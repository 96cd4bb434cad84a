package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The feed-forwards against their definitions in doubles, in the decode and the prefill class.
class FeedForwardTest {
  private static final Probe NOBODY = new Probe(new Batch()); // of no segments

  private static final int WIDTH = 20;
  private static final int INNER = 33;
  private static final int EXPERTS = 5;

  private final Kernels kernels = KernelSets.best();
  private final Matrices random = new Matrices(3, kernels);

  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  private static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static double[] gated(
      float[] gateUp, float[] down, float[] x, int row, DoubleUnaryOperator activation) {
    double[] both = Matrices.product(gateUp, 2 * INNER, x, row);
    double[] hidden = new double[INNER];
    for (int i = 0; i < INNER; i++) {
      hidden[i] = activation.applyAsDouble(both[i]) * both[INNER + i];
    }
    return Matrices.product(down, WIDTH, hidden);
  }

  private static void requireClose(Rows out, int row, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) out.data()[row * out.width() + i])
          .as("row %d, column %d", row, i)
          .isCloseTo(expected[i], within(2e-3)); // of sums of a few hundred
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 40})
  void gatedOnesMultiplyTheActivationOfTheGateByUp(int rows) {
    float[] gateUp = random.floats(2 * INNER * WIDTH);
    float[] down = random.floats(WIDTH * INNER);
    float[] x = random.floats(rows * WIDTH);
    Linear first = random.linear(gateUp, 2 * INNER, WIDTH);
    Linear second = random.linear(down, WIDTH, INNER);
    var state = new State(WIDTH, 1, 1, INNER, 1);
    var out = new Rows(1, WIDTH);
    new SwiGlu(first, second, kernels).apply(0, Matrices.rows(x, rows), out, state, NOBODY);
    for (int row = 0; row < rows; row++) {
      requireClose(out, row, gated(gateUp, down, x, row, FeedForwardTest::silu));
    }
    new GeGlu(first, second, kernels).apply(0, Matrices.rows(x, rows), out, state, NOBODY);
    for (int row = 0; row < rows; row++) {
      requireClose(out, row, gated(gateUp, down, x, row, FeedForwardTest::gelu));
    }
  }

  private static double squaredRelu(double x) {
    return x > 0 ? x * x : 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, 40})
  void aPlainOneActivatesWhatUpGives(int rows) {
    requireActivated(rows, Activation.TANH_GELU, FeedForwardTest::gelu);
    requireActivated(rows, Activation.SQUARED_RELU, FeedForwardTest::squaredRelu);
  }

  private void requireActivated(int rows, Activation activation, DoubleUnaryOperator definition) {
    float[] up = random.floats(INNER * WIDTH);
    float[] bias = random.floats(INNER);
    float[] down = random.floats(WIDTH * INNER);
    float[] x = random.floats(rows * WIDTH);
    var out = new Rows(1, WIDTH);
    new PlainFeedForward(
            random.linear(up, INNER, WIDTH, bias),
            activation,
            random.linear(down, WIDTH, INNER),
            kernels)
        .apply(0, Matrices.rows(x, rows), out, new State(WIDTH, 1, 1, INNER, 1), NOBODY);
    for (int row = 0; row < rows; row++) {
      double[] hidden = Matrices.product(up, INNER, x, row);
      for (int i = 0; i < INNER; i++) {
        hidden[i] = definition.applyAsDouble(hidden[i] + bias[i]);
      }
      requireClose(out, row, Matrices.product(down, WIDTH, hidden));
    }
  }

  /// Experts, and all that is needed to compute what they give.
  private static final class Mixture {
    final float[] router;
    final int used;
    final List<float[]> gateUps = new ArrayList<>();
    final List<float[]> downs = new ArrayList<>();

    Mixture(float[] router, int used) {
      this.router = router;
      this.used = used;
    }
  }

  private Mixture mixture(float[] router, int used) {
    var mixture = new Mixture(router, used);
    for (int i = 0; i < EXPERTS; i++) {
      mixture.gateUps.add(random.floats(2 * INNER * WIDTH));
      mixture.downs.add(random.floats(WIDTH * INNER));
    }
    return mixture;
  }

  private Rows apply(Mixture mixture, Rows x) {
    return apply(mixture, x, Optional.empty());
  }

  private Rows apply(Mixture mixture, Rows x, Optional<SharedExpert> shared) {
    List<SwiGlu> experts = new ArrayList<>();
    for (int i = 0; i < EXPERTS; i++) {
      experts.add(
          new SwiGlu(
              random.linear(mixture.gateUps.get(i), 2 * INNER, WIDTH),
              random.linear(mixture.downs.get(i), WIDTH, INNER),
              kernels));
    }
    Linear router = random.linear(mixture.router, EXPERTS, WIDTH);
    var out = new Rows(1, WIDTH);
    var routing = Routing.softmax(mixture.used, true);
    var all = new MixtureOfExperts(router, experts, routing, shared, kernels);
    State state = all.prepare(new State(WIDTH, 1, 1, INNER, 1, EXPERTS, mixture.used, INNER));
    all.apply(0, x, out, state, NOBODY);
    return out;
  }

  /// The experts of a row by falling logit, as far as they are used, and their shares.
  private static double[] definition(Mixture mixture, float[] x, int row) {
    double[] logits = Matrices.product(mixture.router, EXPERTS, x, row);
    Integer[] order = new Integer[EXPERTS];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(logits[b], logits[a])); // stable
    double sum = 0;
    for (int i = 0; i < mixture.used; i++) {
      sum += Math.exp(logits[order[i]]);
    }
    double[] out = new double[WIDTH];
    for (int i = 0; i < mixture.used; i++) {
      int expert = order[i];
      double share = Math.exp(logits[expert]) / sum;
      double[] one =
          gated(
              mixture.gateUps.get(expert),
              mixture.downs.get(expert),
              x,
              row,
              FeedForwardTest::silu);
      for (int j = 0; j < WIDTH; j++) {
        out[j] += share * one[j];
      }
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, EXPERTS})
  void aMixtureSumsTheBestExpertsBySharesThatAddUpToOne(int used) {
    Mixture mixture = mixture(random.floats(EXPERTS * WIDTH), used);
    for (int rows : new int[] {1, 9, 40}) {
      float[] x = random.floats(rows * WIDTH);
      Rows out = apply(mixture, Matrices.rows(x, rows));
      assertThat(out.rows()).isEqualTo(rows);
      for (int row = 0; row < rows; row++) {
        requireClose(out, row, definition(mixture, x, row));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatASharedExpertGivesIsAddedByTheSigmoidOfItsGate(boolean gated) {
    Mixture mixture = mixture(random.floats(EXPERTS * WIDTH), 2);
    int inner = INNER + 6; // it need not be as wide as the others
    float[] gateUp = random.floats(2 * inner * WIDTH);
    float[] down = random.floats(WIDTH * inner);
    float[] gate = random.floats(WIDTH);
    var expert =
        new SharedExpert(
            new SwiGlu(
                random.linear(gateUp, 2 * inner, WIDTH),
                random.linear(down, WIDTH, inner),
                kernels),
            gated ? Optional.of(random.linear(gate, 1, WIDTH)) : Optional.empty(),
            kernels);
    for (int rows : new int[] {1, 9, 40}) {
      float[] x = random.floats(rows * WIDTH);
      Rows out = apply(mixture, Matrices.rows(x, rows), Optional.of(expert));
      for (int row = 0; row < rows; row++) {
        double[] expected = definition(mixture, x, row);
        double[] both = Matrices.product(gateUp, 2 * inner, x, row);
        double[] hidden = new double[inner];
        for (int i = 0; i < inner; i++) {
          hidden[i] = silu(both[i]) * both[inner + i];
        }
        double share = gated ? 1 / (1 + Math.exp(-Matrices.product(gate, 1, x, row)[0])) : 1;
        double[] more = Matrices.product(down, WIDTH, hidden);
        for (int i = 0; i < WIDTH; i++) {
          expected[i] += share * more[i];
        }
        requireClose(out, row, expected);
      }
    }
  }

  @Test
  void gateAndUpMayBeCutOffAndUpBeCountedFromOne() {
    float[] gateUp = random.floats(2 * INNER * WIDTH);
    float[] bias = random.floats(2 * INNER);
    for (int i = 0; i < bias.length; i++) {
      bias[i] += i % 3 == 0 ? 9 : i % 3 == 1 ? -9 : 0; // beyond the limit on either side
    }
    var expert =
        new ClampedSwiGlu(
            random.linear(gateUp, 2 * INNER, WIDTH, bias),
            random.linear(random.floats(WIDTH * INNER), WIDTH, INNER),
            kernels);
    for (int rows : new int[] {1, 9, 40}) {
      float[] x = random.floats(rows * WIDTH);
      Rows inner = expert.inner(Matrices.rows(x, rows), new Rows(1, 2 * INNER), new Rows(1, INNER));
      for (int row = 0; row < rows; row++) {
        double[] both = Matrices.product(gateUp, 2 * INNER, x, row);
        for (int i = 0; i < INNER; i++) {
          double gate = Math.min(both[i] + bias[i], 7);
          double up = Math.clamp(both[INNER + i] + bias[INNER + i], -7, 7);
          double expected = gate / (1 + Math.exp(-1.702 * gate)) * (up + 1);
          assertThat((double) inner.data()[row * INNER + i])
              .as("row %d, neuron %d", row, i)
              .isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  @Test
  void amongEqualExpertsTheFirstAreTaken() {
    Mixture mixture = mixture(new float[EXPERTS * WIDTH], 2);
    float[] x = random.floats(WIDTH);
    requireClose(apply(mixture, Matrices.rows(x, 1)), 0, definition(mixture, x, 0));
  }

  @Test
  void aRowOfAMixtureHasTheSameBitsWhateverItsCompanyOfBothClasses() {
    Mixture mixture = mixture(random.floats(EXPERTS * WIDTH), 2);
    float[] x = random.floats(60 * WIDTH);
    Rows mixed = Matrices.rows(x, 60).resize(60, 50); // 50 of a long segment, 10 of short ones
    float[] together = Arrays.copyOf(apply(mixture, mixed).data(), 60 * WIDTH);
    for (int row = 0; row < 60; row++) {
      float[] one = Arrays.copyOfRange(x, row * WIDTH, (row + 1) * WIDTH);
      Rows alone = apply(mixture, Matrices.rows(one, 1).resize(1, row < 50 ? 1 : 0));
      assertThat(Arrays.copyOf(alone.data(), WIDTH))
          .as("row %d", row)
          .isEqualTo(Arrays.copyOfRange(together, row * WIDTH, (row + 1) * WIDTH));
    }
  }
}
