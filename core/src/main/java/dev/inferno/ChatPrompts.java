package dev.inferno;

import dev.inferno.tokenizer.Tokenizer;
import dev.inferno.tokenizer.template.ChatTemplate;
import dev.inferno.tokenizer.template.RenderedChat;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes a prompt of messages, with a template and what it is told besides. For one thread at a
/// time.
final class ChatPrompts {
  private final String model; // its name
  private final Tokenizer tokenizer;
  private final Map<String, @Nullable Object> variables = new HashMap<>();
  private Optional<ChatTemplate> template = Optional.empty();
  private @Nullable Object tools; // there, and nothing, as in Hugging Face
  private Clock clock = Clock.system(ZoneId.systemDefault());

  ChatPrompts(String model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  void template(ChatTemplate template) {
    this.template = Optional.of(template);
  }

  void tools(List<? extends Map<String, ?>> tools) {
    this.tools = tools.isEmpty() ? null : PlainData.copy("tools", tools);
  }

  boolean hasTools() {
    return tools != null;
  }

  void variable(String name, @Nullable Object value) {
    variables.put(name, PlainData.copy("the variable " + name, value));
  }

  void clock(Clock clock) {
    this.clock = clock;
  }

  /// The prompt that ends where the assistant is to begin.
  RenderedChat render(List<ChatMessage> messages) {
    return render(messages, true);
  }

  /// The prompt that ends within the last message.
  RenderedChat continuing(List<ChatMessage> messages) {
    return render(messages, false).continuing(messages.getLast().content());
  }

  private RenderedChat render(List<ChatMessage> messages, boolean assistantBegins) {
    Map<String, @Nullable Object> input = new HashMap<>();
    input.put("messages", messages.stream().map(ChatMessage::forTemplate).toList());
    input.put("tools", tools);
    input.put("documents", null);
    Map<String, @Nullable Object> settings = new HashMap<>(tokenizer.templateTokens());
    settings.put("add_generation_prompt", assistantBegins);
    settings.putAll(variables);
    return template().render(input, settings, clock);
  }

  private ChatTemplate template() {
    if (template.isEmpty()) {
      String own =
          tokenizer
              .chatTemplate()
              .orElseThrow(() ->
                  new IllegalStateException(
                      "the model %s has no chat template; Chat.template gives it one"
                          .formatted(model)));
      template = Optional.of(ChatTemplate.of(own));
    }
    return template.get();
  }
}
