package dev.inferno.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.internal.quant.BlockFormats;
import org.junit.jupiter.api.Test;

final class MainTest {

  @Test
  void measuresEveryFormatUnlessToldOtherwise() {
    assertThat(Main.withFormats("Matrix", "-p", "threads=1"))
        .startsWith("Matrix", "-p", "threads=1", "-p")
        .last()
        .asString()
        .startsWith("format=F32,")
        .matches("format=\\w+(,\\w+){%d}".formatted(BlockFormats.all().size() - 1));
  }

  @Test
  void leavesFormatsThatWereNamed() {
    String[] args = {"Matrix", "-p", "format=Q8_0"};
    assertThat(Main.withFormats(args)).isSameAs(args);
  }
}
