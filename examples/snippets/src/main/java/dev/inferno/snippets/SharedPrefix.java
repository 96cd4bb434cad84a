package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Prefix;
import dev.inferno.Session;
import dev.inferno.sampler.Sampler;
import java.nio.file.Files;
import java.nio.file.Path;

/// A beginning that is computed once, continued by several sessions, and kept in a file.
public class SharedPrefix {
  public static void main(String[] args) throws Exception {
    GenerationOptions options = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(4);
    try (Model model = Model.load(Path.of(args[0]))) {
      Prefix prefix;
      try (Session session = model.newSession()) {
        session.append(model.tokenizer().encode("The capital of").ids());
        prefix = session.prefix();
      }
      for (String country : new String[] {" France is", " Italy is"}) {
        try (Session session = model.newSession(prefix)) {
          System.out.println(country + session.generate(country, options).text());
        }
      }

      Path file = Files.createTempFile("capital", ".prefix");
      prefix.save(file);
      Prefix loaded = model.loadPrefix(file); // in another process, too
      System.out.println(loaded.length() + " tokens in " + Files.size(file) + " bytes");
      Files.delete(file);
    }
  }
}
