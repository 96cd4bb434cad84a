package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.LogitShares;
import dev.inferno.LogitShares.Neuron;
import dev.inferno.LogitShares.Part;
import dev.inferno.ModelInfo;
import dev.inferno.observe.Hook;
import dev.inferno.observe.analysis.LogitAttribution;
import dev.inferno.sampler.LogitStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What a logit is made of, for people and for scripts.
///
/// @param heads how many of the heads are shown
/// @param neurons how many of the neurons are shown
record AttributionReport(
    LogitShares shares,
    LogitStatistics statistics,
    TokenText text,
    ModelInfo model,
    int heads,
    int neurons,
    Console console) {

  /// What a head put into the logit.
  private record Head(int layer, int head, double share) {}

  void print() {
    var out = console.out();
    int token = shares.token();
    out.printf("what makes %s, %s%n", text.quoted(token), standing(token));
    shares
        .other()
        .ifPresent(id -> out.printf("rather than %s, %s%n", text.quoted(id), standing(id)));
    printBlocks();
    printSum();
    if (heads > 0) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("strongest heads", "share"));
      strongestHeads()
          .forEach(each ->
              rows.add(
                  List.of(
                      "layer %d head %d".formatted(each.layer(), each.head()),
                      signed(each.share()))));
      Columns.print(out, rows, 1);
    }
    if (neurons > 0) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("strongest neurons", "activation", "share"));
      strongestNeurons()
          .forEach(each ->
              rows.add(List.of(name(each), signed(each.activation()), signed(each.share()))));
      Columns.print(out, rows, 2);
    }
  }

  private String standing(int token) {
    return String.format(
        Locale.ROOT,
        "token %d: logit %.4f, probability %.4f",
        token,
        statistics.logit(token),
        Math.exp(statistics.logProbability(token)));
  }

  private void printBlocks() {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("block", "attention", "mlp"));
    for (int layer = 0; layer < model.layers(); layer++) {
      rows.add(
          List.of(
              "layer " + layer,
              signed(share(Hook.ATTN_OUT, layer)),
              signed(share(Hook.MLP_OUT, layer))));
    }
    Columns.print(console.out(), rows, 2);
  }

  /// The share of the parts that are of a point, of one layer or, with -1, of all.
  private double share(Hook hook, int layer) {
    double sum = 0;
    for (int i = 0; i < shares.parts().size(); i++) {
      Part part = shares.parts().get(i);
      if (part.hook() == hook && (layer < 0 || part.layer().orElse(-1) == layer)) {
        sum += shares.attribution().contributions().get(i);
      }
    }
    return sum;
  }

  private void printSum() {
    LogitAttribution attribution = shares.attribution();
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("embedding", signed(share(Hook.EMBED, -1))));
    if (shares.parts().stream().anyMatch(part -> part.hook() == Hook.POS_EMBED)) {
      rows.add(List.of("positions", signed(share(Hook.POS_EMBED, -1))));
    }
    rows.add(List.of("attention of all blocks", signed(share(Hook.ATTN_OUT, -1))));
    rows.add(List.of("mlp of all blocks", signed(share(Hook.MLP_OUT, -1))));
    if (attribution.bias() != 0) {
      rows.add(List.of("bias of the final norm", signed(attribution.bias())));
    }
    rows.add(List.of("their sum", signed(attribution.sum())));
    rows.add(List.of("residual", String.format(Locale.ROOT, "%+.1e", attribution.residual())));
    if (shares.cap() != 0) {
      rows.add(List.of("output projection", signed(attribution.logit())));
      rows.add(List.of("what the cap on logits takes, which no part has", signed(shares.cap())));
    }
    String what = shares.other().isPresent() ? "difference of logits" : "logit";
    rows.add(List.of("the model's " + what, signed(shares.logit())));
    Columns.print(console.out(), rows, 1);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
  }

  private static String name(Neuron neuron) {
    String expert = neuron.expert().isPresent() ? " expert " + neuron.expert().getAsInt() : "";
    return "layer %d%s neuron %d".formatted(neuron.layer(), expert, neuron.index());
  }

  private List<Head> strongestHeads() {
    var all = new ArrayList<Head>();
    for (int layer = 0; layer < model.layers(); layer++) {
      double[] each = shares.heads(layer);
      for (int head = 0; head < each.length; head++) {
        all.add(new Head(layer, head, each[head]));
      }
    }
    all.sort(Comparator.comparingDouble(each -> -Math.abs(each.share())));
    return all.subList(0, Math.min(heads, all.size()));
  }

  private List<Neuron> strongestNeurons() {
    var progress = new Progress(console.err());
    Comparator<Neuron> strongest = Comparator.comparingDouble(each -> -Math.abs(each.share()));
    List<Neuron> best = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      progress.say("neurons of layer %d of %d", layer, model.layers());
      best.addAll(shares.neurons(layer));
      best.sort(strongest);
      best = new ArrayList<>(best.subList(0, Math.min(neurons, best.size())));
    }
    return best;
  }

  void printJson(int[] ids) throws IOException {
    LogitAttribution attribution = shares.attribution();
    ObjectNode root = Json.object();
    root.set("ids", Json.array(ids));
    putToken(root.putObject("token"), shares.token());
    shares.other().ifPresent(id -> putToken(root.putObject("against"), id));
    ArrayNode parts = root.putArray("parts");
    for (int i = 0; i < shares.parts().size(); i++) {
      Part part = shares.parts().get(i);
      ObjectNode node = parts.addObject().put("name", part.name());
      part.layer().ifPresent(layer -> node.put("layer", layer));
      node.put("share", attribution.contributions().get(i));
    }
    root.put("final_norm_bias", attribution.bias());
    root.put("sum", attribution.sum());
    root.put("projection", attribution.logit());
    root.put("residual", attribution.residual());
    root.put("cap", shares.cap());
    root.put("logit", shares.logit());
    ArrayNode blocks = root.putArray("blocks");
    for (int layer = 0; layer < model.layers(); layer++) {
      ObjectNode block = blocks.addObject().put("layer", layer);
      ArrayNode each = block.putArray("heads");
      for (double share : shares.heads(layer)) {
        each.add(share);
      }
      block.put("attention_bias", shares.attentionBias(layer));
      block.put("mlp_bias", shares.feedForwardBias(layer));
      block.put("shared_expert", shares.sharedExpert(layer));
    }
    ArrayNode headNodes = root.putArray("heads");
    for (Head head : strongestHeads()) {
      headNodes
          .addObject()
          .put("layer", head.layer())
          .put("head", head.head())
          .put("share", head.share());
    }
    putNeurons(root.putArray("neurons"));
    Json.print(root, console);
  }

  private void putNeurons(ArrayNode nodes) {
    if (neurons == 0) {
      return;
    }
    for (Neuron neuron : strongestNeurons()) {
      ObjectNode node = nodes.addObject().put("layer", neuron.layer());
      neuron.expert().ifPresent(expert -> node.put("expert", expert));
      node.put("neuron", neuron.index());
      node.put("activation", neuron.activation());
      node.put("share", neuron.share());
    }
  }

  private void putToken(ObjectNode node, int id) {
    node.put("id", id);
    node.put("text", text.of(id));
    node.put("logit", statistics.logit(id));
    node.put("log_probability", statistics.logProbability(id));
  }
}
