package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.ChatMessage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A file of messages, as `render` takes it too: a JSON array of `{"role":"","content":""}`.
final class ChatFile {
  private ChatFile() {}

  /// Writes messages to a file, which takes the place of one that is there when it is complete.
  static void save(Path file, List<ChatMessage> messages) throws IOException {
    OutputFile.requirePossible(file);
    Path beside = Files.createTempFile(file.toAbsolutePath().getParent(), "chat", ".json");
    try {
      Files.write(beside, Json.lines(messages.stream().map(ChatMessage::plain).toList()));
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /// The messages of a file.
  ///
  /// @throws IOException if it cannot be read, or holds something else
  static List<ChatMessage> load(Path file) throws IOException {
    JsonNode json;
    try {
      json = Json.read(Files.readAllBytes(file));
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    JsonNode array = json.path("messages").isArray() ? json.get("messages") : json;
    if (!array.isArray()) {
      throw new IOException(file + ": an array of messages was expected");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : array) {
      try {
        messages.add(ChatMessage.ofPlain(members(message)));
      } catch (IllegalArgumentException e) {
        throw new IOException(
            "%s: message %d: %s".formatted(file, messages.size() + 1, e.getMessage()), e);
      }
    }
    return messages;
  }

  private static Map<String, @Nullable Object> members(JsonNode message) {
    if (!message.isObject()) {
      throw new IllegalArgumentException("an object was expected");
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    message
        .properties()
        .forEach(member -> members.put(member.getKey(), Json.plain(member.getValue())));
    return members;
  }
}
