package dev.inferno.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The expected values are those of a few lines of Python with integers of any length.
class DrawTest {
  record Golden(long seed, List<Double> u) {}

  static Golden[] goldens() {
    return new Golden[] {
      new Golden(
          0,
          List.of(
              0x1.c4415072f63b9p-1,
              0x1.b9e279aa86e58p-2,
              0x1.b117462002500p-6,
              0x1.f1177150e4990p-1,
              0x1.b39896a51a870p-4,
              0x1.4f2e7c31d1fa8p-2,
              0x1.6414d5f0fa298p-3,
              0x1.8b082675922d5p-1,
              0x1.f72bc4820e4c4p-3,
              0x1.e77091186d196p-1)),
      new Golden(
          42,
          List.of(
              0x1.7bae644c5fd6dp-1,
              0x1.477f199d93378p-3,
              0x1.1d499d5c4c3e6p-2,
              0x1.607387fc392b8p-2,
              0x1.378b0b4489040p-5,
              0x1.bc8863f47901bp-1,
              0x1.bf4b38e229bb4p-3,
              0x1.99ec6bdd3d3c5p-1,
              0x1.5c16e1dc2cf5ep-2,
              0x1.3ca9ae7052feep-1)),
      new Golden(
          -1,
          List.of(
              0x1.c9b2e2ee36ca5p-1,
              0x1.d33ff0cfb7ed0p-1,
              0x1.c17fc26593940p-3,
              0x1.b476cdb32ea60p-2,
              0x1.69408e5caf00dp-1,
              0x1.a63b5b7b48717p-1,
              0x1.e29e59f004107p-1,
              0x1.017690e28e7a0p-2,
              0x1.89fd4e102adc1p-1,
              0x1.8f287f3ddeb40p-7)),
      new Golden(
          0x123456789ABCDEFL,
          List.of(
              0x1.57a3807a48fa8p-4,
              0x1.aae6a5366943ap-1,
              0x1.7c85b974cb6e4p-3,
              0x1.45a83266988ccp-1,
              0x1.404ce91493800p-8,
              0x1.4bc574c2a2b48p-4,
              0x1.71f8b620c0e11p-1,
              0x1.1262a8be9f3d4p-1,
              0x1.f309b69de29fbp-1,
              0x1.3406832e5b9f4p-3))
    };
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void theFirstTenNumbersOfASeedAreThoseOfSplitMix64(Golden golden) {
    assertThat(IntStream.range(0, 10).mapToObj(n -> Draw.of(golden.seed(), n).u()).toList())
        .isEqualTo(golden.u());
  }
}
