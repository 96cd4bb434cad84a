package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class KeptRunsTest {
  private final KeptRuns kept = new KeptRuns(3 * 8);

  private static List<Tensor> tensor(float value) {
    return List.of(
        new Tensor("t", List.of("query", "key"), new int[] {1, 2}, 0, new float[] {value, value}));
  }

  @Test
  void theOldestStepsGoAndTheNextOneIsNamed() {
    assertThat(kept.add("a", 0, tensor(1))).isNull();
    assertThat(kept.add("a", 1, tensor(2))).isNull();
    assertThat(kept.add("b", 0, tensor(3))).isNull();
    assertThat(kept.add("b", 1, tensor(4))).isEqualTo(new Wire.StepName("a", 1));
    assertThat(kept.add("b", 2, tensor(5))).isEqualTo(new Wire.StepName("b", 0));

    assertThatThrownBy(() -> kept.tensor("a", 1, "t"))
        .isInstanceOf(KeptRuns.GoneException.class)
        .hasMessage(
            "t of step 1 of run a is not kept, or not any more; kept of that step: nothing");
    assertThatThrownBy(() -> kept.tensors("a", 9, "t")).isInstanceOf(KeptRuns.GoneException.class);
    assertThat(kept.tensor("b", 0, "t").values()).containsExactly(3, 3);
    assertThat(kept.tensors("b", 1, "t")).hasSize(2);
  }

  @Test
  void aStepIsKeptHoweverLargeItIs() {
    var large = new Tensor("t", List.of("token"), new int[] {100}, 0, new float[100]);
    assertThat(kept.add("a", 0, List.of(large))).isNull();
    assertThat(kept.add("a", 1, List.of(large))).isEqualTo(new Wire.StepName("a", 1));
    assertThat(kept.tensor("a", 1, "t").values()).hasSize(100);
  }
}
