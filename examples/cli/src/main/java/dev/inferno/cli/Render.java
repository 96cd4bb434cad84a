package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.tokenizer.Encoding;
import dev.inferno.tokenizer.Tokenizer;
import dev.inferno.tokenizer.template.ChatTemplate;
import dev.inferno.tokenizer.template.RenderedChat;
import dev.inferno.tokenizer.template.TemplateException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Renders the messages of a chat by a model's template.
@Command(
    name = "render",
    description = {
      "Prints the prompt that a model's chat template makes of messages, and its token ids.",
      "Needs only the vocabulary: a model file without tensors will do.",
      "Special tokens that stand in a message are text, not control tokens."
    })
final class Render implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--tools",
      paramLabel = "FILE",
      description = "A JSON file with an array of tools, as the template knows them.")
  private @Nullable String tools;

  @Mixin private TemplateOptions template;

  @Option(
      names = "--no-generation-prompt",
      description = "End with the last message, not where the assistant is to begin.")
  private boolean withoutGenerationPrompt;

  @Option(
      names = "--continue",
      description = "End within the last message, so that the model goes on with it.")
  private boolean continued;

  @Option(
      names = "--json",
      description =
          "Print one object {\"text\":\"\",\"ids\":[],\"segments\":[{\"text\":\"\",\"input\":true}]}.")
  private boolean json;

  /// Where messages come from.
  static final class Source {
    @Option(
        names = "--messages",
        required = true,
        paramLabel = "FILE",
        description =
            "A JSON file with an array of messages, {\"role\":\"\",\"content\":\"\"}, or an object"
                + " whose \"messages\" they are and whose other members are variables; - is the"
                + " standard input.")
    private @Nullable String messages;

    @Option(
        names = "--jsonl",
        required = true,
        description =
            "No model: read {\"template\":\"\",\"context\":{}} a line from the standard input,"
                + " print {\"output\":\"\"} or {\"error\":\"\"} a line.")
    private boolean lines;
  }

  Render(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (source.lines) {
      renderLines();
      return 0;
    }
    Tokenizer tokenizer = modelFile.tokenizer(console);
    Map<String, @Nullable Object> input = input();
    Map<String, @Nullable Object> settings = settings(tokenizer);
    RenderedChat prompt =
        ChatTemplate.of(template.source(tokenizer, modelFile.name(), console))
            .render(input, settings, template.clock());
    if (continued) {
      prompt = prompt.continuing(lastMessage(input));
    }
    print(prompt, tokenizer.encode(prompt));
    return 0;
  }

  private Map<String, @Nullable Object> input() throws IOException {
    String file = Objects.requireNonNull(source.messages);
    JsonNode given = json(file);
    Map<String, @Nullable Object> input = new HashMap<>();
    input.put("tools", null); // there, and nothing, as in Hugging Face
    input.put("documents", null);
    if (given.isArray()) {
      input.put("messages", Json.plain(given));
    } else if (given.path("messages").isArray()) {
      given
          .properties()
          .forEach(member -> input.put(member.getKey(), Json.plain(member.getValue())));
    } else {
      throw new IOException(
          file + ": an array of messages was expected, or an object that has one as \"messages\"");
    }
    if (tools != null) {
      JsonNode array = json(tools);
      if (!array.isArray()) {
        throw new IOException(tools + ": an array of tools was expected");
      }
      input.put("tools", Json.plain(array));
    }
    return input;
  }

  private JsonNode json(String file) throws IOException {
    try {
      return Json.read(TextFile.read(file, console).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private Map<String, @Nullable Object> settings(Tokenizer tokenizer) {
    Map<String, @Nullable Object> settings = new HashMap<>(tokenizer.templateTokens());
    settings.put("add_generation_prompt", !withoutGenerationPrompt && !continued);
    settings.putAll(template.variables());
    return settings;
  }

  private String lastMessage(Map<String, @Nullable Object> input) {
    if (input.get("messages") instanceof List<?> messages
        && !messages.isEmpty()
        && messages.getLast() instanceof Map<?, ?> last
        && last.get("content") instanceof String content) {
      return content;
    }
    throw new ParameterException(
        spec.commandLine(), "--continue needs a last message whose content is a text");
  }

  private void print(RenderedChat prompt, Encoding encoding) throws IOException {
    if (!json) {
      console.out().println(prompt.text());
      console.out().println(TokenIds.print(encoding.ids()));
      return;
    }
    ObjectNode result = Json.object();
    result.put("text", prompt.text());
    result.set("ids", Json.array(encoding.ids()));
    ArrayNode segments = result.putArray("segments");
    for (RenderedChat.Segment segment : prompt.segments()) {
      segments.addObject().put("text", segment.text()).put("input", segment.isInput());
    }
    Json.print(result, console);
  }

  private void renderLines() throws IOException {
    var in = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
    int number = 1;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Json.print(rendered(line, number++), console);
      console.out().flush(); // whoever writes a line may wait for its answer
    }
  }

  private ObjectNode rendered(String line, int number) throws IOException {
    JsonNode request;
    try {
      request = Json.read(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IOException("line %d: %s".formatted(number, e.getMessage()), e);
    }
    if (!request.path("template").isTextual() || !request.path("context").isObject()) {
      throw new IOException(
          "line %d: an object {\"template\":\"\",\"context\":{}} was expected".formatted(number));
    }
    ObjectNode answer = Json.object();
    try {
      Map<String, @Nullable Object> context = new HashMap<>();
      request
          .get("context")
          .properties()
          .forEach(member -> context.put(member.getKey(), Json.plain(member.getValue())));
      answer.put(
          "output",
          ChatTemplate.of(request.get("template").textValue())
              .render(context, Map.of(), template.clock())
              .text());
    } catch (TemplateException e) {
      answer.put("error", e.isRefusal() ? e.getMessage() : e.kind() + ": " + e.getMessage());
    }
    return answer;
  }
}
