package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.tokenizer.EncodeOptions;
import java.nio.file.Path;

/// What the model thinks of a text that it did not choose, token by token; and how it goes on.
public class ForceAText {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      var continuing = new EncodeOptions(false, false, false);
      int[] ids = model.tokenizer().encode(" Rome. The", continuing).ids();
      session.addListener(
          new StepListener() {
            @Override
            public void onSelection(Selection s) {
              System.out.printf(
                  "%s%-9s rank %d, surprisal %.2f nats%n",
                  s.forced() ? "forced" : "chosen", s.text(), s.rank(), -s.logProbability());
            }
          });
      session.generate(
          "The capital of France is",
          GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(8).forced(ids));
    }
  }
}
