package dev.inferno.benchmarks;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  /// Every benchmark method by its name, and its parameters.
  private static final Map<String, Map<String, String[]>> BENCHMARKS = benchmarks();

  private static Map<String, Map<String, String[]>> benchmarks() {
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .stream()
        .collect(
            toMap(
                BenchmarkListEntry::getUsername,
                entry -> entry.getParams().orElse(Map.of()),
                (first, second) -> first,
                TreeMap::new));
  }

  static Set<String> benchmarkMethods() {
    return BENCHMARKS.keySet();
  }

  @ParameterizedTest
  @MethodSource("benchmarkMethods")
  void runsOnce(String benchmark) throws RunnerException {
    ChainedOptionsBuilder once =
        new OptionsBuilder()
            .include("^" + benchmark.replace(".", "\\.") + "$")
            .forks(0)
            .mode(Mode.SingleShotTime)
            .warmupIterations(0)
            .measurementIterations(1)
            .timeout(TimeValue.minutes(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    BENCHMARKS
        .get(benchmark)
        .forEach((name, values) ->
            once.param(name, name.equals("format") ? Main.formats() : new String[] {values[0]}));
    assertThat(new Runner(once.build()).run()).as("results of %s", benchmark).isNotEmpty();
  }

  @Test
  void everyClassNamedBenchmarkIsKnownToJmh() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      assertThat(sources.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.endsWith("Benchmark.java"))
          .map(name -> "." + name.replace(".java", "."))
          .isNotEmpty()
          .allSatisfy(name -> assertThat(benchmarkMethods()).anyMatch(it -> it.contains(name)));
    }
  }
}
