package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShownNumberTest {

  @ParameterizedTest
  @CsvSource({
    "99.94 %, 0.99936",
    "4.1·10⁻⁵ %, 4.12e-7",
    "> 99.99 %, 0.99997",
    "0.21 ms, 212345",
    "12.3 µs, 12345",
    "-1.50, -1.4996",
    "7, 7",
    "5e-324, 5e-324",
    "-∞, '\"-Infinity\"'"
  })
  void whatIsRoundedIsTheValue(String text, String json) throws IOException {
    assertThat(ShownNumber.isOf(text, Json.read(json.getBytes(UTF_8)))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "99.94 %, 0.99946",
    "4.1·10⁻⁵ %, 4.12e-6",
    "> 99.99 %, 0.9999",
    "0.21 ms, 222345",
    "-1.50, 1.4996",
    "7, 8",
    "some, 1"
  })
  void whatIsAnotherNumberIsNot(String text, String json) throws IOException {
    assertThat(ShownNumber.isOf(text, Json.read(json.getBytes(UTF_8)))).isFalse();
  }
}
