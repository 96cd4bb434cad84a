package dev.inferno.benchmarks;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// A benchmark that nobody runs rots: here every one is called once, in this JVM, with each of its
/// parameters. What it takes says nothing.
final class EveryBenchmarkRunsTest {

  static Set<String> benchmarkClasses() {
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .stream()
        .map(BenchmarkListEntry::getUserClassQName)
        .collect(toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @MethodSource("benchmarkClasses")
  void runsOnce(String benchmarkClass) throws RunnerException {
    var once =
        new OptionsBuilder()
            .include("^" + Pattern.quote(benchmarkClass) + "\\.")
            .forks(0)
            .mode(Mode.SingleShotTime)
            .warmupIterations(0)
            .measurementIterations(1)
            .timeout(TimeValue.minutes(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    assertThat(new Runner(once).run()).as("results of %s", benchmarkClass).isNotEmpty();
  }

  @Test
  void everyClassNamedBenchmarkIsKnownToJmh() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      assertThat(sources.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.endsWith("Benchmark.java"))
          .map(name -> name.replace(".java", ""))
          .isNotEmpty()
          .allSatisfy(
              name -> assertThat(benchmarkClasses()).anyMatch(known -> known.endsWith("." + name)));
    }
  }
}
