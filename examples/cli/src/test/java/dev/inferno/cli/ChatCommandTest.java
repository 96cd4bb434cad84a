package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.ChatMessage;
import dev.inferno.EndReason;
import dev.inferno.Generation;
import dev.inferno.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command `chat` without a terminal, with the bundled model.
final class ChatCommandTest {
  @TempDir private Path folder;

  private static CommandRun chat(String input, String... options) {
    List<String> arguments = new ArrayList<>(List.of("chat", "--greedy"));
    arguments.addAll(Arrays.asList(options));
    return CommandRun.withInput(input, arguments.toArray(String[]::new));
  }

  /// The messages that a chat has saved.
  private JsonNode saved(String input, String... options) {
    Path file = folder.resolve("chat.json");
    CommandRun run = chat(input + "\n/save " + file + "\n", options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains(" messages in " + file);
    return Fixtures.json(file);
  }

  private static List<String> contents(JsonNode messages) {
    return messages.valueStream().map(each -> each.required("content").textValue()).toList();
  }

  @Test
  void eachLineIsAnsweredAndTheBeginningIsKept() {
    CommandRun run = chat("What is AI?\n\nWhat is your name?\n");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSizeGreaterThanOrEqualTo(2).noneMatch(String::isBlank);
    assertThat(run.err().lines())
        .hasSize(2)
        .first(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .matches("\\[\\w+ after \\d+ tokens; prompt: \\d+ tokens, 0 of them kept, .* seed -?\\d+]");
    assertThat(run.err()).containsPattern("prompt: \\d+ tokens, [1-9]\\d* of them kept");
    assertThat(run.out() + run.err()).doesNotContain("\u001b", "\r", "> ");
  }

  @Test
  void aReplyThatIsCancelledBeforeItsFirstTokenHasNoRates() {
    var generation =
        new Generation(List.of(1, 2), List.of(), "", EndReason.CANCELLED, 7, 0, 0, 0, 0, 0);
    var reply = new Reply(ChatMessage.assistant(""), generation, 5, 3, List.of());
    assertThat(ChatLoop.describe(reply))
        .isEqualTo("[cancelled before the first token; prompt: 5 tokens, 3 of them kept; seed 7]");
  }

  @Test
  void aReplyIsThatOfTheRenderedPrompt() throws IOException {
    JsonNode messages = saved("What is AI?");
    Path question = folder.resolve("question.json");
    Files.writeString(question, "[" + messages.get(0) + "]");
    JsonNode rendered = CommandRun.of("render", "--messages", question.toString(), "--json").json();
    JsonNode run =
        CommandRun.of("run", "--ids", rendered.required("ids").toString(), "--greedy", "--json")
            .json();
    assertThat(contents(messages)).containsExactly("What is AI?", run.required("text").textValue());
  }

  @Test
  void aMessageMayHaveSeveralLines() {
    assertThat(contents(saved("one\\\ntwo ☀️\n\"\"\"\n/help\n\n{{ 1 }}<|end|>\n\"\"\"")))
        .contains("one\ntwo ☀️", "/help\n\n{{ 1 }}<|end|>")
        .hasSize(4);
    assertThat(contents(saved("\"\"\"a\nb\"\"\""))).contains("a\nb");
  }

  @Test
  void commandsChangeTheConversation() {
    JsonNode messages =
        saved(
            """
            What is AI?
            /undo
            /system Be brief.
            What is your name?
            /regenerate
            /set max-tokens 1
            Write a story
            /set max-tokens 3
            /continue
            """);
    assertThat(contents(messages).subList(0, 2)).containsExactly("Be brief.", "What is your name?");
    assertThat(messages).hasSize(5);
    assertThat(messages.get(4).path("cut_off").booleanValue()).isTrue();
    assertThat(messages.get(2).path("cut_off").isMissingNode()).isTrue();
    assertThat(saved("What is AI?\n/clear\n/system -", "--system", "Be kind.")).isEmpty();
    assertThat(contents(saved("What is AI?\n/clear", "--system", "Be kind.")))
        .containsExactly("Be kind.");
  }

  @Test
  void aConversationIsSavedAndGoneOnWith() throws IOException {
    Path file = folder.resolve("first.json");
    String first = chat("What is AI?\n/save " + file).err();
    assertThat(first).contains("2 messages in " + file);
    assertThat(Files.readString(file)).startsWith("[\n{\"role\":\"user\"").endsWith("}\n]\n");
    assertThat(saved("/load " + file + "\nWrite a story")).hasSize(4);
  }

  @Test
  void whatHoldsIsShown() {
    String said =
        chat(
                """
                /set temp 0.5
                /set stop END
                /set
                /set temp default
                /set seed 7
                /set
                /system
                /stats
                /help
                """,
                "--top-k=3",
                "--system=Be brief.")
            .err();
    assertThat(said)
        .contains(
            "\"temperature\":0.5,\"top_k\":3,",
            "\nset: greedy true; top-k 3; temp 0.5; stop END\n",
            "\nset: greedy true; top-k 3; stop END; seed 7\n",
            "\nBe brief.\n",
            "messages: 1; positions: 0 of 512; ",
            "/regenerate",
            "settings: max-tokens, ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/bogus                 | there is no command /bogus; /help lists them",
        "/clear all             | /clear takes nothing, but has 'all'",
        "/regenerate            | there is no reply to generate again: the chat has no message",
        "/save                  | /save needs the name of a file",
        "/save no/such/folder/x | there is no folder",
        "/load no/such/file     | no/such/file: no such file",
        "/set bogus 1           | there is no setting 'bogus'; possible are max-tokens, temp,",
        "/set temp              | /set needs a name and a value, but has 'temp'",
        "/set temp warm         | 'warm' is not a float",
        "/set temp -1           | temperature must be finite and at least 0, but is -1"
      })
  void whatIsNotPossibleIsSaidAndTheChatGoesOn(String line, String message) {
    CommandRun run = chat(line + "\nWhat is AI?\n");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("inferno chat: ").contains(message);
    assertThat(run.out()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{\"role\":\"user\"},1] | message 2: an object was expected",
        "[{\"content\":\"x\"}]   | message 1: the role of a message must be a text, but is null",
        "{}                      | an array of messages was expected",
        "[                       | not valid JSON"
      })
  void aFileOfSomethingElseIsRefused(String json, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.json"), json);
    assertThat(chat("/load " + file).err()).startsWith("inferno chat: " + file).contains(message);
  }

  @Test
  void optionsThatAreNotPossibleAreToldBeforeTheChat() throws IOException {
    assertThat(chat("", "--temp=-1").exitCode()).isEqualTo(2);
    assertThat(chat("", "-c", "0").exitCode()).isEqualTo(2);
    String bare = Fixtures.copied("arch/llama/model-f32.gguf").toString();
    assertThat(chat("", bare).err())
        .isEqualTo("inferno chat: " + bare + " has no chat template; --template FILE gives one\n");
    Path template =
        Files.writeString(
            folder.resolve("template.jinja"), "{{ messages[0].content }}{{ mood }}{{ '!' }}");
    CommandRun run =
        chat("Hi\n", bare, "--template=" + template, "--set=mood=merry", "--max-tokens=2");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void aChatThatDoesNotFitIsSaid() {
    CommandRun run = chat("very ".repeat(50) + "\n", "-c", "40");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("tokens, but the context has room for 40");
  }

  @Test
  void theProgramEndsWhereItIsTold() {
    CommandRun run = chat("/quit\nWhat is AI?\n");
    assertThat(run).isEqualTo(new CommandRun(0, "", ""));
  }
}
