package dev.inferno.benchmarks;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.internal.quant.BlockFormats;
import org.junit.jupiter.api.Test;

final class MainTest {

  @Test
  void measuresEveryFormatUnlessToldOtherwise() {
    String everyFormat =
        BlockFormats.all().stream()
            .map(format -> format.type().name())
            .collect(joining(",", "format=", ""));
    assertThat(Main.withFormats("Matrix", "-p", "threads=1"))
        .containsExactly("Matrix", "-p", "threads=1", "-p", everyFormat);
  }

  @Test
  void leavesFormatsThatWereNamed() {
    String[] args = {"Matrix", "-p", "format=Q8_0"};
    assertThat(Main.withFormats(args)).isSameAs(args);
  }
}
