package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.JsonFile;
import dev.inferno.tokenizer.huggingface.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Finds out what a path is and reads the tokenizer that is there.
final class TokenizerFiles {

  private static final String JSON = "tokenizer.json";
  private static final String PIECES = "tokenizer.model";

  /// Far more than any chat template has.
  private static final long MOST_TEMPLATE_BYTES = 1 << 24;

  private TokenizerFiles() {}

  static Tokenizer read(Path path, Consumer<String> warnings) throws IOException {
    if (!Files.isDirectory(path)) {
      return readFile(path, warnings);
    }
    for (String name : List.of(JSON, PIECES)) {
      if (Files.exists(path.resolve(name))) {
        return readFile(path.resolve(name), warnings);
      }
    }
    throw new IOException(
        "%s: a folder without tokenizer; it must have %s or %s".formatted(path, JSON, PIECES));
  }

  private static Tokenizer readFile(Path file, Consumer<String> warnings) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    int first;
    try (InputStream in = Files.newInputStream(file)) {
      first = in.read();
    }
    return switch (first) {
      case '{', '[', ' ', '\t', '\r' -> json(file, warnings);
      case '\n' ->
          file.toString().endsWith(".json") ? json(file, warnings) : pieces(file, warnings);
      default ->
          throw new MalformedTokenizerException(
              "%s: malformed: begins with %s; possible are a %s, which begins with '{', and a"
                      .formatted(file, first < 0 ? "nothing" : "the byte " + first, JSON)
                  + " SentencePiece model, which begins with the byte 10");
    };
  }

  private static Tokenizer json(Path file, Consumer<String> warnings) throws IOException {
    Node settings = beside(file, "tokenizer_config.json");
    return JsonTokenizers.read(
        node(file),
        settings,
        beside(file, "special_tokens_map.json"),
        chatTemplate(file, settings),
        warnings);
  }

  private static Node node(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return JsonFile.read(in, file.toString());
    }
  }

  /// A file that belongs to a tokenizer, empty if it is not there.
  private static Node beside(Path file, String name) throws IOException {
    Path other = file.resolveSibling(name);
    return isNamedAsPublished(file) && Files.exists(other) ? node(other) : Node.empty(name);
  }

  /// A file with another name may lie among the files of others.
  private static boolean isNamedAsPublished(Path file) {
    return file.endsWith(JSON) || file.endsWith(PIECES);
  }

  /// The template that holds where nobody names another one.
  private static Optional<String> chatTemplate(Path file, Node settings) throws IOException {
    String key = "chat_template";
    if (settings.values().get(key) instanceof List<?>) {
      for (Node each : settings.objects(key)) {
        if (each.requiredText("name").equals("default")) {
          return Optional.of(each.requiredText("template"));
        }
      }
    } else if (settings.has(key)) {
      return settings.text(key);
    }
    Path template = file.resolveSibling("chat_template.jinja");
    if (!isNamedAsPublished(file) || !Files.exists(template)) {
      return Optional.empty();
    }
    if (Files.size(template) > MOST_TEMPLATE_BYTES) {
      throw new MalformedTokenizerException(
          "%s: malformed: has %d bytes; possible are up to %d"
              .formatted(template, Files.size(template), MOST_TEMPLATE_BYTES));
    }
    try {
      return Optional.of(Files.readString(template, StandardCharsets.UTF_8));
    } catch (MalformedInputException e) {
      throw new MalformedTokenizerException(template + ": malformed: not UTF-8", e);
    }
  }

  /// A SentencePiece model says what a GGUF file says of one, but for what is put around texts.
  private static Tokenizer pieces(Path file, Consumer<String> warnings) throws IOException {
    Map<String, Object> metadata = SentencePieceFile.metadata(file);
    Node settings = beside(file, "tokenizer_config.json");
    for (String key : List.of("add_bos_token", "add_eos_token")) {
      if (settings.has(key)) {
        metadata.put("tokenizer.ggml." + key, settings.flag(key, false));
      }
    }
    chatTemplate(file, settings)
        .ifPresent(template -> metadata.put(Metadata.CHAT_TEMPLATE, template));
    try {
      return GgufTokenizers.read(
          new Metadata(metadata, warning -> warnings.accept(file + ": " + warning)));
    } catch (MalformedTokenizerException e) {
      throw new MalformedTokenizerException(file + ": malformed: " + e.getMessage(), e);
    } catch (UnsupportedTokenizerException e) {
      throw new UnsupportedTokenizerException(file + ": unsupported: " + e.getMessage(), e);
    }
  }
}
