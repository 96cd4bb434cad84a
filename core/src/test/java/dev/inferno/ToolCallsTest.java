package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToolCallsTest {
  private static final ToolCall ADD =
      new ToolCall("add", Map.of("x", 1, "y", List.of(2.5, true, "z")));
  private static final String ARGUMENTS = "{\"x\": 1, \"y\": [2.5, true, \"z\"]}";
  private static final String CALL = "{\"name\": \"add\", \"arguments\": " + ARGUMENTS + "}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<tool_call>\n%s\n</tool_call>",
        "Let me see. <tool_call>%s</tool_call> <tool_call>{</tool_call>",
        "<tool_call>%s",
        "[TOOL_CALLS] [%s]",
        "[TOOL_CALLS][%s, 1, {\"name\": 2}]",
        " %s\n",
        "<|python_tag|>%s"
      })
  void aCallIsFoundInTheUsualForms(String form) {
    assertThat(ToolCalls.of(form.formatted(CALL))).containsExactly(ADD);
    assertThat(ToolCalls.of(form.formatted(CALL.replace("arguments", "parameters"))))
        .containsExactly(ADD);
  }

  @Test
  void severalCallsKeepTheirOrder() {
    String other = "{\"name\": \"now\", \"arguments\": {\"zone\": null}}";
    assertThat(
            ToolCalls.of(
                "<tool_call>%s</tool_call>\n<tool_call>%s</tool_call>".formatted(other, CALL)))
        .extracting(ToolCall::name)
        .containsExactly("now", "add");
    assertThat(ToolCalls.of("[TOOL_CALLS][%s,%s]".formatted(CALL, other)).getLast().arguments())
        .containsOnlyKeys("zone")
        .containsValue(null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "It is 3.",
        "{\"name\": \"add\"}",
        "{\"name\": \"add\", \"arguments\": 1}",
        "{\"name\": \"add\", \"arguments\": {}} and so on",
        "{\"name\": \"add\", \"name\": \"sub\", \"arguments\": {}}",
        "<tool_call>",
        "<tool_call>add(1, 2)</tool_call>",
        "[TOOL_CALLS]",
        "[TOOL_CALLS]{}"
      })
  void whatIsNoCallIsText(String text) {
    assertThat(ToolCalls.of(text)).isEmpty();
    assertThat(ToolCalls.of("{".repeat(10_000) + text)).isEmpty();
  }
}
