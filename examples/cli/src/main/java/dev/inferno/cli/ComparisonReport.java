package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.Divergence;
import dev.inferno.Divergence.LayerDifference;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// How far two models are from each other, for people and for programs.
record ComparisonReport(String model, String other, Divergence divergence, Console console) {

  void print() {
    PrintStream out = console.out();
    Divergence.Spread kl = divergence.kl();
    out.printf("A %s%nB %s%n", model, other);
    out.printf(
        "%d positions in %d %s%n%n",
        divergence.positions(),
        divergence.windows(),
        divergence.windows() == 1 ? "window" : "windows");
    out.printf(
        Locale.ROOT,
        "KL(A||B), nats     mean %.6f  median %.6f  90 %% %.6f  95 %% %.6f  99 %% %.6f%n",
        kl.mean(),
        kl.median(),
        kl.percentile90(),
        kl.percentile95(),
        kl.percentile99());
    out.printf(
        Locale.ROOT, "                   most %.6f at position %d%n", kl.max(), kl.maxPosition());
    out.printf(
        Locale.ROOT, "same likeliest     %.2f %% of the positions%n", 100 * divergence.agreement());
    if (divergence.perplexity().isPresent()) {
      out.printf(
          Locale.ROOT,
          "perplexity         A %.4f  B %.4f%n",
          divergence.perplexity().getAsDouble(),
          divergence.otherPerplexity().orElseThrow());
    }
    if (divergence.layers().isEmpty()) {
      out.println(
          "The models have other layers or widths: their residual streams cannot be compared");
    } else {
      printLayers(out);
    }
  }

  private void printLayers(PrintStream out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("residual stream", "mean |A - B|", "mean |A|", "share"));
    divergence.embedding().ifPresent(embedding -> rows.add(row("embedding", embedding)));
    for (LayerDifference layer : divergence.layers()) {
      rows.add(row("behind layer " + layer.layer(), layer));
    }
    Columns.print(out, rows, 3);
    out.println();
    Optional<LayerDifference> first = divergence.firstDifference();
    String threshold = percent(divergence.threshold());
    out.println(
        first.isPresent()
            ? "first part by more than %s behind layer %d".formatted(threshold, first.get().layer())
            : "no layer parts by more than " + threshold);
  }

  private static List<String> row(String name, LayerDifference layer) {
    return List.of(
        name,
        String.format(Locale.ROOT, "%.6f", layer.difference()),
        String.format(Locale.ROOT, "%.6f", layer.magnitude()),
        percent(layer.relative()));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  void printJson() throws IOException {
    ObjectNode root = Json.object();
    root.put("model", model);
    root.put("against", other);
    root.put("positions", divergence.positions());
    root.put("windows", divergence.windows());
    Divergence.Spread spread = divergence.kl();
    root.putObject("kl")
        .put("mean", spread.mean())
        .put("median", spread.median())
        .put("p90", spread.percentile90())
        .put("p95", spread.percentile95())
        .put("p99", spread.percentile99())
        .put("max", spread.max())
        .put("max_position", spread.maxPosition());
    root.put("top1_agreement", divergence.agreement());
    put(root, "perplexity", divergence.perplexity());
    put(root, "against_perplexity", divergence.otherPerplexity());
    if (divergence.embedding().isPresent()) {
      put(root.putObject("embedding"), divergence.embedding().get());
    } else {
      root.putNull("embedding");
    }
    ArrayNode layers = root.putArray("layers");
    for (LayerDifference layer : divergence.layers()) {
      put(layers.addObject().put("layer", layer.layer()), layer);
    }
    root.put("threshold", divergence.threshold());
    if (divergence.firstDifference().isPresent()) {
      root.put("first_layer", divergence.firstDifference().get().layer());
    } else {
      root.putNull("first_layer");
    }
    Json.print(root, console);
  }

  private static void put(ObjectNode node, LayerDifference layer) {
    node.put("difference", layer.difference());
    node.put("magnitude", layer.magnitude());
    node.put("relative", layer.relative());
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }
}
