package dev.inferno.cli;

import dev.inferno.Chat;
import dev.inferno.GenerationDefaults;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Talks with a model.
@Command(
    name = "chat",
    description = {
      "Talks with a model, by its chat template. Special tokens and template code in what is typed"
          + " are text.",
      "In a terminal, lines are edited and remembered, and Ctrl-C ends a reply, Ctrl-D the chat."
          + " Otherwise each line of the standard input is a message; replies go to the standard"
          + " output, everything else to the standard error.",
      "A message of several lines stands between \"\"\" and \"\"\", or has a backslash at the end"
          + " of each line but the last. A line that begins with a slash is a command: /help lists"
          + " them.",
      "Where no option says how a token is chosen, the model may, as in run."
    })
final class ChatCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;
  @Mixin private LoadingOptions loading;

  @Option(names = "--system", paramLabel = "TEXT", description = "Tell the model its task.")
  private String system = "";

  @Mixin private TemplateOptions template;
  @Mixin private ChatSettings settings;
  @Mixin private CacheOptions cache;
  @Mixin private ThreadsOption threads;

  @Option(
      names = "--no-history",
      description = "Neither remember what is typed for the next start nor recall it.")
  private boolean withoutHistory;

  ChatCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    var _ =
        Failures.inRange(spec.commandLine(), () -> settings.options(GenerationDefaults.NONE, 0));
    SessionOptions options =
        Failures.inRange(spec.commandLine(), () -> threads.apply(cache.sessionOptions()));
    try (Model model = modelFile.load(console, loading.options());
        Chat chat = model.newChat(options)) {
      int context = chat.session().contextLength();
      ModelFile.warnOfContext(context, model.info(), console);
      chat.template(template.source(model.tokenizer(), modelFile.name(), console))
          .clock(template.clock())
          .system(system);
      template.variables().forEach(chat::variable);
      var changing =
          SettingsOfChat.of(
              spec.commandLine().getParseResult(), model.generationDefaults(), context);
      try (ChatFront front = front()) {
        if (console.isTerminal()) {
          front.say(
              "%s, a context of %d tokens. /help lists the commands; Ctrl-C ends a reply, Ctrl-D the chat."
                  .formatted(model.info().name(), context));
        }
        boolean done = new ChatLoop(chat, front, changing).run();
        return done || console.isTerminal() ? 0 : 1;
      }
    }
  }

  private ChatFront front() throws IOException {
    return console.isTerminal()
        ? TerminalFront.ofProcess(history())
        : new PipedFront(spec.qualifiedName(), console);
  }

  private Optional<Path> history() {
    if (withoutHistory) {
      return Optional.empty();
    }
    try {
      return Optional.of(HistoryFile.ofUser());
    } catch (IOException e) {
      console.err().println("warning: what is typed cannot be remembered: " + Failures.message(e));
      return Optional.empty();
    }
  }
}
