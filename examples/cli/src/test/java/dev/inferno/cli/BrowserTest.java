package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BrowserTest {
  private static final URI ADDRESS = URI.create("http://127.0.0.1:4646/#token=a");

  @Test
  void theSystemOpensTheAddress() {
    assertThat(Browser.command("Windows 11", Map.of(), ADDRESS))
        .contains(List.of("rundll32", "url.dll,FileProtocolHandler", ADDRESS.toString()));
    assertThat(Browser.command("Mac OS X", Map.of(), ADDRESS))
        .contains(List.of("open", ADDRESS.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DISPLAY", "WAYLAND_DISPLAY"})
  void linuxOpensItWhereThereIsADisplay(String variable) {
    assertThat(Browser.command("Linux", Map.of(variable, ":0"), ADDRESS))
        .contains(List.of("setsid", "xdg-open", ADDRESS.toString()));
    assertThat(Browser.command("Linux", Map.of(variable, ""), ADDRESS)).isEmpty();
    assertThat(Browser.command("Linux", Map.of(), ADDRESS)).isEmpty();
  }

  @Test
  void aProgramThatIsNotThereIsALineAndNoFailure() {
    var err = new ByteArrayOutputStream();
    Browser.start(List.of("no-such-program", "a"), new PrintStream(err, true, UTF_8));
    assertThat(err.toString(UTF_8))
        .startsWith("No browser was opened by no-such-program (")
        .endsWith("): open the address in one.\n")
        .hasLineCount(1);
  }
}
