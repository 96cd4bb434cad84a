package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TypedTextTest {
  @Test
  void aLineIsAMessageUnlessItBeginsWithASlash() {
    assertThat(TypedText.of("Hi  ")).isEqualTo(new TypedText("Hi  ", false));
    assertThat(TypedText.of("/help")).isEqualTo(new TypedText("/help", true));
    assertThat(TypedText.of(" \t").isBlank()).isTrue();
  }

  @Test
  void aBlockKeepsItsLinesAndIsNeverACommand() {
    assertThat(TypedText.of("\"\"\"\n/help\n  x\\\n\"\"\""))
        .isEqualTo(new TypedText("/help\n  x\\", false));
    assertThat(TypedText.of(" \"\"\"one\"\"\" ")).isEqualTo(new TypedText("one", false));
    assertThat(TypedText.of("\"\"\"\"\"\"").isBlank()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"\"", "\"\"\"one", "\"\"\"\none\n\\", "\"\"\"\""})
  void aBlockIsOpenUntilItsSecondMark(String typed) {
    assertThat(TypedText.isOpen(typed)).isTrue();
    assertThat(TypedText.goesOn(typed)).isFalse();
    assertThat(TypedText.isOpen(typed + "\n\"\"\"")).isFalse();
  }

  @Test
  void aBackslashAtTheEndSaysThatAnotherLineFollows() {
    assertThat(TypedText.goesOn("one\\")).isTrue();
    assertThat(TypedText.goesOn("one\\\ntwo")).isFalse();
    assertThat(TypedText.isOpen("one \"\"\"")).isFalse();
  }
}
