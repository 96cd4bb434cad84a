package dev.inferno.visualizer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/// JSON of the wire. A number that is not finite is written as the string `NaN`, `Infinity` or
/// `-Infinity`, which JSON has no number for.
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private Json() {}

  /// UTF-8, on one line.
  static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads what a client sent.
  ///
  /// @throws IllegalArgumentException if it is none of that type; the message says what is wrong
  static <T> T read(byte[] utf8, Class<T> type) {
    try {
      T value = MAPPER.readValue(utf8, type);
      if (value == null) {
        throw new IllegalArgumentException("the body is null, but must be an object");
      }
      return value;
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "unknown field '%s'; known are %s".formatted(path(e), e.getKnownPropertyIds()), e);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          "the body is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (JsonMappingException e) {
      String field = path(e);
      throw new IllegalArgumentException(
          (field.isEmpty() ? "the body" : "field '" + field + "'") + ": " + e.getOriginalMessage(),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
        .collect(Collectors.joining("."));
  }
}
