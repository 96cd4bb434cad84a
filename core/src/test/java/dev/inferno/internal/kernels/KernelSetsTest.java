package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KernelSetsTest {

  @Test
  void theVectorSetIsChosenWhereItsModuleIsAndThePropertyOverrules() {
    assertThat(KernelSets.choose("").name()).startsWith("vector, ");
    assertThat(KernelSets.choose("vector")).isSameAs(KernelSets.vector().orElseThrow());
    assertThat(KernelSets.choose("scalar").name()).isEqualTo("scalar");
    assertThatThrownBy(() -> KernelSets.choose("gpu"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the property inferno.kernels must be 'scalar' or 'vector', but is 'gpu'");
  }
}
