package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// A fork goes on from the same past, with an edit that its sibling does not have.
public class SideBySideLanes {
  public static void main(String[] args) throws Exception {
    var options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(8);
    try (Model model = Model.load(Path.of(args[0]));
        Session plain = model.newSession()) {
      plain.append(model.tokenizer().encode("Once upon a time, there was").ids());
      try (Session edited = plain.fork()) {
        edited.intervene(Hook.MLP_POST.layer(6).scale(0.5f).onlyGenerated());
        System.out.println("plain: " + plain.generate(new int[0], options).text());
        System.out.println("edited:" + edited.generate(new int[0], options).text());
      }
    }
  }
}
