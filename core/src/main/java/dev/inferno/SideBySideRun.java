package dev.inferno;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.analysis.Uncertainty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/// Two models read the same tokens, a chunk at a time: first the one, whose numbers of the chunk
/// are kept, then the other, whose numbers are compared with them as they come. For one thread.
final class SideBySideRun {
  private static final int CHUNK = 64; // rows of logits that are kept: some ten megabytes at most

  private final Model model;
  private final Model other;
  private final Kept kept;
  private final Compared compared;
  private final boolean hasLayers;

  private int[] tokens = new int[0]; // of the window
  private int chunk; // its first position in the window
  private int before; // positions of the windows before

  // What was found, over all windows.
  private final double[] kl;
  private int agreements;
  private int foreseen;
  private double surprisal;
  private double otherSurprisal;
  private final double[] differences; // the embedding's, then each layer's: sums of |x - y|
  private final double[] magnitudes; // sums of |x|

  /// @param length of the text
  SideBySideRun(Model model, Model other, int length) {
    this.model = model;
    this.other = other;
    ModelInfo one = model.info();
    this.hasLayers = one.layers() == other.info().layers() && one.width() == other.info().width();
    int rows = Math.min(CHUNK, length);
    int streams = hasLayers ? one.layers() + 1 : 0;
    this.kept = new Kept(new float[rows][one.vocabulary()], new float[streams][rows * one.width()]);
    this.compared = new Compared(new float[one.vocabulary()], new float[one.width()]);
    this.kl = new double[length];
    this.differences = new double[streams];
    this.magnitudes = new double[streams];
  }

  /// Both read a window.
  ///
  /// @param progress takes how many of its tokens were read
  void window(int[] tokens, SessionOptions options, IntConsumer progress) {
    this.tokens = tokens;
    try (Session one = model.newSession(options);
        Session two = other.newSession(options)) {
      one.addListener(kept);
      two.addListener(compared);
      for (chunk = 0; chunk < tokens.length; chunk += CHUNK) {
        int end = Math.min(tokens.length, chunk + CHUNK);
        int[] next = Arrays.copyOfRange(tokens, chunk, end);
        one.append(next);
        two.append(next);
        progress.accept(end);
      }
    }
    before += tokens.length;
  }

  Divergence divergence(int windows, double threshold) {
    List<Divergence.LayerDifference> layers = new ArrayList<>();
    for (int layer = 0; layer < differences.length - 1; layer++) {
      layers.add(difference(layer + 1, layer));
    }
    return new Divergence(
        before,
        windows,
        spread(),
        (double) agreements / before,
        mean(surprisal),
        mean(otherSurprisal),
        hasLayers ? Optional.of(difference(0, 0)) : Optional.empty(),
        layers,
        threshold);
  }

  private OptionalDouble mean(double sum) {
    return foreseen == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / foreseen);
  }

  private Divergence.LayerDifference difference(int stream, int layer) {
    double count = (double) before * model.info().width();
    return new Divergence.LayerDifference(
        layer, differences[stream] / count, magnitudes[stream] / count);
  }

  private Divergence.Spread spread() {
    double sum = 0;
    int worst = 0;
    for (int i = 0; i < kl.length; i++) {
      sum += kl[i];
      worst = kl[i] > kl[worst] ? i : worst;
    }
    double[] sorted = kl.clone();
    Arrays.sort(sorted);
    return new Divergence.Spread(
        sum / kl.length,
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 95),
        percentile(sorted, 99),
        kl[worst],
        worst);
  }

  /// The nearest rank: the smallest number that so many per cent are not above.
  private static double percentile(double[] sorted, int percent) {
    return sorted[Math.toIntExact(Math.ceilDiv((long) sorted.length * percent, 100)) - 1];
  }

  /// The points that both models are watched at.
  private ObservationPlan points() {
    Point logits = Hook.LOGITS.all().everyPosition();
    return hasLayers
        ? ObservationPlan.of(
            Hook.RESID_PRE.layer(0).everyPosition(),
            Hook.RESID_POST.allLayers().everyPosition(),
            logits)
        : ObservationPlan.of(logits);
  }

  /// 0 for what goes into the first layer, n + 1 for what comes out of layer n.
  private static int stream(Activation activation) {
    return activation.hook() == Hook.RESID_PRE ? 0 : activation.layer().orElseThrow() + 1;
  }

  /// Keeps the numbers of the one model, of a chunk.
  private final class Kept implements StepListener {
    private final float[][] logits; // [row][V]
    private final float[][] residual; // [stream][row M]

    Kept(float[][] logits, float[][] residual) {
      this.logits = logits;
      this.residual = residual;
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return points();
    }

    @Override
    public void onActivation(Activation activation) {
      int first = activation.firstPosition() - chunk;
      if (activation.hook() == Hook.LOGITS) {
        for (int row = 0; row < activation.rows(); row++) {
          activation.tensor().copyRow(row, logits[first + row]);
        }
      } else {
        float[] values = activation.tensor().copy();
        int width = values.length / activation.rows();
        System.arraycopy(values, 0, residual[stream(activation)], first * width, values.length);
      }
    }
  }

  /// Compares the numbers of the other model with those.
  private final class Compared implements StepListener {
    private final float[] logits; // [V]
    private final float[] residual; // [M]

    Compared(float[] logits, float[] residual) {
      this.logits = logits;
      this.residual = residual;
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return points();
    }

    @Override
    public void onActivation(Activation activation) {
      for (int row = 0; row < activation.rows(); row++) {
        int position = activation.firstPosition() + row;
        if (activation.hook() == Hook.LOGITS) {
          activation.tensor().copyRow(row, logits);
          compareLogits(position, kept.logits[position - chunk]);
        } else {
          activation.tensor().copyRow(row, residual);
          compareStreams(stream(activation), (position - chunk) * residual.length);
        }
      }
    }

    private void compareLogits(int position, float[] ours) {
      kl[before + position] = Uncertainty.divergence(ours, logits);
      agreements += argmax(ours) == argmax(logits) ? 1 : 0;
      if (position + 1 < tokens.length) {
        foreseen++;
        surprisal += Uncertainty.surprisal(ours, tokens[position + 1]);
        otherSurprisal += Uncertainty.surprisal(logits, tokens[position + 1]);
      }
    }

    private void compareStreams(int stream, int at) {
      double difference = 0;
      double magnitude = 0;
      for (int i = 0; i < residual.length; i++) {
        float ours = kept.residual[stream][at + i];
        difference += Math.abs((double) ours - residual[i]);
        magnitude += Math.abs(ours);
      }
      differences[stream] += difference;
      magnitudes[stream] += magnitude;
    }

    private static int argmax(float[] values) {
      int best = 0;
      for (int i = 1; i < values.length; i++) {
        best = values[i] > values[best] ? i : best;
      }
      return best;
    }
  }
}
