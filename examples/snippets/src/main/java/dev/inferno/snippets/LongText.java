package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.KeyValueCache;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.StepListener;
import java.nio.file.Path;

/// A text longer than the context, and the cache in your own hands.
public class LongText {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession(SessionOptions.defaults().contextLength(64))) {
      session.addListener(
          new StepListener() {
            @Override
            public void onCacheChange(CacheChange c) {
              if (c.kind() == CacheChange.Kind.SHIFT) {
                System.out.printf("forgot %d, moved %d%n", c.count(), c.moved());
              }
            }
          });
      var options = GenerationOptions.defaults().maxTokens(120).ignoreEndOfText().contextShift(4);
      session.generate("Once upon a time", options);

      KeyValueCache cache = session.cache();
      cache.drop(4, 20); // what is behind moves down
      float[] value = cache.value(5, 3); // [keyValueHeads * valueSize]
      cache.setValue(5, 3, new float[value.length]);
      System.out.println("then" + model.tokenizer().decode(session.logits().argmax()));
    }
  }
}
