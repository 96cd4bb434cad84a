package dev.inferno.snippets;

import dev.inferno.Chat;
import dev.inferno.Model;
import java.nio.file.Path;

/// A conversation, the replies of which come piece by piece.
public class TalkToAModel {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Chat chat = model.newChat().system("You are terse.")) {
      chat.send("What is AI?", piece -> System.out.print(piece));
      chat.send("What is your name?", piece -> System.out.print(piece));
    }
  }
}
