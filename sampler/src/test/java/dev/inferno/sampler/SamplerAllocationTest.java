package dev.inferno.sampler;

import static dev.inferno.sampler.SamplerStage.logitBias;
import static dev.inferno.sampler.SamplerStage.minP;
import static dev.inferno.sampler.SamplerStage.penalties;
import static dev.inferno.sampler.SamplerStage.temperature;
import static dev.inferno.sampler.SamplerStage.topP;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerAllocationTest {
  private static final int ROUNDS = 4;
  private static final int SAMPLES = 250;

  static Stream<Arguments> samplers() {
    return Stream.of(49_152, 151_936)
        .flatMap(size ->
            Stream.of(
                    Sampler.greedy(),
                    Sampler.defaults(),
                    Sampler.chain(
                        logitBias(Map.of(3, 1f)),
                        penalties(-1, 1.1f, 0.1f, 0.1f),
                        minP(0.1f),
                        temperature(0.7f)),
                    Sampler.chain(topP(0.5f), temperature(0.7f)))
                .map(sampler -> Arguments.of(size, sampler)));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void nothingIsAllocatedPerToken(int size, Sampler sampler) {
    float[] logits = Reference.logits(size, 3, 0, 1);
    LogitStatistics statistics = LogitStatistics.of(logits);
    SamplerState state = sampler.start(1);
    state.reserve(2 * ROUNDS * SAMPLES);
    for (int i = 0; i < 50; i++) {
      state.next(statistics);
    }
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      least = Math.min(least, allocatedBytes(state, statistics));
    }
    assertThat(least).isZero();
  }

  /// Now and then the JVM charges some bytes to a thread whose code it replaces, so one round of
  /// several must be clean; what is allocated per token shows in every one.
  private static long allocatedBytes(SamplerState state, LogitStatistics statistics) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < SAMPLES; i++) {
      state.next(statistics);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
