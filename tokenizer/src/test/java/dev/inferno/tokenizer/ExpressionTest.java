package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Regular expressions of a `tokenizer.json` on long texts.
class ExpressionTest {

  @TempDir private Path folder;

  private Tokenizer tokenizer(String expression) {
    return new TokenizerFolder(folder)
        .read(
            "one.json",
            """
            {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "%s"}, "behavior": "Isolated"},
             "model": {"type": "WordLevel", "vocab": {"a": 0, "<unk>": 1}, "unk_token": "<unk>"}}
            """
                .formatted(expression));
  }

  @Test
  @Timeout(60)
  void repeatedGroupsMayGoOnForLong() {
    String text = "a".repeat(100_000);
    assertThat(tokenizer("(?:a|b)+").encode(text).ids()).containsExactly(1);
  }

  @Test
  void aPlusBehindAnIntervalRepeatsOnceMore() {
    assertThat(tokenizer("[ab]{2}+").encode("ababa").ids()).containsExactly(1, 0);
    assertThat(tokenizer("(?:[ab]c){2}+").encode("acbcaca").ids()).containsExactly(1, 1);
  }
}
