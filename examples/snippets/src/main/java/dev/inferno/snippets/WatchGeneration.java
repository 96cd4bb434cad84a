package dev.inferno.snippets;

import dev.inferno.*;
import dev.inferno.observe.*;
import java.nio.file.Path;

public class WatchGeneration {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onSelection(Selection s) {
              System.out.printf("%-10s %5.1f %%%n", s.text(), 100 * s.probability());
            }
          });
      session.observe(
          Hook.PATTERN.layer(5).head(3).lastPosition(),
          a -> System.out.println(a.name() + " looks back at " + a.tensor().shape()[2]));
      session.generate("Once upon a time", GenerationOptions.defaults().maxTokens(16));
    }
  }
}
