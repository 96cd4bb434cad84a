package dev.inferno.benchmarks;

import dev.inferno.format.GgmlType;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Is a walk over all types fast enough to find the one with a given id, once per tensor of a file?
/// A large model has some thousand tensors.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class TypeLookupBenchmark {

  /// The first type of the table, the last one, and none.
  @Param({"0", "42", "99"})
  private int id;

  /// The type with this id.
  @Benchmark
  public Optional<GgmlType> find() {
    return GgmlType.of(id);
  }
}
