package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.KeyValueType;
import dev.inferno.LogitLens;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Point;
import dev.inferno.sampler.LogitStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows what a model leans to, layer by layer.
@Command(
    name = "lens",
    description = {
      "The logit lens: which tokens a model would continue a prompt with if it ended after each of"
          + " its layers. The residual stream behind a layer goes through the final norm and the"
          + " output projection; the last layer's tokens are the model's own. The KV cache is"
          + " float32."
    })
final class Lens implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private PromptedModel input;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Tokens for each layer: 1 or more. Default: ${DEFAULT-VALUE}.")
  private int top = 5;

  @Option(
      names = "--position",
      paramLabel = "N",
      split = ",",
      description =
          "Positions of the prompt, counted from 0, separated by commas. Default: the last one,"
              + " where the next token is chosen.")
  private List<Integer> positions = new ArrayList<>();

  @Option(
      names = "--json",
      description =
          "Print one object: {\"ids\":[],\"rows\":[{\"layer\":0,\"position\":0,\"entropy\":0,"
              + "\"top\":[{\"id\":0,\"text\":\"\",\"logit\":0,\"probability\":0}]}]}.")
  private boolean json;

  @Mixin private ThreadsOption threads;

  /// What the model leans to behind a layer, at a position.
  private record Row(int layer, int position, double entropy, List<Leaning> top) {}

  private record Leaning(int id, String text, float logit, double probability) {}

  Lens(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top must be at least 1, but is " + top);
    }
    SessionOptions options =
        threads.apply(SessionOptions.defaults().keyValueType(KeyValueType.F32));
    try (Model model = input.load(console);
        Session session = model.newSession(options);
        CtrlC _ = CtrlC.calls(session::cancel)) {
      int[] ids = input.ids(model, console);
      if (ids.length == 0) {
        throw new IllegalArgumentException("the prompt has no tokens");
      }
      List<Row> rows = look(model, session, ids);
      if (json) {
        printJson(ids, rows);
      } else {
        print(input.text(model), ids, rows);
      }
    }
    return 0;
  }

  private List<Row> look(Model model, Session session, int[] ids) {
    for (int position : positions) {
      if (position < 0 || position >= ids.length) {
        throw new IllegalArgumentException(
            "--position must be 0 to %d in a prompt of %d tokens, but is %d"
                .formatted(ids.length - 1, ids.length, position));
      }
    }
    Point point = Hook.RESID_POST.allLayers();
    point =
        positions.isEmpty()
            ? point.positions(ids.length - 1)
            : point.positions(positions.stream().mapToInt(Integer::intValue).toArray());
    var rows = new ArrayList<Row>();
    LogitLens lens = model.lens();
    TokenText text = input.text(model);
    session.observe(point, activation -> look(activation, lens, text, rows));
    session.append(ids);
    return rows;
  }

  private void look(Activation activation, LogitLens lens, TokenText text, List<Row> rows) {
    int[] at = activation.positions();
    float[] residual = new float[activation.tensor().shape()[1]];
    for (int row = 0; row < at.length; row++) {
      activation.tensor().copyRow(row, residual);
      LogitStatistics statistics = LogitStatistics.of(lens.logits(residual));
      List<Leaning> best =
          IntStream.range(0, Math.min(top, statistics.finite()))
              .mapToObj(rank -> {
                int id = statistics.topId(rank);
                return new Leaning(
                    id, text.of(id), statistics.logit(id), Math.exp(statistics.logProbability(id)));
              })
              .toList();
      rows.add(new Row(activation.layer().orElseThrow(), at[row], statistics.entropy(), best));
    }
  }

  private void print(TokenText text, int[] ids, List<Row> rows) {
    var out = console.out();
    for (int position : rows.stream().mapToInt(Row::position).distinct().sorted().toArray()) {
      out.printf("behind position %d, %s:%n", position, text.quoted(ids[position]));
      for (Row row : rows) {
        if (row.position() == position) {
          out.printf(Locale.ROOT, "layer %3d  entropy %7.4f ", row.layer(), row.entropy());
          for (Leaning leaning : row.top()) {
            out.printf(Locale.ROOT, "  %s %.4f", text.quoted(leaning.id()), leaning.probability());
          }
          out.println();
        }
      }
    }
  }

  private void printJson(int[] ids, List<Row> rows) throws IOException {
    ObjectNode root = Json.object();
    root.set("ids", Json.array(ids));
    ArrayNode list = root.putArray("rows");
    for (Row row : rows) {
      ObjectNode node = list.addObject();
      node.put("layer", row.layer());
      node.put("position", row.position());
      node.put("entropy", row.entropy());
      ArrayNode best = node.putArray("top");
      for (Leaning leaning : row.top()) {
        best.addObject()
            .put("id", leaning.id())
            .put("text", leaning.text())
            .put("logit", leaning.logit())
            .put("probability", leaning.probability());
      }
    }
    Json.print(root, console);
  }
}
