package dev.inferno.cli;

import static java.util.stream.Collectors.joining;

import dev.inferno.Chat;
import dev.inferno.ChatMessage;
import dev.inferno.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What is said to a chat itself and not to the model: lines that begin with a slash.
final class ChatCommands {
  private static final String NOTHING = "-";

  private final Chat chat;
  private final SettingsOfChat settings;
  private final ChatFront front;
  private final ChatLoop loop;

  /// A command by its name.
  private enum Command {
    HELP("", "lists the commands"),
    SYSTEM("[TEXT]", "tells the model its task, or shows what it was told; - takes it away"),
    CLEAR("", "forgets the conversation, but not the task"),
    UNDO("", "takes back what was said last, and the reply to it"),
    REGENERATE("", "has the model answer again"),
    CONTINUE("", "has the model go on with its reply"),
    SAVE("FILE", "writes the conversation to a file, as JSON"),
    LOAD("FILE", "goes on with the conversation in a file"),
    STATS("", "shows how full the context is, and how fast it goes"),
    SET("[NAME VALUE]", "sets how replies are generated, or shows it; the VALUE default undoes it"),
    QUIT("", "ends the chat");

    private final String arguments;
    private final String job;

    Command(String arguments, String job) {
      this.arguments = arguments;
      this.job = job;
    }

    String typed() {
      return "/" + name().toLowerCase(Locale.ROOT);
    }

    static Optional<Command> of(String typed) {
      return Arrays.stream(values()).filter(each -> each.typed().equals(typed)).findFirst();
    }
  }

  ChatCommands(Chat chat, SettingsOfChat settings, ChatFront front, ChatLoop loop) {
    this.chat = chat;
    this.settings = settings;
    this.front = front;
    this.loop = loop;
  }

  /// What a word of a line may be.
  ///
  /// @param word which one, counted from 0
  static List<String> completions(String line, int word) {
    if (word == 0 && line.startsWith("/")) {
      return Arrays.stream(Command.values()).map(Command::typed).toList();
    }
    boolean names = word == 1 && line.startsWith(Command.SET.typed() + " ");
    return names ? SettingsOfChat.names() : List.of();
  }

  /// Does what a line says.
  ///
  /// @throws IllegalArgumentException if it is no command, or an argument is not possible
  void run(String line) throws IOException {
    String[] parts = line.strip().split("\\s+", 2);
    String rest = parts.length > 1 ? parts[1] : "";
    Command command =
        Command.of(parts[0])
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no command %s; /help lists them, and a message between \"\"\" and \"\"\" may begin with a slash"
                        .formatted(parts[0])));
    if (command.arguments.isEmpty() && !rest.isEmpty()) {
      throw new IllegalArgumentException(
          "%s takes nothing, but has '%s'".formatted(parts[0], rest));
    }
    switch (command) {
      case HELP -> help();
      case SYSTEM -> system(rest);
      case CLEAR -> chat.clear();
      case UNDO -> undo();
      case REGENERATE -> loop.reply(chat::regenerate);
      case CONTINUE -> loop.reply(chat::continueReply);
      case SAVE -> save(file(command, rest));
      case LOAD -> load(file(command, rest));
      case STATS -> stats();
      case SET -> set(rest);
      case QUIT -> loop.end();
    }
  }

  private void help() {
    front.say(
        Arrays.stream(Command.values())
            .map(each -> "%-19s %s".formatted(each.typed() + " " + each.arguments, each.job))
            .collect(joining("\n")));
    front.say("settings: " + String.join(", ", SettingsOfChat.names()));
    front.say(
        "A message of several lines stands between \"\"\" and \"\"\", or has a backslash at the end"
            + " of each line but the last.");
  }

  private void system(String text) {
    if (text.isEmpty()) {
      List<ChatMessage> messages = chat.history();
      boolean told = !messages.isEmpty() && messages.getFirst().role().equals("system");
      front.say(told ? messages.getFirst().content() : "The model was told nothing.");
    } else {
      chat.system(text.equals(NOTHING) ? "" : text);
    }
  }

  private void undo() {
    front.say(
        chat.undo()
            .map(message -> "taken back: " + message.content())
            .orElse("There is nothing to take back."));
  }

  private static Path file(Command command, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(command.typed() + " needs the name of a file");
    }
    return Path.of(name);
  }

  private void save(Path file) throws IOException {
    ChatFile.save(file, chat.history());
    front.say("%d messages in %s".formatted(chat.history().size(), file));
  }

  private void load(Path file) throws IOException {
    chat.history(ChatFile.load(file));
    front.say("%d messages from %s".formatted(chat.history().size(), file));
  }

  private void stats() {
    Session session = chat.session();
    front.say(
        String.format(
            Locale.ROOT,
            "messages: %d; positions: %d of %d; keys and values: %,d bytes",
            chat.history().size(),
            session.length(),
            session.contextLength(),
            session.cacheBytes()));
    loop.last().ifPresent(reply -> front.say(ChatLoop.describe(reply)));
  }

  private void set(String rest) {
    if (rest.isEmpty()) {
      front.say(settings.describe());
      return;
    }
    String[] parts = rest.split("\\s+", 2);
    if (parts.length < 2) {
      throw new IllegalArgumentException("/set needs a name and a value, but has '" + rest + "'");
    }
    settings.set(parts[0], parts[1]);
  }
}
