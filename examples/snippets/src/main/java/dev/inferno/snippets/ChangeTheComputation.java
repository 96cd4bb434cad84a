package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// The same prompt with and without one attention head.
public class ChangeTheComputation {
  public static void main(String[] args) throws Exception {
    var options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(12);
    try (Model model = Model.load(Path.of(args[0]))) {
      try (Session session = model.newSession()) {
        System.out.println("as it is:  " + session.generate("Once upon a time", options).text());
      }
      try (Session session = model.newSession()) {
        session.intervene(Hook.Z.layer(5).head(3).zero());
        session.intervene(Hook.RESID_POST.layer(6).scale(1.05f).onlyGenerated());
        System.out.println("changed:   " + session.generate("Once upon a time", options).text());
      }
    }
  }
}
