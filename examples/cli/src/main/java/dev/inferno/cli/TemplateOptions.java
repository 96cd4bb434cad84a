package dev.inferno.cli;

import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which chat template makes prompts, and what it is told besides the messages.
final class TemplateOptions {
  @Option(
      names = "--template",
      paramLabel = "FILE",
      description = "A template to use instead of the model's own.")
  private @Nullable String template;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "A variable of the template, such as enable_thinking=false; the value is JSON, or else a"
              + " text. May be repeated.")
  private Map<String, String> variables = new LinkedHashMap<>();

  @Option(
      names = "--now",
      paramLabel = "TIME",
      description = "What time it is for the template, such as 2025-07-10T12:00:00.")
  private @Nullable LocalDateTime now;

  /// The template's text.
  ///
  /// @param model what messages call the model
  /// @throws IOException if the file of one cannot be read
  /// @throws IllegalArgumentException if there is none
  String source(Tokenizer tokenizer, String model, Console console) throws IOException {
    if (template != null) {
      return TextFile.read(template, console);
    }
    return tokenizer
        .chatTemplate()
        .orElseThrow(() ->
            new IllegalArgumentException(
                model + " has no chat template; --template FILE gives one"));
  }

  /// The variables with their values as plain data.
  Map<String, @Nullable Object> variables() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    variables.forEach((name, value) -> values.put(name, value(value)));
    return values;
  }

  private static @Nullable Object value(String text) {
    try {
      return Json.plain(Json.read(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      return text;
    }
  }

  /// The time that the template is told.
  Clock clock() {
    return now == null
        ? Clock.system(ZoneId.systemDefault())
        : Clock.fixed(now.toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
  }
}
