package dev.inferno;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the calls of tools in a reply, in the three forms that most templates teach: JSON objects
/// between `<tool_call>` and `</tool_call>` (Hermes, Qwen), a JSON array behind `[TOOL_CALLS]`
/// (Mistral), and a reply that is one JSON object (Llama 3). What is not of these forms is text.
final class ToolCalls {
  private static final String OPENING = "<tool_call>";
  private static final String CLOSING = "</tool_call>";
  private static final String LIST = "[TOOL_CALLS]";
  private static final String OBJECT = "<|python_tag|>"; // may stand before one

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
          .build();

  private ToolCalls() {}

  /// The calls in a text, in their order.
  static List<ToolCall> of(String text) {
    List<ToolCall> calls = new ArrayList<>();
    for (int at = text.indexOf(OPENING); at >= 0; ) {
      int begin = at + OPENING.length();
      int closing = text.indexOf(CLOSING, begin);
      int end = closing < 0 ? text.length() : closing;
      json(text.substring(begin, end)).flatMap(ToolCalls::call).ifPresent(calls::add);
      at = text.indexOf(OPENING, end);
    }
    int list = text.indexOf(LIST);
    if (calls.isEmpty() && list >= 0) {
      json(text.substring(list + LIST.length())).ifPresent(value -> addAll(value, calls));
    }
    String object = text.strip();
    if (object.startsWith(OBJECT)) {
      object = object.substring(OBJECT.length());
    }
    if (calls.isEmpty() && object.startsWith("{")) {
      json(object).flatMap(ToolCalls::call).ifPresent(calls::add);
    }
    return List.copyOf(calls);
  }

  private static void addAll(Object value, List<ToolCall> calls) {
    if (value instanceof List<?> items) {
      for (Object item : items) {
        call(item).ifPresent(calls::add);
      }
    }
  }

  private static Optional<ToolCall> call(@Nullable Object value) {
    if (value instanceof Map<?, ?> map && map.get("name") instanceof String name) {
      Object arguments =
          map.containsKey("arguments") ? map.get("arguments") : map.get("parameters");
      if (arguments instanceof Map<?, ?> named) {
        return Optional.of(new ToolCall(name, PlainData.copy("the arguments of a tool", named)));
      }
    }
    return Optional.empty();
  }

  /// The value that a text is, with nothing but blanks around it.
  private static Optional<Object> json(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      Object value = value(parser);
      return parser.nextToken() == null ? Optional.ofNullable(value) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // a text
    }
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          members.put(name, value(parser));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }
}
