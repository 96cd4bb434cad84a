package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// How much a head reads of the first token, the question, and what it has said itself.
public class MassByGroup {
  public static void main(String[] args) throws Exception {
    var options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(6);
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      int[] prompt = model.tokenizer().encode("The capital of France is").ids();
      session.observe(
          Hook.PATTERN.layer(5).head(3).lastPosition().mass(1, prompt.length),
          a ->
              System.out.printf(
                  "position %d: first %.2f, prompt %.2f, own %.2f%n",
                  a.firstPosition(),
                  a.tensor().get(0, 0, 0),
                  a.tensor().get(0, 0, 1),
                  a.tensor().get(0, 0, 2)));
      session.generate(prompt, options);
    }
  }
}
