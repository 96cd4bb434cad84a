package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.Chat;
import dev.inferno.ChatMessage;
import dev.inferno.Model;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// A chat in a terminal: what keys do.
@Timeout(120)
final class TerminalFrontTest {
  private static final String UP = "\u001bOA";
  private static final String LEFT = "\u001bOD";
  private static final String BACKSPACE = "\u007f";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";

  @TempDir private Path folder;

  private Model model;
  private Chat chat;

  @BeforeEach
  void begin() throws IOException {
    model = Model.load(BundledModel.bytes(), BundledModel.NAME);
    chat = model.newChat();
  }

  @AfterEach
  void end() {
    model.close();
  }

  /// What somebody does at a terminal.
  interface Person {
    void at(VirtualTerminal terminal) throws IOException, InterruptedException;
  }

  /// Runs the loop while a person types, until the chat ends.
  private String converse(String type, Person person) throws Exception {
    try (var terminal = new VirtualTerminal(type)) {
      var front = new TerminalFront(terminal.terminal(), Optional.of(folder.resolve("history")));
      return converse(terminal, front, person);
    }
  }

  private String converse(VirtualTerminal terminal, ChatFront front, Person person)
      throws Exception {
    var settings =
        SettingsOfChat.of(
            new CommandLine(new ChatSettings()).parseArgs("--greedy", "--max-tokens=8"),
            model.generationDefaults(),
            chat.session().contextLength());
    var loop = new FutureTask<>(() -> new ChatLoop(chat, front, settings).run());
    var thread = new Thread(loop, "chat");
    thread.start();
    try {
      person.at(terminal);
      var _ = loop.get(30, TimeUnit.SECONDS);
    } finally {
      thread.interrupt();
    }
    return terminal.shown();
  }

  private List<String> said() {
    return chat.history().stream()
        .filter(message -> message.role().equals("user"))
        .map(ChatMessage::content)
        .toList();
  }

  @Test
  void linesAreEditedAndRecalledAlsoAtTheNextStart() throws Exception {
    converse(
        "xterm",
        terminal -> {
          terminal.await("> ");
          terminal.type("Hallo" + BACKSPACE.repeat(4) + "ello ☀️!!" + LEFT + LEFT + "," + "\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type(UP + "?\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type(CTRL_D);
        });
    assertThat(said()).containsExactly("Hello ☀️,!!", "Hello ☀️,!!?");
    converse(
        "xterm",
        terminal -> {
          terminal.await("> ");
          terminal.type(UP + UP + "\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type("/quit\r");
        });
    assertThat(said()).hasSize(3).last().isEqualTo("Hello ☀️,!!");
  }

  @Test
  void aMessageMayHaveSeveralLinesTypedOrPasted() throws Exception {
    converse(
        "xterm",
        terminal -> {
          terminal.await("> ");
          terminal.type("one\\\rtwo\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type("\"\"\"\ra\\\rb\r\"\"\"\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type("\u001b[200~if x: \\\r  y\u001b[201~\r");
          terminal.await("of them kept");
          terminal.await("> ");
          terminal.type(CTRL_D);
        });
    assertThat(said()).containsExactly("one\ntwo", "a\\\nb", "if x: \\\n  y");
  }

  @Test
  void commandsAreCompleted() throws Exception {
    converse(
        "xterm",
        terminal -> {
          terminal.await("> ");
          terminal.type("/sy\t" + "Be kind.\r");
          terminal.await("> ");
          terminal.type("/set max-\t" + "2\r");
          terminal.await("> ");
          terminal.type("/qui\t\r");
        });
    assertThat(chat.history()).containsExactly(ChatMessage.system("Be kind."));
  }

  @Test
  void ctrlCEndsTheReplyOnlyAndTwiceTheChat() throws Exception {
    var interrupted = new CountDownLatch(1);
    String shown;
    try (var terminal = new VirtualTerminal("xterm")) {
      chat.session()
          .addListener(
              new StepListener() {
                @Override
                public void onSelection(Selection selection) {
                  if (selection.step() == 2) { // in the middle of a reply
                    press(terminal, CTRL_C, interrupted);
                  }
                }
              });
      var front = new TerminalFront(terminal.terminal(), Optional.empty());
      shown =
          converse(
              terminal,
              new Watched(front, interrupted),
              person -> {
                person.await("> ");
                person.type("Write a story\r");
                person.await("[cancelled after 3 tokens;");
                person.await("> ");
                person.type("rubbish" + CTRL_C);
                person.await("once more");
                person.await("> ");
                person.type(CTRL_C);
              });
    }
    assertThat(shown).doesNotContain("Exception");
    assertThat(said()).containsExactly("Write a story");
    assertThat(chat.history()).hasSize(2).last().matches(ChatMessage::isCutOff);
  }

  private static void press(VirtualTerminal terminal, String keys, CountDownLatch done) {
    try {
      terminal.type(keys);
      done.await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aDumbTerminalIsReadLineByLineAndGetsNoEscapes() throws Exception {
    String shown =
        converse(
            "dumb",
            terminal -> {
              terminal.await("> ");
              terminal.type("Hello ☀️\r");
              terminal.await("of them kept");
              terminal.await("> ");
              terminal.type("/bogus\r");
              terminal.await("there is no command");
              terminal.await("> ");
              terminal.type("/quit\r");
            });
    assertThat(shown).doesNotContain("\u001b");
    assertThat(said()).containsExactly("Hello ☀️");
  }

  @Test
  void whatAModelWritesDoesNotSteerTheTerminal() throws Exception {
    try (var terminal = new VirtualTerminal("dumb");
        var front = new TerminalFront(terminal.terminal(), Optional.empty())) {
      assertThat(front.show("a\u001b[2Jb\r\u009bc\td\n")).isTrue();
      terminal.await("d");
      assertThat(terminal.shown()).contains("a\uFFFD[2Jb\uFFFD\uFFFDc\td");
    }
  }

  /// A front of which it is known when Ctrl-C has arrived.
  private record Watched(ChatFront front, CountDownLatch interrupted) implements ChatFront {
    @Override
    public Optional<TypedText> read() throws IOException {
      return front.read();
    }

    @Override
    public boolean show(String piece) {
      return front.show(piece);
    }

    @Override
    public void endReply() {
      front.endReply();
    }

    @Override
    public void say(String text) {
      front.say(text);
    }

    @Override
    public void complain(String message) {
      front.complain(message);
    }

    @Override
    public Interruption onInterrupt(Runnable stop) {
      return front.onInterrupt(() -> {
        stop.run();
        interrupted.countDown();
      });
    }

    @Override
    public void close() throws IOException {
      front.close();
    }
  }
}
