package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KernelSetsTest {

  @Test
  void theVectorSetIsChosenWhereTheMachineCanFuseAndThePropertyOverrules() {
    assertThat(KernelSets.choose("").name())
        .startsWith(FusedMultiplyAdd.AVAILABLE ? "vector, " : "scalar");
    assertThat(KernelSets.choose("scalar").name()).isEqualTo("scalar");
    assertThatThrownBy(() -> KernelSets.choose("gpu"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the property inferno.kernels must be 'scalar' or 'vector', but is 'gpu'");
  }

  @Test
  void askingForTheVectorSetInVainIsAnErrorThatSaysWhy() {
    if (FusedMultiplyAdd.AVAILABLE) {
      assertThat(KernelSets.choose("vector")).isSameAs(KernelSets.vector().orElseThrow());
    } else {
      assertThatThrownBy(() -> KernelSets.choose("vector"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no fused multiply-add");
    }
  }
}
