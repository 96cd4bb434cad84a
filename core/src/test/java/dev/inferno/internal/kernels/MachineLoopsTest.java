package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The loops that load the machine do what they say, or what they measure would be something else.
class MachineLoopsTest {

  static Stream<MachineLoops> loops() {
    return Stream.concat(Stream.of(KernelSets.scalar()), KernelSets.vector().stream())
        .map(Kernels::machineLoops);
  }

  @ParameterizedTest
  @MethodSource("loops")
  void everyLongIsReadOnce(MachineLoops loops) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(4096, 64);
      long[] numbers = new Random(1).longs(512).toArray();
      MemorySegment.copy(numbers, 0, data, ValueLayout.JAVA_LONG, 0, 512);
      long expected = 0;
      for (int i = 64; i < 320; i++) {
        expected += numbers[i];
      }
      assertThat(loops.read(data, 64 * Long.BYTES, 320 * Long.BYTES)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("loops")
  void everyChainTakesEveryRound(MachineLoops loops) {
    for (int rounds : new int[] {0, 1, 2, 1000}) {
      double first = 5.5 / MachineLoops.CHAINS;
      double left = Math.pow(0.999, rounds);
      double mean = loops.lanes() == 1 ? first * left + (1 - left) : first + rounds / 8.0;
      assertThat((double) loops.multiplyAdds(rounds)).isCloseTo(mean, within(1e-4 * (1 + mean)));
    }
  }

  @ParameterizedTest
  @MethodSource("loops")
  void lanesFillTheVector(MachineLoops loops) {
    int bits = loops.vectorBits();
    assertThat(loops.lanes()).isEqualTo(bits == 0 ? 1 : bits / Float.SIZE);
  }
}
