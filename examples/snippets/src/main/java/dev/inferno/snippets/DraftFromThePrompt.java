package dev.inferno.snippets;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.Verification;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// Several tokens from one pass, where a text repeats what it has said.
public class DraftFromThePrompt {
  public static void main(String[] args) throws Exception {
    String text = "red, green, blue, red, green, blue, red, green";
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(40);
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession();
        Session plain = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onVerification(Verification v) {
              System.out.printf(
                  "step %d: %d of %d accepted%n", v.step(), v.accepted(), v.ids().size());
            }
          });
      Generation generation = session.generate(text, options.speculation(7));
      System.out.printf(
          "%d of %d drafted tokens, the same text: %s%n",
          generation.accepted(),
          generation.drafted(),
          generation.ids().equals(plain.generate(text, options).ids()));
    }
  }
}
