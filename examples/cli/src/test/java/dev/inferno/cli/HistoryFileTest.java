package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HistoryFileTest {
  private static final Path HOME = Path.of("home");

  @Test
  void linesAreRememberedWhereProgramsOfASystemKeepSuchThings() {
    assertThat(HistoryFile.of("Linux", HOME, Map.of()))
        .isEqualTo(Path.of("home/.local/state/inferno/chat_history"));
    assertThat(HistoryFile.of("Linux", HOME, Map.of("XDG_STATE_HOME", "states")))
        .isEqualTo(Path.of("states/inferno/chat_history"));
    assertThat(HistoryFile.of("Mac OS X", HOME, Map.of("XDG_STATE_HOME", "")))
        .isEqualTo(Path.of("home/Library/Application Support/inferno/chat_history"));
    assertThat(HistoryFile.of("Windows 11", HOME, Map.of()))
        .isEqualTo(Path.of("home/AppData/Local/Inferno/chat_history"));
    assertThat(HistoryFile.of("Windows 11", HOME, Map.of("LOCALAPPDATA", "local")))
        .isEqualTo(Path.of("local/Inferno/chat_history"));
  }
}
