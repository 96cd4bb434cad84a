package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChatTemplatesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{{ '<|im_start|>' + role }}; ChatML style (<|im_start|>), 27 characters",
        "<|im_start|><|im_middle|>; Kimi style (<|im_middle|>), 25 characters",
        "[INST] <<SYS>>; Llama 2 style (<<SYS>>), 14 characters",
        "[INST] {{ text }}; Mistral style ([INST]), 17 characters",
        "<|user|> {{ text }}<|end|>; Phi 3 style (<|end|>), 26 characters",
        "<|user|> {{ text }}; Zephyr style (<|user|>), 19 characters",
      })
  void aFamilyIsToldByWhatItWritesAroundAMessage(String template, String description) {
    assertThat(ChatTemplates.describe(template)).isEqualTo(description);
  }

  @Test
  void anUnknownOneIsShownByItsFirstLine() {
    assertThat(ChatTemplates.describe("\n  \n{# mine #}\n{{ messages }}"))
        .isEqualTo("of its own, 29 characters: {# mine #}");
    assertThat(ChatTemplates.describe("")).isEqualTo("of its own, 0 characters: ");
  }
}
