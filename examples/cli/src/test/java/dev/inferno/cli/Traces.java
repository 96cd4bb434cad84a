package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;

/// What tests of `trace` do alike.
final class Traces {
  private Traces() {}

  static String model(String name) {
    return Fixtures.copied("arch/" + name + "/model-f32.gguf").toString();
  }

  static void trace(String... arguments) {
    String[] all = Stream.concat(Stream.of("trace"), Stream.of(arguments)).toArray(String[]::new);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
  }

  static void close(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        assertThat(actual[i])
            .as("%s[%d]", what, i)
            .isEqualTo(expected[i], within((float) tolerance));
      }
    }
  }
}
