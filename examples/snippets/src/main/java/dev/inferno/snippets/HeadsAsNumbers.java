package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import java.nio.file.Path;

/// Less than the values: norms, entropies, the largest.
public class HeadsAsNumbers {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.observe(
          Hook.PATTERN.layer(2).lastPosition().entropy(),
          a -> System.out.printf("head 0 is spread by %.2f nats%n", a.tensor().get(0, 0)));
      session.observe(
          Hook.PATTERN.layer(2).head(0).lastPosition().top(3),
          a ->
              System.out.printf(
                  "it looks at position %.0f with %.2f%n",
                  a.indices().orElseThrow().get(0, 0, 0), a.tensor().get(0, 0, 0)));
      session.observe(
          Hook.RESID_POST.allLayers().lastPosition().norm(),
          a -> System.out.printf("%s %.1f%n", a.name(), a.tensor().get(0)));
      session.append(model.tokenizer().encode("Once upon a time").ids());
    }
  }
}
