package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.observe.analysis.AttentionRollout;
import dev.inferno.observe.analysis.HeadScores;
import dev.inferno.observe.analysis.Uncertainty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Pure functions over what was observed.
public class AnalyseARun {
  private static final String TEXT =
      "Once upon a time, there was a small robot named Gizmo. Every day, Gizmo";

  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      int[] ids = model.tokenizer().encode(TEXT).ids();
      int length = ids.length;
      int heads = model.info().heads();
      List<float[]> patterns = new ArrayList<>(); // of each layer, [heads, length, length]
      session.observe(Hook.PATTERN.allLayers(), a -> patterns.add(a.tensor().copy()));
      session.append(ids);

      for (int layer = 0; layer < patterns.size(); layer++) {
        for (int head = 0; head < heads; head++) {
          int from = head * length * length;
          float[] pattern = Arrays.copyOfRange(patterns.get(layer), from, from + length * length);
          double induction = HeadScores.induction(pattern, ids).orElse(0);
          if (induction > 0.4) {
            System.out.printf("layer %d, head %d: induction %.2f%n", layer, head, induction);
          }
        }
      }
      double[] last = AttentionRollout.of(patterns, heads, length)[length - 1];
      System.out.printf("%.2f of the last position flows from the first%n", last[0]);

      float[] logits = session.logits().copy();
      System.out.printf(
          "entropy %.2f nats, margin %.2f%n",
          Uncertainty.entropyOfLogits(logits), Uncertainty.margin(logits));
    }
  }
}
