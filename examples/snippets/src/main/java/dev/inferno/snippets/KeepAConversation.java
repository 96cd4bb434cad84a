package dev.inferno.snippets;

import dev.inferno.Chat;
import dev.inferno.ChatMessage;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Reply;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// What the cache keeps of a conversation, a reply that is begun for the model, and a history that
/// is kept for later.
public class KeepAConversation {
  public static void main(String[] args) throws Exception {
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(32);
    try (Model model = Model.load(Path.of(args[0]));
        Chat chat = model.newChat().system("You are terse.").options(options)) {
      chat.send("What is AI?");
      Reply reply = chat.send("What is your name?");
      System.out.printf("%d of %d tokens kept%n", reply.keptTokens(), reply.promptTokens());

      chat.undo();
      chat.add(ChatMessage.user("Write a story")).add(ChatMessage.assistant("Once upon"));
      System.out.println(chat.continueReply(options, _ -> {}).text());

      var plain = chat.history().stream().map(ChatMessage::plain).toList(); // to write as JSON
      try (Chat later = model.newChat()) {
        later.history(plain.stream().map(ChatMessage::ofPlain).toList());
        System.out.println(later.prompt().text());
      }
    }
  }
}
