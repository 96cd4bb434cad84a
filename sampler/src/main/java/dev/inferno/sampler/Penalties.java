package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#penalties} and its three parts.
///
/// @param parameters what was asked for, which is less than everything for one of the parts
record Penalties(
    String name,
    int lastN,
    float repetition,
    float frequency,
    float presence,
    Map<String, Object> parameters)
    implements SamplerStage {
  static final int WHOLE_HISTORY = -1;

  static Penalties all(int lastN, float repetition, float frequency, float presence) {
    Map<String, Object> parameters =
        Parameters.inOrder(
            "lastN", lastN,
            "repetition", repetition,
            "frequency", frequency,
            "presence", presence);
    return checked("penalties", lastN, repetition, frequency, presence, parameters);
  }

  static Penalties repetition(float penalty, int lastN) {
    return checked("repetition-penalty", lastN, penalty, 0, 0, one(penalty, lastN));
  }

  static Penalties frequency(float penalty, int lastN) {
    return checked("frequency-penalty", lastN, 1, penalty, 0, one(penalty, lastN));
  }

  static Penalties presence(float penalty, int lastN) {
    return checked("presence-penalty", lastN, 1, 0, penalty, one(penalty, lastN));
  }

  private static Map<String, Object> one(float penalty, int lastN) {
    return Parameters.inOrder("penalty", penalty, "lastN", lastN);
  }

  private static Penalties checked(
      String name,
      int lastN,
      float repetition,
      float frequency,
      float presence,
      Map<String, Object> parameters) {
    Ranges.atLeast("lastN", WHOLE_HISTORY, lastN);
    Ranges.finiteFrom("repetitionPenalty", 0, false, repetition);
    Ranges.finite("frequencyPenalty", frequency);
    Ranges.finite("presencePenalty", presence);
    return new Penalties(name, lastN, repetition, frequency, presence, parameters);
  }

  /// Visits the smaller side: the tokens of the history, or the candidates that are left.
  @Override
  public void apply(Candidates candidates, History history) {
    if (lastN == 0 || (repetition == 1 && frequency == 0 && presence == 0)) {
      return;
    }
    History.Tally tally = history.tally(lastN);
    if (candidates.complete()) {
      for (int i = 0; i < tally.size(); i++) {
        int id = tally.id(i);
        penalize(candidates, candidates.indexOf(id), tally.count(id));
      }
    } else {
      for (int i = 0; i < candidates.size(); i++) {
        int count = tally.count(candidates.id(i));
        if (count > 0) {
          penalize(candidates, i, count);
        }
      }
    }
  }

  private void penalize(Candidates candidates, int i, int count) {
    float logit = candidates.logit(i);
    float repeated = logit <= 0 ? logit * repetition : logit / repetition;
    candidates.setLogit(i, repeated - (count * frequency + presence));
  }
}
