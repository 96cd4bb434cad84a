package dev.inferno.tokenizer.huggingface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.inferno.tokenizer.MalformedTokenizerException;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads a JSON file that holds one object: no key twice, nothing after it, all within bounds. For
/// one reading.
public final class JsonFile {
  private static final int MAX_DEPTH = 64;

  /// Many times the longest of any published file, which is the rules of a normalizer.
  private static final int MAX_STRING = 1 << 23;

  /// A token is a key of the vocabulary.
  private static final int MAX_NAME = 1 << 18;

  private static final long MAX_BYTES = 1L << 28;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // a vocabulary has no key twice
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_STRING)
                  .maxNameLength(MAX_NAME)
                  .maxDocumentLength(MAX_BYTES)
                  .maxNumberLength(64)
                  .build())
          .build();

  /// What the parser tells programmers.
  private static final Pattern ADVICE =
      Pattern.compile(
          ", from `[^`]*`|: enable `[^`]*` to allow| \\(not recognized as one since [^)]*\\)");

  private static final Pattern SOURCE =
      Pattern.compile("\\[Source: [^;\\]]*; (line: \\d+, column: \\d+)]");

  private final String name;
  private final JsonParser parser;

  private JsonFile(String name, JsonParser parser) {
    this.name = name;
    this.parser = parser;
  }

  /// The object of a file.
  ///
  /// @param name what messages call the file
  /// @throws IOException if it cannot be read
  /// @throws MalformedTokenizerException if it is no such file
  public static Node read(InputStream in, String name) throws IOException {
    try (JsonParser parser = JSON.createParser(in)) {
      return new Node(name, "", new JsonFile(name, parser).object());
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
      throw new MalformedTokenizerException(
          "%s: malformed%s: not valid JSON: %s".formatted(name, place(at), problem(e)), e);
    } catch (CharConversionException e) {
      throw new MalformedTokenizerException(
          "%s: malformed: not UTF-8: %s".formatted(name, e.getMessage()), e);
    }
  }

  /// Nothing where the parser does not know it.
  private static String place(JsonLocation at) {
    return at.getLineNr() < 1
        ? ""
        : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  /// Messages may quote what was found, at any length, and name what programs can set.
  private static String problem(JsonProcessingException e) {
    String message = ADVICE.matcher(e.getOriginalMessage()).replaceAll("");
    message = SOURCE.matcher(message).replaceAll("$1");
    return message.length() > 300 ? message.substring(0, 300) + "..." : message;
  }

  private Map<String, Object> object() throws IOException {
    JsonToken first = parser.nextToken();
    if (first != JsonToken.START_OBJECT) {
      throw new MalformedTokenizerException(
          "%s: malformed: must be a JSON object, but is %s"
              .formatted(name, first == null ? "empty" : "a " + first));
    }
    Map<String, Object> object = members();
    if (parser.nextToken() != null) {
      throw new MalformedTokenizerException(
          "%s: malformed: goes on after its closing brace".formatted(name));
    }
    return object;
  }

  /// A null is left out.
  private Map<String, Object> members() throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        members.put(key, value());
      }
    }
    return Collections.unmodifiableMap(members);
  }

  private List<Object> elements() throws IOException {
    List<Object> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NULL) {
        elements.add(value());
      }
    }
    return Collections.unmodifiableList(elements);
  }

  private Object value() throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> members();
      case START_ARRAY -> elements();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> parser.getText(); // a text, since the parser gives no other token here
    };
  }
}
