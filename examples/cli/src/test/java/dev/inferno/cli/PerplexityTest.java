package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `perplexity`, with the bundled model.
final class PerplexityTest {
  private static final String TEXT = "Once upon a time, there was a tiny boy named Hugo. <|end|>";

  @TempDir private Path folder;

  private String text(String text) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), text).toString();
  }

  @ParameterizedTest
  @CsvSource({"512, 1, 0", "8, 3, 0", "17, 1, 1"})
  void isThatOfEachWindowAlone(int window, int windows, int leftOut) throws IOException {
    double nll = 0;
    int foreseen = 0;
    int tokens;
    try (Model model = Model.load(BundledModel.bytes(), BundledModel.NAME);
        Session session =
            model.newSession(SessionOptions.defaults().keyValueType(KeyValueType.F32))) {
      int[] ids =
          model
              .tokenizer()
              .encode(TEXT, dev.inferno.tokenizer.EncodeOptions.prompt().withParsedSpecials(false))
              .ids();
      tokens = ids.length;
      assertThat(ids[0]).isEqualTo(2043);
      for (int i = 0; i < ids.length; i++) {
        if (i % window == 0) {
          session.rewind(session.length());
        } else {
          nll -= Math.log(session.logits().probability(ids[i]));
          foreseen++;
        }
        session.append(ids[i]);
      }
    }

    CommandRun run = CommandRun.of("perplexity", "--file", text(TEXT), "--ctx=" + window, "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).hasLineCount(windows).startsWith("window 1 of " + windows);
    JsonNode json = run.json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("perplexity", "nll", "tokens", "windows");
    assertThat(json.required("nll").doubleValue()).isEqualTo(nll / foreseen, within(1e-4));
    assertThat(json.required("perplexity").doubleValue())
        .isEqualTo(Math.exp(json.required("nll").doubleValue()));
    assertThat(json.required("tokens").intValue()).isEqualTo(tokens - leftOut);
    assertThat(json.required("windows").intValue()).isEqualTo(windows);
  }

  @Test
  void isALineForPeople() throws IOException {
    CommandRun run = CommandRun.of("perplexity", "--file", text(TEXT));
    assertThat(run.out())
        .matches("perplexity [\\d.]+ \\(mean -ln p [\\d.]+, \\d+ tokens in 1 windows\\)\n");
  }

  @Test
  void aTextTooShortIsAFailure() throws IOException {
    CommandRun run = CommandRun.of("perplexity", "--file", text(""));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("a text of 1 tokens; perplexity needs at least 2");
    assertThat(CommandRun.of("perplexity", "--file=nofile").err())
        .isEqualTo("inferno perplexity: nofile: no such file\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--ctx=1", "--ctx=x", "--threads=0", "--bogus"})
  void whatMakesNoSenseIsNotUnderstood(String option) throws IOException {
    assertThat(CommandRun.of("perplexity", "--file", text(TEXT), option).exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("perplexity").exitCode()).isEqualTo(2);
  }
}
