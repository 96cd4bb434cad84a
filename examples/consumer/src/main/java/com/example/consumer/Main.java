package com.example.consumer;

import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/// Loads a model, lets it continue a text, and watches.
public final class Main {
  private Main() {}

  /// Continues a text by the likeliest tokens, and prints what is seen meanwhile and what came out.
  ///
  /// @param args the path of a model in GGUF
  public static void main(String[] args) throws IOException {
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(6);
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.addListener(new Printer());
      Generation generation = session.generate("The capital of France is", options);
      System.out.println("ids " + generation.ids());
      System.out.println("text" + generation.text());
    }
  }

  /// Prints where one head looks, and each token that is chosen.
  private static final class Printer implements StepListener {
    @Override
    public ObservationPlan plan(ModelInfo model) {
      return ObservationPlan.of(Hook.PATTERN.layer(0).head(0).lastPosition());
    }

    @Override
    public void onActivation(Activation activation) {
      StringBuilder row = new StringBuilder("attention");
      for (float weight : activation.tensor().copy()) {
        row.append(String.format(Locale.ROOT, " %.2f", weight));
      }
      System.out.println(row);
    }

    @Override
    public void onSelection(Selection selection) {
      System.out.println(
          String.format(
              Locale.ROOT,
              "selection of %d with %.1f %%",
              selection.id(),
              100 * selection.probability()));
    }
  }
}
