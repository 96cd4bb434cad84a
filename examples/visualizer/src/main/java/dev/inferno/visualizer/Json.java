package dev.inferno.visualizer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

/// JSON of the wire. A number that is not finite is written as the string `NaN`, `Infinity` or
/// `-Infinity`, which JSON has no number for. What is written is ASCII: so it is valid also where a
/// client sent half of a surrogate pair.
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              texts ->
                  texts
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  /// How Jackson names a place; what it says of the source is of no use to a client.
  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ([^]]*)]");

  private static final int SHOWN = 80;

  private Json() {}

  /// What was written by {@link #write}, which may have numbers that are not finite.
  static <T> T written(byte[] json, Class<T> type) throws IOException {
    return MAPPER.readValue(json, type);
  }

  /// ASCII, on one line.
  static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Any JSON.
  ///
  /// @throws BadRequestException if it is none
  static JsonNode tree(byte[] utf8) {
    try {
      return MAPPER.readTree(utf8);
    } catch (JsonProcessingException e) {
      String problem = SOURCE.matcher(e.getOriginalMessage()).replaceAll("$1");
      throw new BadRequestException("the body is not valid JSON: " + problem, e);
    } catch (IOException e) {
      throw new BadRequestException("the body is not valid JSON: " + e.getMessage(), e);
    }
  }

  /// Reads what a client sent.
  ///
  /// @throws BadRequestException if it is none of that type; the message says what is wrong
  static <T> T read(byte[] utf8, Class<T> type) {
    return read(tree(utf8), type);
  }

  /// The same of JSON that was parsed.
  static <T> T read(JsonNode tree, Class<T> type) {
    if (!tree.isObject()) {
      throw new BadRequestException("the body must be an object, but is " + shown(tree));
    }
    refuseNulls(tree, "");
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (UnrecognizedPropertyException e) {
      throw new BadRequestException(
          "unknown field '%s'; known are %s".formatted(path(e), e.getKnownPropertyIds()), e);
    } catch (JsonMappingException e) {
      throw new BadRequestException(problem(tree, e), e);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void refuseNulls(JsonNode node, String path) {
    if (node.isNull()) {
      throw new BadRequestException("field '%s' is null; leave it out instead".formatted(path));
    }
    for (var field : node.properties()) {
      refuseNulls(field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey());
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      refuseNulls(node.get(i), path + "[" + i + "]");
    }
  }

  private static String problem(JsonNode tree, JsonMappingException e) {
    JsonNode found = tree;
    for (JsonMappingException.Reference step : e.getPath()) {
      found =
          step.getFieldName() == null
              ? found.path(step.getIndex())
              : found.path(step.getFieldName());
    }
    if (found.isMissingNode()) {
      return "field '%s' is missing".formatted(path(e));
    }
    Class<?> wanted = e instanceof MismatchedInputException m ? m.getTargetType() : null;
    return wanted == null
        ? "field '%s' is %s: %s".formatted(path(e), shown(found), e.getOriginalMessage())
        : "field '%s' must be %s, but is %s".formatted(path(e), kind(wanted), shown(found));
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  private static String kind(Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return "an integer of 32 bits";
    } else if (type == Float.class) {
      return "a number";
    } else if (type == Boolean.class) {
      return "true or false";
    } else if (type == String.class) {
      return "a string";
    } else if (List.class.isAssignableFrom(type)) {
      return "a list";
    }
    return "an object";
  }

  private static String path(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.toString();
  }
}
