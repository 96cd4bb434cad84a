package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Model files that are damaged or unusual, as their manifest says what is to become of them.
final class MalformedGgufTest {
  /// Of the borderline files, those that are refused already when they are opened, as ggml does.
  private static final Set<String> REFUSED_POLICY =
      Set.of("bool_2", "arr_nested", "align_2p31", "offset_gap", "offset_unordered");

  /// Vocabularies that are tolerated with a warning.
  private static final Set<String> TOLERATED_VOCABULARIES =
      Set.of("tok_empty_text", "tok_eos_range", "tok_merge_no_space", "tok_merge_unknown");

  static Stream<Case> cases() {
    return Fixtures.json(Fixtures.copied("malformed/manifest.json"))
        .required("cases")
        .valueStream()
        .filter(row -> row.required("format").asText().equals("gguf"))
        .map(Case::of);
  }

  record Case(String file, String verdict, String reason) {
    static Case of(JsonNode row) {
      return new Case(
          row.required("file").asText(),
          row.required("verdict").asText(),
          row.required("reason").asText());
    }

    String path() {
      return Fixtures.copied("malformed/" + file).toString();
    }

    String name() {
      return file.substring(file.indexOf('/') + 1).replace(".gguf", "");
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void inspectShowsWhatIsWellFormed(Case file) {
    boolean opens =
        switch (file.verdict()) {
          case "reject" -> false;
          case "policy" -> !REFUSED_POLICY.contains(file.name());
          default -> true;
        };
    CommandRun table = CommandRun.of("inspect", file.path());
    CommandRun json = CommandRun.of("inspect", file.path(), "--json");
    assertThat(table.exitCode()).as("%s: %s", file.reason(), table.err()).isEqualTo(opens ? 0 : 1);
    assertThat(json.exitCode()).isEqualTo(opens ? 0 : 1);
    if (opens) {
      assertThat(table.out()).contains("GGUF version");
      assertThat(json.json().required("name").asText()).isEqualTo(file.name() + ".gguf");
    } else {
      assertThat(table.out()).isEmpty();
      assertThat(table.err()).startsWith("inferno inspect: " + file.name()).hasLineCount(1);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noneOfThemRuns(Case file) {
    CommandRun run = CommandRun.of("run", file.path(), "--prompt=a b", "--max-tokens=1");
    assertThat(run.exitCode()).as("%s: %s", file.reason(), run.err()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> !line.startsWith("warning: ")))
        .singleElement()
        .asString()
        .startsWith("inferno run: " + file.name() + ".gguf: ");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tokenizeToleratesWhatHarmsNoText(Case file) {
    CommandRun run = CommandRun.of("tokenize", file.path(), "--text=ab");
    boolean tolerated = TOLERATED_VOCABULARIES.contains(file.name());
    assertThat(run.exitCode()).as("%s: %s", file.reason(), run.err()).isEqualTo(tolerated ? 0 : 1);
  }
}
