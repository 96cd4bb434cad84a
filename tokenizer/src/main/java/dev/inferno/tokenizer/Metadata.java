package dev.inferno.tokenizer;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The metadata of a GGUF file as plain data, read with its types checked.
///
/// @param values what each key says
/// @param warnings where to report what is wrong and can be lived with
@SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
record Metadata(Map<String, Object> values, Consumer<String> warnings) {

  private static final int LONGEST_QUOTE = 40;

  static final String MODEL = "tokenizer.ggml.model";
  static final String PRE_TOKENIZER = "tokenizer.ggml.pre";
  static final String TOKENS = "tokenizer.ggml.tokens";
  static final String SCORES = "tokenizer.ggml.scores";
  static final String TOKEN_TYPES = "tokenizer.ggml.token_type";
  static final String MERGES = "tokenizer.ggml.merges";
  static final String CHAT_TEMPLATE = "tokenizer.chat_template";

  void warn(String format, Object... arguments) {
    warnings.accept(format.formatted(arguments));
  }

  static MalformedTokenizerException malformed(String format, Object... arguments) {
    return new MalformedTokenizerException(format.formatted(arguments));
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  Optional<String> string(String key) {
    return Optional.ofNullable(value(key, String.class, "a string"));
  }

  boolean flag(String key, boolean otherwise) {
    Boolean flag = value(key, Boolean.class, "a boolean");
    return flag == null ? otherwise : flag;
  }

  /// The id of a token; absent too, with a warning, if it lies outside the vocabulary.
  OptionalInt tokenId(String key, int vocabularySize) {
    Long id = value(key, Long.class, "an integer");
    if (id == null) {
      return OptionalInt.empty();
    }
    if (id < 0 || id >= vocabularySize) {
      warn(
          "%s is %d and ignored: the vocabulary has ids from 0 to %d", key, id, vocabularySize - 1);
      return OptionalInt.empty();
    }
    return OptionalInt.of(id.intValue());
  }

  /// @throws MalformedTokenizerException if the key is absent, or not an array of strings
  Utf8List strings(String key) {
    return required(key, value(key, Utf8List.class, "an array of strings"), "an array of strings");
  }

  /// An array of 8-bit integers; empty if the key is absent.
  byte[] bytes(String key) {
    byte[] bytes = value(key, byte[].class, "an array of 8-bit integers");
    return bytes == null ? new byte[0] : bytes;
  }

  /// One 32-bit integer for each token; empty if the key is absent.
  Optional<long[]> tokenIntegers(String key, int vocabularySize) {
    Optional<long[]> integers =
        Optional.ofNullable(value(key, long[].class, "an array of 32-bit integers"));
    integers.ifPresent(array -> checkLength(key, array.length, vocabularySize));
    return integers;
  }

  /// One floating-point number for each token.
  ///
  /// @throws MalformedTokenizerException if the key is absent, of another type, or of another
  ///   length
  float[] tokenFloats(String key, int vocabularySize) {
    String expected = "an array of floating-point numbers";
    float[] floats =
        required(key, values.get(key), expected) instanceof double[] doubles
            ? narrowed(doubles)
            : required(key, value(key, float[].class, expected), expected);
    checkLength(key, floats.length, vocabularySize);
    for (int id = 0; id < floats.length; id++) {
      if (Float.isNaN(floats[id])) {
        throw malformed("%s: the score of token %d is not a number", key, id);
      }
    }
    return floats;
  }

  private static float[] narrowed(double[] doubles) {
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }

  private static void checkLength(String key, int length, int vocabularySize) {
    if (length != vocabularySize) {
      throw malformed("%s has %d elements, but %s has %d", key, length, TOKENS, vocabularySize);
    }
  }

  private static <T> T required(String key, @Nullable T value, String expected) {
    if (value == null) {
      throw malformed("%s is missing; it must be %s", key, expected);
    }
    return value;
  }

  private <T> @Nullable T value(String key, Class<T> type, String expected) {
    Object value = values.get(key);
    if (value == null) {
      return null;
    }
    if (!type.isInstance(value)) {
      throw malformed("%s is %s, but must be %s", key, describe(value), expected);
    }
    return type.cast(value);
  }

  /// At most the first characters of a text, for a message.
  static String shortened(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }

  private static String describe(Object value) {
    return switch (value) {
      case String text -> "the string '" + shortened(text) + "'";
      case Utf8List list -> "an array of " + list.size() + " strings";
      case byte[] array -> "an array of " + array.length + " 8-bit integers";
      case long[] array -> "an array of " + array.length + " integers";
      case boolean[] array -> "an array of " + array.length + " booleans";
      case float[] array -> "an array of " + array.length + " floating-point numbers";
      case double[] array -> "an array of " + array.length + " floating-point numbers";
      case Object[] array -> "an array " + Arrays.toString(array);
      default -> value.getClass().getSimpleName() + " " + value;
    };
  }
}
