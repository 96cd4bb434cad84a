package dev.inferno;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one side of a {@link Chat} said. Immutable.
///
/// @param role who speaks, in the words of the model's template: `system`, `user`, `assistant`,
///   `tool`
/// @param content what is said
/// @param more what else the template may know of a message, such as `tool_calls`, `name` or
///   `reasoning_content`: values as JSON has them, which are copied
/// @param isCutOff whether a reply was ended before the model had ended it
public record ChatMessage(
    String role, String content, Map<String, @Nullable Object> more, boolean isCutOff) {
  private static final String ROLE = "role";
  private static final String CONTENT = "content";
  private static final String CUT_OFF = "cut_off";

  /// Copies what else there is.
  ///
  /// @throws IllegalArgumentException if the role is empty, or a value is none of JSON's or named
  ///   as one of the other components
  public ChatMessage {
    if (role.isEmpty()) {
      throw new IllegalArgumentException("the role of a message must not be empty");
    }
    for (String name : new String[] {ROLE, CONTENT, CUT_OFF}) {
      if (more.containsKey(name)) {
        throw new IllegalArgumentException(
            "a message has its own '%s', which cannot be given twice".formatted(name));
      }
    }
    more = PlainData.copy("a message", more);
  }

  /// A message with nothing but its text.
  public static ChatMessage of(String role, String content) {
    return new ChatMessage(role, content, Map.of(), false);
  }

  /// What the model is told about its task.
  public static ChatMessage system(String content) {
    return of("system", content);
  }

  /// What a user says.
  public static ChatMessage user(String content) {
    return of("user", content);
  }

  /// What the model says.
  public static ChatMessage assistant(String content) {
    return of("assistant", content);
  }

  /// What a tool answered that the model called.
  public static ChatMessage tool(String content) {
    return of("tool", content);
  }

  /// The same with something else that the template knows of, a value as JSON has it.
  public ChatMessage with(String name, @Nullable Object value) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(more);
    all.put(name, value);
    return new ChatMessage(role, content, all, isCutOff);
  }

  /// The message as plain data, to be written as JSON: `{"role":"user","content":"Hi"}`, then what
  /// else there is, and `"cut_off":true` if it was cut off. {@link #ofPlain} makes it a message
  /// again.
  public Map<String, @Nullable Object> plain() {
    Map<String, @Nullable Object> plain = forTemplate();
    if (isCutOff) {
      plain.put(CUT_OFF, true);
    }
    return plain;
  }

  /// The message that plain data describes. A `content` that is null is an empty one, as in
  /// messages that only call tools.
  ///
  /// @throws IllegalArgumentException if `role` or `content` is not a text, or `cut_off` not a
  ///   truth value
  public static ChatMessage ofPlain(Map<String, ?> plain) {
    Map<String, @Nullable Object> more = new LinkedHashMap<>(plain);
    Object role = more.remove(ROLE);
    Object content = more.remove(CONTENT);
    Object cutOff = more.remove(CUT_OFF);
    if (!(role instanceof String speaker)) {
      throw new IllegalArgumentException("the role of a message must be a text, but is " + role);
    }
    if (content != null && !(content instanceof String)) {
      throw new IllegalArgumentException(
          "the content of a message must be a text, but is " + content);
    }
    if (cutOff != null && !(cutOff instanceof Boolean)) {
      throw new IllegalArgumentException(
          "cut_off of a message must be true or false, but is " + cutOff);
    }
    return new ChatMessage(
        speaker, content instanceof String text ? text : "", more, Boolean.TRUE.equals(cutOff));
  }

  /// What a template is given.
  Map<String, @Nullable Object> forTemplate() {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put(ROLE, role);
    message.put(CONTENT, content);
    message.putAll(more);
    return message;
  }

  boolean isAssistants() {
    return role.equals("assistant");
  }

  /// The same text gone on with.
  ChatMessage followedBy(String rest, boolean cutOff) {
    return new ChatMessage(role, content + rest, more, cutOff);
  }
}
