package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What comes later changes nothing before it, however large it is and however it is stored: of a
/// page of keys and values a row takes in what it sees alone.
class CausalityTest {
  private static float[] results(Model model, KeyValueType type, int length, float value) {
    var captured = new Captured(Hook.Z.name(1));
    try (Session session = model.newSession(SessionOptions.defaults().keyValueType(type))) {
      session.addListener(captured);
      session.intervene(Hook.V.layer(1).positions(length - 1).set(value));
      session.append(IntStream.rangeClosed(1, length).toArray());
    }
    float[] z = captured.array(Hook.Z.name(1));
    return Arrays.copyOf(z, z.length / length * (length - 1));
  }

  @ParameterizedTest
  @EnumSource
  void aValueBeyondHalfPrecisionReachesNoEarlierRow(KeyValueType type) throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"))) {
      for (int length : new int[] {12, 40}) { // both classes of kernels
        assertThat(results(model, type, length, 1e30f))
            .as("%s, %d tokens", type, length)
            .isEqualTo(results(model, type, length, 1));
      }
    }
  }
}
