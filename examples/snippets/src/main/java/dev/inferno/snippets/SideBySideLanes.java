package dev.inferno.snippets;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Scheduler;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;
import java.util.concurrent.Future;

/// A fork goes on from the same past, with an edit that its sibling does not have.
public class SideBySideLanes {
  public static void main(String[] args) throws Exception {
    var options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(8);
    try (Model model = Model.load(Path.of(args[0]));
        Session plain = model.newSession()) {
      plain.append(model.tokenizer().encode("Once upon a time, there was").ids());
      try (Session edited = plain.fork()) {
        edited.intervene(Hook.MLP_POST.layer(6).scale(0.5f).onlyGenerated());
        Scheduler scheduler = model.scheduler(); // one pass over the weights serves both
        Future<Generation> asItIs = scheduler.submit(plain, new int[0], options);
        Future<Generation> changed = scheduler.submit(edited, new int[0], options);
        System.out.println("plain: " + asItIs.get().text());
        System.out.println("edited:" + changed.get().text());
      }
    }
  }
}
