package dev.inferno.snippets;

import dev.inferno.Comparison;
import dev.inferno.Divergence;
import dev.inferno.Model;
import dev.inferno.convert.FileType;
import dev.inferno.convert.Quantizer;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a smaller type costs: how far the predictions move, and from which layer on.
public class CompareQuantizations {
  public static void main(String[] args) throws Exception {
    Path original = Path.of(args[0]);
    Path smaller = Files.createTempFile("smaller", ".gguf");
    Quantizer.quantize(original, smaller, FileType.named("Q4_0"), (_, _) -> {});
    try (Model model = Model.load(original);
        Model other = Model.load(smaller)) {
      Divergence divergence =
          Comparison.of(model, other).threshold(0.1).on("Once upon a time, there was a tiny boy.");
      System.out.printf(
          "KL %.4f nats, the same likeliest token at %.0f %% of %d positions%n",
          divergence.kl().mean(), 100 * divergence.agreement(), divergence.positions());
      divergence
          .firstDifference()
          .ifPresent(layer ->
              System.out.printf(
                  "apart by %.0f %% behind layer %d%n", 100 * layer.relative(), layer.layer()));
    } finally {
      Files.delete(smaller);
    }
  }
}
