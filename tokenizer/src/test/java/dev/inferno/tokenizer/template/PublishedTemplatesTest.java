package dev.inferno.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inferno.tokenizer.SharedModels;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Published templates, and small pieces of them, give what Jinja2 gives with the settings of
/// Hugging Face.
@Tag("models")
class PublishedTemplatesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Clock CLOCK =
      Clock.fixed(LocalDateTime.of(2025, 7, 10, 12, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);

  private static JsonNode read(String name) throws IOException {
    return JSON.readTree(SharedModels.read("chat-templates/" + name));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(JsonNode node) {
    return JSON.convertValue(node, Map.class);
  }

  /// What a rendering gives: the text, or the kind of error.
  private static String rendered(
      String template, Map<String, Object> input, Map<String, Object> settings) {
    try {
      return ChatTemplate.of(template).render(input, settings, CLOCK).text();
    } catch (TemplateException e) {
      return error(e.kind(), e.isRefusal() ? String.valueOf(e.getMessage()) : "");
    }
  }

  private static String error(String kind, String message) {
    return "an error: " + kind + " " + message;
  }

  @Test
  void everySnippetGivesWhatTheReferenceGives() throws IOException {
    for (JsonNode snippet : read("snippets.json")) {
      JsonNode expected = snippet.get("expected");
      String template = snippet.get("template").asText();
      String actual = rendered(template, map(snippet.get("context")), Map.of());
      assertThat(actual)
          .as(template)
          .isEqualTo(
              expected.has("output")
                  ? expected.get("output").asText()
                  : error(
                      expected.get("error").asText(),
                      expected.get("error").asText().equals("raise_exception")
                          ? expected.get("message").asText()
                          : ""));
    }
  }

  @Test
  void publishedTemplatesGiveWhatTheReferenceGives() throws IOException {
    Map<String, JsonNode> templates = new HashMap<>();
    read("templates.json").forEach(node -> templates.put(node.get("name").asText(), node));
    JsonNode sets = read("message-sets.json");
    List<String> wrong = new ArrayList<>();
    int cases = 0;
    for (JsonNode expected : read("expected.json.gz").get("cases")) {
      cases++;
      JsonNode template = Objects.requireNonNull(templates.get(expected.get("template").asText()));
      JsonNode set = sets.get(expected.get("set").asText());
      Map<String, Object> input = map(set.get("kwargs"));
      input.put("messages", JSON.convertValue(set.get("messages"), Object.class));
      input.put("tools", JSON.convertValue(set.get("tools"), Object.class));
      input.put("documents", JSON.convertValue(set.get("documents"), Object.class));
      Map<String, Object> settings = new HashMap<>();
      settings.put("add_generation_prompt", set.get("add_generation_prompt").asBoolean());
      settings.put("bos_token", template.path("bos_token").asText("<s>"));
      settings.put("eos_token", template.path("eos_token").asText("</s>"));
      String wanted =
          expected.has("output")
              ? expected.get("output").asText()
              : error(
                  expected.get("error").asText(),
                  expected.get("error").asText().equals("raise_exception")
                      ? expected.get("message").asText()
                      : "");
      String actual = rendered(template.get("template").asText(), input, settings);
      if (!actual.equals(wanted)) {
        wrong.add(
            "%s %s%n  expected %s%n  was      %s"
                .formatted(expected.get("template"), expected.get("set"), wanted, actual));
      }
    }
    assertThat(cases).isGreaterThan(2000);
    assertThat(wrong).isEmpty();
  }
}
