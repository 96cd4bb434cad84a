package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProductWarmUpTest {
  @ParameterizedTest
  @EnumSource(GgmlType.class)
  void everyFormatIsTakenAndGivenUpWhenNobodyWantsItAnyMore(GgmlType type) {
    var asked = new AtomicInteger();
    var warmUp = new ProductWarmUp(KernelSets.best());
    warmUp.add(type, 512);
    warmUp.run(() -> asked.incrementAndGet() < 6);
    assertThat(asked.get()).isLessThanOrEqualTo(6);
  }
}
