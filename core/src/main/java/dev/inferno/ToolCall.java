package dev.inferno;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// That a model wants a tool to do something, see {@link Reply#toolCalls}. Immutable.
///
/// @param name which tool
/// @param arguments what it is given, values as JSON has them
public record ToolCall(String name, Map<String, @Nullable Object> arguments) {

  /// Copies the arguments.
  ///
  /// @throws IllegalArgumentException if a value is none of JSON's
  public ToolCall {
    arguments = PlainData.copy("the arguments of a tool", arguments);
  }
}
