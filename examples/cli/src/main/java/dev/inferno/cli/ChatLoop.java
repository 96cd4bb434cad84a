package dev.inferno.cli;

import dev.inferno.Chat;
import dev.inferno.EndReason;
import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Reply;
import dev.inferno.tokenizer.template.TemplateException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads what is typed, message by message, and has the model reply, until there is no more. For
/// one thread.
final class ChatLoop {
  private final Chat chat;
  private final ChatFront front;
  private final SettingsOfChat settings;
  private final ChatCommands commands;
  private Optional<Reply> last = Optional.empty();
  private boolean failed;
  private volatile boolean ended;

  ChatLoop(Chat chat, ChatFront front, SettingsOfChat settings) {
    this.chat = chat;
    this.front = front;
    this.settings = settings;
    this.commands = new ChatCommands(chat, settings, front, this);
  }

  /// A way to have the model say something.
  interface Answer {
    Reply with(GenerationOptions options, Consumer<String> onText);
  }

  /// To be called once.
  ///
  /// @return whether nothing failed
  boolean run() throws IOException {
    while (!ended) {
      Optional<TypedText> typed = front.read();
      if (typed.isEmpty()) {
        break;
      }
      try {
        take(typed.get());
      } catch (IOException
          | IllegalArgumentException
          | IllegalStateException
          | TemplateException e) {
        front.complain(Failures.message(e));
        failed = true;
      }
    }
    return !failed;
  }

  private void take(TypedText typed) throws IOException {
    if (typed.isCommand()) {
      commands.run(typed.text());
    } else if (!typed.isBlank()) {
      reply((options, onText) -> chat.send(typed.text(), options, onText));
    }
  }

  /// Shows a reply as it comes, and then how fast that was. Ctrl-C ends it where it is; a program
  /// that is to end lets it end first.
  void reply(Answer answer) {
    Reply reply;
    try (CtrlC _ = CtrlC.calls(this::endAll);
        ChatFront.Interruption _ = front.onInterrupt(chat::cancel)) {
      reply = answer.with(settings.options(), this::show);
    } finally {
      front.endReply();
    }
    last = Optional.of(reply);
    front.say(describe(reply));
  }

  private void show(String piece) {
    if (!front.show(piece)) {
      endAll();
    }
  }

  private void endAll() {
    ended = true;
    chat.cancel();
  }

  /// Reads no more.
  void end() {
    ended = true;
  }

  /// The latest reply.
  Optional<Reply> last() {
    return last;
  }

  /// What a reply cost.
  static String describe(Reply reply) {
    Generation generation = reply.generation();
    if (generation.end() == EndReason.CANCELLED && generation.ids().isEmpty()) {
      return "[cancelled before the first token; prompt: %d tokens, %d of them kept; seed %d]"
          .formatted(reply.promptTokens(), reply.keptTokens(), generation.seed());
    }
    return String.format(
        Locale.ROOT,
        "[%s after %d tokens; prompt: %d tokens, %d of them kept, %.1f tokens/s; then %.1f"
            + " tokens/s; seed %d]",
        generation.end().name().toLowerCase(Locale.ROOT),
        generation.ids().size(),
        reply.promptTokens(),
        reply.keptTokens(),
        generation.prefillTokensPerSecond(),
        generation.decodeTokensPerSecond(),
        generation.seed());
  }
}
