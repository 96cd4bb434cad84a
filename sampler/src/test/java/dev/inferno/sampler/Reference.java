package dev.inferno.sampler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// What the optimised candidates must equal: everything sorted, everything summed in order.
final class Reference {
  record Token(int id, float logit) {}

  private Reference() {}

  static List<Token> inFallingOrder(float[] logits) {
    List<Token> tokens = new ArrayList<>();
    for (int id = 0; id < logits.length; id++) {
      if (logits[id] > Float.NEGATIVE_INFINITY) {
        tokens.add(new Token(id, logits[id]));
      }
    }
    tokens.sort(
        Comparator.comparingDouble((Token token) -> -(double) token.logit)
            .thenComparingInt(Token::id));
    return tokens;
  }

  /// Cumulative probabilities in the order of the tokens.
  static double[] cumulative(List<Token> tokens) {
    double max = tokens.get(0).logit;
    double total = 0;
    for (Token token : tokens) {
      total += StrictMath.exp(token.logit - max);
    }
    double[] sums = new double[tokens.size()];
    double sum = 0;
    for (int i = 0; i < sums.length; i++) {
      sum += StrictMath.exp(tokens.get(i).logit - max) / total;
      sums[i] = sum;
    }
    return sums;
  }

  static int draw(List<Token> tokens, double u) {
    double[] sums = cumulative(tokens);
    for (int i = 0; i < sums.length; i++) {
      if (sums[i] > u) {
        return tokens.get(i).id;
      }
    }
    return tokens.get(sums.length - 1).id;
  }

  static List<Token> topP(List<Token> tokens, double p) {
    double[] sums = cumulative(tokens);
    int kept = 1;
    while (kept < sums.length && sums[kept - 1] < p) {
      kept++;
    }
    return tokens.subList(0, kept);
  }

  /// Gaussian logits; with ties if `steps` is above 0, the number of values per unit.
  static float[] logits(int size, double deviation, int steps, long seed) {
    Random random = new Random(seed);
    float[] logits = new float[size];
    for (int i = 0; i < size; i++) {
      float logit = (float) (random.nextGaussian() * deviation);
      logits[i] = steps > 0 ? Math.round(logit * steps) / (float) steps : logit;
    }
    return logits;
  }
}
