/// Benchmarks, one class per question. Each names its JVM flags in `@Fork`, its inputs in `@Param`,
/// the smallest first, and returns its result, so that nothing it measures is optimised away.
@org.jspecify.annotations.NullMarked
package dev.inferno.benchmarks;
