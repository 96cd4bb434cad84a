package dev.inferno;

import dev.inferno.format.GgufFile;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.tokenizer.MalformedTokenizerException;
import dev.inferno.tokenizer.Tokenizer;
import dev.inferno.tokenizer.UnsupportedTokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The tokenizer of a model, or why it has none and works with token ids alone.
///
/// @param tokenizer text to tokens and back
/// @param reason why there is none, empty if there is one
record ModelText(Optional<Tokenizer> tokenizer, String reason) {

  private static final List<String> FILES = List.of("tokenizer.json", "tokenizer.model");

  private static ModelText of(Tokenizer tokenizer) {
    return new ModelText(Optional.of(tokenizer), "");
  }

  private static ModelText none(String reason) {
    return new ModelText(Optional.empty(), reason);
  }

  /// Of a GGUF file, unless it says that it has none.
  static ModelText of(GgufFile file) {
    return "none".equals(file.metadata().get("tokenizer.ggml.model"))
        ? none("tokenizer.ggml.model is 'none'")
        : of(tokenizer(file));
  }

  /// Of a Hugging Face folder. One that is not handled leaves the model to those who have token
  /// ids.
  ///
  /// @throws IOException if a file cannot be read
  /// @throws MalformedModelException if one breaks its format
  static ModelText of(Path folder) throws IOException {
    if (FILES.stream().noneMatch(file -> Files.exists(folder.resolve(file)))) {
      return none("the folder has neither tokenizer.json nor tokenizer.model");
    }
    try {
      return of(Tokenizer.read(folder));
    } catch (MalformedTokenizerException e) {
      throw new MalformedModelException(message(e), e);
    } catch (UnsupportedTokenizerException e) {
      return none(message(e));
    }
  }

  private static String message(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  /// The tokenizer of a GGUF file, which may hold nothing but a vocabulary.
  ///
  /// @throws MalformedModelException if the vocabulary breaks its format
  /// @throws UnsupportedModelException if it is of a kind that is not handled yet
  static Tokenizer tokenizer(GgufFile file) {
    try {
      return Tokenizer.fromGguf(vocabulary(file));
    } catch (MalformedTokenizerException e) {
      throw new MalformedModelException(file.name() + ": malformed: " + e.getMessage(), e);
    } catch (UnsupportedTokenizerException e) {
      throw new UnsupportedModelException(file.name() + ": unsupported: " + e.getMessage(), e);
    }
  }

  /// The metadata as the tokenizer takes it: arrays of 8-bit integers as bytes, so that one in the
  /// place of numbers shows.
  private static Map<String, Object> vocabulary(GgufFile file) {
    var metadata = new HashMap<>(file.metadata());
    metadata.replaceAll((key, value) -> {
      if (!(value instanceof long[] numbers) || !file.metadataType(key).matches("arr\\[[ui]8]")) {
        return value;
      }
      byte[] bytes = new byte[numbers.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) numbers[i];
      }
      return bytes;
    });
    return metadata;
  }

  /// Refuses work with text where there is no tokenizer.
  ///
  /// @param model what messages call the model
  Tokenizer require(String model) {
    return tokenizer.orElseThrow(() ->
        new UnsupportedModelException(
            "%s: unsupported: text, since %s; supported are token ids".formatted(model, reason)));
  }
}
