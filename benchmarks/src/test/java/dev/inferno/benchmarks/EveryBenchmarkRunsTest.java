package dev.inferno.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// A benchmark that nobody runs rots: here every one is called once, in this JVM, with the first,
/// smallest value of each parameter, and with every block format. What it takes says nothing.
final class EveryBenchmarkRunsTest {

  static Set<BenchmarkListEntry> benchmarks() {
    return BenchmarkList.defaultList()
        .getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
  }

  @ParameterizedTest
  @MethodSource("benchmarks")
  void runsOnce(BenchmarkListEntry benchmark) throws RunnerException {
    ChainedOptionsBuilder once =
        new OptionsBuilder()
            .include("^" + Pattern.quote(benchmark.getUsername()) + "$")
            .forks(0)
            .mode(Mode.SingleShotTime)
            .warmupIterations(0)
            .measurementIterations(1)
            .timeout(TimeValue.minutes(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    int expected = 1;
    for (var parameter : benchmark.getParams().orElse(Map.of()).entrySet()) {
      boolean format = parameter.getKey().equals("format");
      String[] values = format ? Main.formats() : new String[] {parameter.getValue()[0]};
      once.param(parameter.getKey(), values);
      expected *= values.length;
    }
    assertThat(new Runner(once.build()).run()).as("results of %s", benchmark).hasSize(expected);
  }

  @Test
  void everyClassNamedBenchmarkIsKnownToJmh() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      assertThat(sources.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.endsWith("Benchmark.java"))
          .map(name -> "." + name.replace(".java", "."))
          .isNotEmpty()
          .allSatisfy(
              name -> assertThat(benchmarks()).anyMatch(it -> it.getUsername().contains(name)));
    }
  }
}
