package dev.inferno.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// JSON of results and of input. A number that is not finite is written as the string `NaN`,
/// `Infinity` or `-Infinity`, which JSON has no number for.
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build();

  /// What the parser tells programmers.
  private static final Pattern ADVICE =
      Pattern.compile(
          ", from `[^`]*`|: enable `[^`]*` to allow| \\(not recognized as one since [^)]*\\)");

  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ([^]]*)]");

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ArrayNode array(int[] numbers) {
    ArrayNode array = MAPPER.createArrayNode();
    for (int number : numbers) {
      array.add(number);
    }
    return array;
  }

  static ArrayNode array(float[] numbers) {
    ArrayNode array = MAPPER.createArrayNode();
    for (float number : numbers) {
      array.add(number);
    }
    return array;
  }

  /// Reads one value in UTF-8, with nothing but blanks after it.
  ///
  /// @throws IOException if it is none; the message says what is wrong
  static JsonNode read(byte[] utf8) throws IOException {
    try {
      JsonNode value = MAPPER.readTree(utf8);
      if (value.isMissingNode()) {
        throw new IOException("is empty, must be JSON");
      }
      return value;
    } catch (JsonProcessingException e) {
      String problem = ADVICE.matcher(e.getOriginalMessage()).replaceAll("");
      throw new IOException("not valid JSON: " + SOURCE.matcher(problem).replaceAll("$1"), e);
    }
  }

  /// A value as plain Java: null, String, Boolean, Number, List or Map.
  static @Nullable Object plain(JsonNode value) {
    return MAPPER.convertValue(value, Object.class);
  }

  /// An array with each value on a line of its own, in UTF-8.
  ///
  /// @param values as plain Java
  static byte[] lines(List<?> values) throws IOException {
    var lines = new StringJoiner(",\n", "[\n", "\n]\n");
    for (Object value : values) {
      lines.add(MAPPER.writeValueAsString(value));
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Prints an object on a line of its own.
  static void print(ObjectNode object, Console console) throws IOException {
    MAPPER.writeValue(console.out(), object);
    console.out().println();
  }
}
