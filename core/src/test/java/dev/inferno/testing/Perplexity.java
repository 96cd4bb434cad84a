package dev.inferno.testing;

import dev.inferno.ModelInfo;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;

/// A listener that measures how surprised a model is by a text: exp of the mean of -ln p over all
/// tokens but the first.
public final class Perplexity implements StepListener {
  private final int[] ids;
  private double sum;
  private int tokens;

  /// Of a text of these tokens, appended to an empty session.
  public Perplexity(int[] ids) {
    this.ids = ids.clone();
  }

  @Override
  public ObservationPlan plan(ModelInfo model) {
    return ObservationPlan.of(Hook.LOGITS.all().everyPosition());
  }

  @Override
  public void onActivation(Activation activation) {
    int[] positions = activation.positions();
    float[] row = new float[activation.tensor().shape()[1]];
    for (int i = 0; i < positions.length && positions[i] + 1 < ids.length; i++) {
      activation.tensor().copyRow(i, row);
      sum -= logProbability(row, ids[positions[i] + 1]);
      tokens++;
    }
  }

  private static double logProbability(float[] logits, int id) {
    double max = logits[Compare.argmax(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return logits[id] - max - Math.log(sum);
  }

  /// How many tokens were measured.
  public int tokens() {
    return tokens;
  }

  /// The perplexity.
  public double value() {
    return Math.exp(sum / tokens);
  }
}
