package dev.inferno;

import java.util.List;

/// What a model answered in a {@link Chat}. Immutable.
///
/// @param message the reply as the history has it
/// @param generation how it was generated; its prompt are the tokens behind those that were kept
/// @param promptTokens how many tokens the history was before it
/// @param keptTokens how many of them were in the KV cache already and passed through the model no
///   more
/// @param toolCalls which tools it calls, if the chat has any: as far as the text has one of the
///   forms that most templates teach, JSON between `<tool_call>` and `</tool_call>`, behind
///   `[TOOL_CALLS]`, or alone
public record Reply(
    ChatMessage message,
    Generation generation,
    int promptTokens,
    int keptTokens,
    List<ToolCall> toolCalls) {

  /// Copies the list.
  public Reply {
    toolCalls = List.copyOf(toolCalls);
  }

  /// What the model said, all of it where it went on with something.
  public String text() {
    return message.content();
  }

  /// Why it ended.
  public EndReason end() {
    return generation.end();
  }

  /// Whether it ended before the model had ended it: cancelled, at the most tokens, with a full
  /// context.
  public boolean isCutOff() {
    return message.isCutOff();
  }
}
