package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import java.nio.file.Path;

/// The loop in one's own hands: append, look at the logits, take back, go two ways from one past.
public class OwnLoop {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.append(model.tokenizer().encode("The capital of France is").ids());
      int best = session.logits().argmax();
      System.out.printf(
          "best: %s %.4f%n", model.tokenizer().decode(best), session.logits().probability(best));

      session.append(best);
      session.rewind(1); // undo
      try (Session other = session.fork()) { // the same past, a future of its own
        other.append(model.tokenizer().encode(" Spain").ids());
        System.out.println(
            "the fork has " + other.length() + " tokens, the original " + session.length());
      }
    }
  }
}
