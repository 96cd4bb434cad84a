package dev.inferno.internal.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.inferno.format.MalformedModelException;
import dev.inferno.internal.files.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads a JSON file that holds one object: UTF-8, no key twice, nothing after it. For one reading.
public final class JsonFile {
  /// Far more than the index of any model has.
  private static final int MAX_BYTES = 1 << 25;

  private static final int MAX_DEPTH = 64;

  /// How the parser says where something began.
  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ([^]]*)]");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(MAX_BYTES)
                  .maxNumberLength(64)
                  .build())
          .build();

  private final String name;
  private final JsonParser parser;

  private JsonFile(String name, JsonParser parser) {
    this.name = name;
    this.parser = parser;
  }

  /// The `config.json` of a model's folder.
  ///
  /// @throws IOException if there is none, or it cannot be read
  /// @throws MalformedModelException if it is not such a file
  public static Map<String, Object> config(Path folder) throws IOException {
    if (!Files.exists(folder.resolve("config.json"))) {
      throw new IOException("cannot read " + folder + ": it is a folder without config.json");
    }
    return read(folder, "config.json");
  }

  /// The object of a file that a model's folder may have, empty if it has not.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it is not such a file
  public static Map<String, Object> readIfThere(Path folder, String file) throws IOException {
    return Files.exists(folder.resolve(file)) ? read(folder, file) : Map.of();
  }

  /// The object of a file in a model's folder: Strings, Longs, BigIntegers beyond 64 bits, Doubles,
  /// Booleans, Lists and Maps in the order of the file. A null is left out.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it is not such a file
  static Map<String, Object> read(Path folder, String file) throws IOException {
    String name = Checkpoint.name(folder) + "/" + file;
    try (JsonParser parser = JSON.createParser(text(folder.resolve(file), name))) {
      return new JsonFile(name, parser).object();
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
      throw new MalformedModelException(
          "%s: malformed at line %d, column %d: not valid JSON: %s"
              .formatted(
                  name,
                  at.getLineNr(),
                  at.getColumnNr(),
                  SOURCE.matcher(e.getOriginalMessage()).replaceAll("$1")),
          e);
    }
  }

  private static String text(Path path, String name) throws IOException {
    try (FileChannel channel = ReadableFile.open(path)) {
      if (channel.size() > MAX_BYTES) {
        throw new MalformedModelException(
            "%s: malformed: %d bytes; possible are up to %d"
                .formatted(name, channel.size(), MAX_BYTES));
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // a read may give less than there is
      }
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedModelException("%s: malformed: not UTF-8".formatted(name), e);
    }
  }

  private Map<String, Object> object() throws IOException {
    JsonToken first = parser.nextToken();
    if (first != JsonToken.START_OBJECT) {
      throw new MalformedModelException(
          "%s: malformed: must be a JSON object, but is %s"
              .formatted(name, first == null ? "empty" : "a " + first));
    }
    Map<String, Object> object = members();
    if (parser.nextToken() != null) {
      throw new MalformedModelException(
          "%s: malformed: goes on after its closing brace".formatted(name));
    }
    return object;
  }

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
