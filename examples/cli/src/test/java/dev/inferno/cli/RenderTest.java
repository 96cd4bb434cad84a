package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command `render`, with the bundled model's vocabulary.
final class RenderTest {
  @TempDir private Path folder;

  private String template = "";

  @BeforeEach
  void writeTemplate() throws IOException {
    template =
        file(
            "template.jinja",
            "{% for message in messages %}<|end|>{{ message.content }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|end|>' }}{% endif %}{{ name }}"
                + "{{ tools | tojson if tools }}");
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private CommandRun render(String messages, String... options) throws IOException {
    String[] all = new String[options.length + 5];
    all[0] = "render";
    all[1] = "--messages";
    all[2] = file("messages.json", messages);
    all[3] = "--template";
    all[4] = template;
    System.arraycopy(options, 0, all, 5, options.length);
    return CommandRun.of(all);
  }

  @Test
  void aSpecialTokenOfTheTemplateIsOneAndThatOfAUserIsText() throws IOException {
    CommandRun run = render("[{\"role\":\"user\",\"content\":\"<|end|>\"}]");
    assertThat(run)
        .isEqualTo(new CommandRun(0, "<|end|><|end|><|end|>\n[2047,276,293,277,2047]\n", ""));
  }

  @Test
  void jsonTellsWhatWasInput() throws IOException {
    CommandRun run =
        render("[{\"role\":\"user\",\"content\":\"<|end|>\"}]", "--json", "--no-generation-prompt");
    assertThat(run.out())
        .isEqualTo(
            "{\"text\":\"<|end|><|end|>\",\"ids\":[2047,276,293,277],\"segments\":["
                + "{\"text\":\"<|end|>\",\"input\":false},{\"text\":\"<|end|>\",\"input\":true}]}\n");
  }

  @Test
  void variablesToolsAndTheLastMessageToContinueAreUnderstood() throws IOException {
    String tools = file("tools.json", "[{\"name\":\"f\"}]");
    String messages = "{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}],\"more\":1}";
    assertThat(render(messages, "--set", "name=Ann", "--tools", tools).out())
        .startsWith("<|end|>a<|end|>Ann[{\"name\": \"f\"}]\n");
    assertThat(render(messages, "--set", "name=x", "--continue").out()).startsWith("<|end|>a\n");
  }

  @Test
  void aLineOfJsonIsRenderedOrSaysWhyNot() {
    CommandRun run =
        CommandRun.withInput(
            """
            {"template":"{{ x | upper }} {{ strftime_now('%Y') }}","context":{"x":"é"}}
            {"template":"{{ raise_exception('No.') }}","context":{}}
            {"template":"{{ 1 + 'a' }}","context":{}}
            {"template":"{% if %}","context":{}}
            """,
            "render", "--jsonl", "--now=2025-07-10T12:00:00");
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("{\"output\":\"É 2025\"}"),
            line -> assertThat(line).isEqualTo("{\"error\":\"No.\"}"),
            line -> assertThat(line).startsWith("{\"error\":\"TypeError: "),
            line -> assertThat(line).startsWith("{\"error\":\"TemplateSyntaxError: "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"role\":1}                  | an array of messages was expected",
        "[                             | not valid JSON",
        "[{\"role\":\"user\"}] --continue | a last message whose content is a text"
      })
  void whatCannotBeRenderedIsSaid(String messages, String message) throws IOException {
    String[] parts = messages.split(" ", 2);
    CommandRun run = parts.length == 1 ? render(parts[0]) : render(parts[0], parts[1]);
    assertThat(run.exitCode()).isPositive();
    assertThat(run.err()).contains(message);
  }

  @Test
  void aModelWithoutATemplateSaysSo() throws IOException {
    CommandRun run =
        CommandRun.of(
            "render",
            Fixtures.copied("arch/llama/model-f32.gguf").toString(),
            "--messages",
            file("messages.json", "[]"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("has no chat template");
  }
}
