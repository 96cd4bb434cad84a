package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What rounding does to a model's numbers, and what it leaves alone.
class RoundedActivationsTest {
  private static final int[] STEPS = {11, 4, 200, 31, 7, 90, 3, 15};

  private static Model load(String type, boolean rounded) throws IOException {
    LoadOptions options = LoadOptions.defaults();
    return Model.load(
        Fixtures.copied("quant/llama-256/model-" + type + ".gguf"),
        rounded ? options.roundedActivations() : options);
  }

  /// The logits behind steps of one token each.
  private static float[] logits(Session session) {
    for (int id : STEPS) {
      session.append(id);
    }
    return session.logits().copy();
  }

  private static double norm(float[] x) {
    double sum = 0;
    for (float value : x) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K_M", "Q5_K_M", "Q6_K"})
  void theLogitsOfStepsChangeByAFewHundredths(String type) throws IOException {
    try (Model exact = load(type, false);
        Model rounded = load(type, true);
        Session exactly = exact.newSession();
        Session roundly = rounded.newSession()) {
      float[] expected = logits(exactly);
      float[] actual = logits(roundly);
      float[] difference = new float[expected.length];
      for (int i = 0; i < difference.length; i++) {
        difference[i] = actual[i] - expected[i];
      }
      assertThat(norm(difference) / norm(expected)).isBetween(1e-4, 0.04);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "Q8_0"})
  void otherFormatsAreAsTheyWere(String type) throws IOException {
    try (Model exact = load(type, false);
        Model rounded = load(type, true);
        Session exactly = exact.newSession();
        Session roundly = rounded.newSession()) {
      assertThat(logits(roundly)).isEqualTo(logits(exactly));
    }
  }

  @Test
  void aLongPromptIsAsItWasUpToTheHead() throws IOException {
    int[] prompt = new int[40];
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = 3 * i + 5;
    }
    float[][] last = new float[2][];
    for (int i = 0; i < 2; i++) {
      int at = i;
      try (Model model = load("Q4_1", i == 1);
          Session session = model.newSession()) {
        session.observe(Hook.RESID_PRE.layer(1), seen -> last[at] = seen.tensor().copy());
        session.append(prompt);
      }
    }
    assertThat(last[1]).isEqualTo(last[0]);
  }

  @Test
  void aStepIsTheSameWatchedAndInAFork() throws IOException {
    try (Model model = load("Q4_K_M", true);
        Session alone = model.newSession();
        Session watched = model.newSession(SessionOptions.defaults().threads(1))) {
      watched.observe(Hook.RESID_POST.allLayers(), _ -> {});
      float[] expected = logits(alone);
      assertThat(logits(watched)).isEqualTo(expected);
      try (Session fork = watched.fork()) {
        alone.append(9);
        fork.append(9);
        assertThat(fork.logits().copy()).isEqualTo(alone.logits().copy());
      }
    }
  }
}
