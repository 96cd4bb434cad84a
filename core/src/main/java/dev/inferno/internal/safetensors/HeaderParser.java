package dev.inferno.internal.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.inferno.format.MalformedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads the JSON of a header token by token; every rule that concerns one tensor alone is checked
/// here, those between tensors in {@link SafetensorsHeader}. For one header.
final class HeaderParser {
  /// The header follows its length, a u64.
  private static final int HEADER_AT = Long.BYTES;

  /// As deep as the reference library reads. A header needs three levels; unknown fields of a
  /// tensor, which are skipped, may have more.
  private static final int MAX_DEPTH = 128;

  private static final int MAX_NAME_LENGTH = 65_535;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(SafetensorsHeader.MAX_LENGTH)
                  .maxStringLength(SafetensorsHeader.MAX_LENGTH)
                  .maxNameLength(MAX_NAME_LENGTH)
                  .maxNumberLength(32)
                  .build())
          .build();

  private final String file;
  private final JsonParser parser;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<RawTensor> tensors = new ArrayList<>();

  /// A tensor whose offsets, which count from the end of the header, are not yet checked against
  /// those of the others.
  record RawTensor(String name, SafetensorsType type, List<Long> shape, long begin, long end) {}

  /// A parser of bytes that are known to be UTF-8 and to begin with a brace.
  HeaderParser(byte[] header, String file) {
    this.file = file;
    try {
      this.parser = JSON.createParser(header);
    } catch (IOException e) {
      throw new AssertionError("reading an array does no input", e);
    }
  }

  /// Reads the whole header.
  void parse() {
    try (parser) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = text("name");
        if (name.equals(MappedSafetensors.METADATA)) {
          parseMetadata();
        } else {
          parseTensor(name);
        }
      }
      if (parser.nextToken() != null) {
        throw malformed("the header goes on after its closing brace");
      }
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : e.getLocation().getByteOffset();
      throw new MalformedModelException(
          "%s: malformed at byte %d: the header is not valid JSON: %s"
              .formatted(file, HEADER_AT + Math.max(at, 0), e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new AssertionError("reading an array does no input", e);
    }
  }

  Map<String, String> metadata() {
    return metadata;
  }

  List<RawTensor> tensors() {
    return tensors;
  }

  private void parseMetadata() throws IOException {
    JsonToken value = parser.nextToken();
    if (value == JsonToken.VALUE_NULL) {
      return; // no metadata, says the reference library
    }
    require(value, JsonToken.START_OBJECT, MappedSafetensors.METADATA);
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = text("key of __metadata__");
      expect(JsonToken.VALUE_STRING, "__metadata__ '" + key + "'");
      metadata.put(key, text("__metadata__ '" + key + "'"));
    }
  }

  private void parseTensor(String name) throws IOException {
    if (name.indexOf('\0') >= 0) {
      throw malformed("tensor name with a NUL character: '%s'", name.replace('\0', '\uFFFD'));
    }
    String what = "tensor '" + name + "'";
    expect(JsonToken.START_OBJECT, what);
    SafetensorsType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      switch (parser.currentName()) {
        case "dtype" -> type = parseType(what);
        case "shape" -> shape = parseIntegers(what + " shape");
        case "data_offsets" -> offsets = parseIntegers(what + " data_offsets");
        default -> {
          parser.nextToken();
          parser.skipChildren();
        }
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw malformed(
          "%s has no %s", what, type == null ? "dtype" : shape == null ? "shape" : "data_offsets");
    }
    if (offsets.size() != 2) {
      throw malformed("%s has %d data_offsets, must be 2", what, offsets.size());
    }
    tensors.add(new RawTensor(name, type, shape, offsets.getFirst(), offsets.getLast()));
  }

  private SafetensorsType parseType(String what) throws IOException {
    expect(JsonToken.VALUE_STRING, what + " dtype");
    String name = parser.getText();
    return SafetensorsType.of(name)
        .orElseThrow(() ->
            malformed(
                "%s has dtype '%s'; known are %s",
                what, name, Arrays.toString(SafetensorsType.values())));
  }

  private List<Long> parseIntegers(String what) throws IOException {
    expect(JsonToken.START_ARRAY, what);
    List<Long> integers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String digits = parser.getText();
      // The text tells -0 from 0, and the number type what is beyond 64 bits.
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || digits.startsWith("-")
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw malformed("%s holds %s, must be integers from 0 to 2^63 - 1", what, digits);
      }
      integers.add(parser.getLongValue());
    }
    return integers;
  }

  private void expect(JsonToken expected, String what) throws IOException {
    require(parser.nextToken(), expected, what);
  }

  private void require(JsonToken found, JsonToken expected, String what) {
    if (found != expected) {
      throw malformed("%s is a %s, must be a %s", what, kind(found), kind(expected));
    }
  }

  /// The current string; half a surrogate pair, which an escape can write, is no text.
  private String text(String what) throws IOException {
    String text = parser.getText();
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isHighSurrogate(unit)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(unit)) {
        throw malformed("%s with half a surrogate pair, \\u%04x", what, (int) unit);
      }
    }
    return text;
  }

  private static String kind(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "JSON object";
      case START_ARRAY -> "JSON array";
      default -> "JSON " + token.name().replace("VALUE_", "").toLowerCase(Locale.ROOT);
    };
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private MalformedModelException malformed(String format, Object... arguments) {
    long at = HEADER_AT + parser.currentTokenLocation().getByteOffset();
    return new MalformedModelException(
        "%s: malformed at byte %d: ".formatted(file, at) + format.formatted(arguments));
  }
}
