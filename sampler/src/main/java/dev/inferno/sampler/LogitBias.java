package dev.inferno.sampler;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// See {@link SamplerStage#logitBias}.
final class LogitBias implements SamplerStage {
  private final int[] ids;
  private final float[] biases;

  private LogitBias(int[] ids, float[] biases) {
    this.ids = ids;
    this.biases = biases;
  }

  static LogitBias of(Map<Integer, Float> biasOfId) {
    int[] ids = new int[biasOfId.size()];
    float[] biases = new float[ids.length];
    int i = 0;
    for (Map.Entry<Integer, Float> entry : new TreeMap<>(biasOfId).entrySet()) {
      ids[i] = Ranges.atLeast("the id of a logit bias", 0, entry.getKey());
      biases[i] = entry.getValue();
      if (!(biases[i] < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the logit bias of token %d must be a number or -Infinity, but is %s"
                .formatted(ids[i], biases[i]));
      }
      i++;
    }
    return new LogitBias(ids, biases);
  }

  @Override
  public String name() {
    return "logit-bias";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (int i = 0; i < ids.length; i++) {
      parameters.put(Integer.toString(ids[i]), biases[i]);
    }
    return Collections.unmodifiableMap(parameters);
  }

  @Override
  public void apply(Candidates candidates, History history) {
    for (int i = 0; i < ids.length; i++) {
      int candidate = candidates.indexOf(ids[i]);
      if (candidate >= 0) {
        candidates.setLogit(candidate, candidates.logit(candidate) + biases[i]);
      }
    }
  }

  @Override
  public String toString() {
    return "LogitBias" + parameters();
  }
}
