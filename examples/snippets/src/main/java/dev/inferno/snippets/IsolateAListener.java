package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import java.nio.file.Path;

/// A listener with a fault, and a generation that goes on without it.
public class IsolateAListener {
  public static void main(String[] args) throws Exception {
    var options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(8);
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      var faulty =
          new StepListener() {
            @Override
            public void onSelection(Selection s) {
              System.out.println(s.text() + " has rank " + 1 / (2 - s.step()));
            }
          };
      try (Session.Registration drawn = session.addListener(faulty, ListenerErrors.ISOLATE)) {
        System.out.println("all:" + session.generate("Once upon a time", options).text());
        drawn.failure().ifPresent(failure -> System.out.println("seen in part: " + failure));
      }
    }
  }
}
