package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class BundledModelTest {

  @Test
  void isAGgufFileOfTwoMegabytes() throws IOException {
    byte[] bytes = BundledModel.bytes();
    assertThat(new String(Arrays.copyOf(bytes, 4), US_ASCII)).isEqualTo("GGUF");
    assertThat(bytes).hasSize(2_024_224);
  }

  @Test
  void comesWithACardThatNamesItsLicence() throws IOException {
    assertThat(BundledModel.card()).startsWith("# Inferno Tiny").contains("CC0-1.0");
  }
}
