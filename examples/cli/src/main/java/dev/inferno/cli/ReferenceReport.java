package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.cli.ReferenceArray.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What came of a comparison with a reference, for people and for programs.
record ReferenceReport(
    String model, String reference, ReferenceCheck.Result result, Console console) {

  /// A row of the table: a point of a prompt, in all layers.
  private record Row(
      String prompt,
      String point,
      int layers,
      long values,
      double largest,
      double tolerance,
      String verdict) {

    static Row of(Outcome outcome) {
      String cached = outcome.step().number() == 0 ? "" : " cached";
      return new Row(
          outcome.step().prompt() + cached,
          name(outcome),
          outcome.layer() < 0 ? 0 : 1,
          outcome.values(),
          outcome.largest(),
          outcome.tolerance(),
          verdict(outcome));
    }

    /// With another one of the same prompt and point, which comes later.
    Row and(Row later) {
      return new Row(
          prompt,
          point,
          layers + later.layers,
          values + later.values,
          Math.max(largest, later.largest),
          tolerance,
          verdict.equals("equal") ? later.verdict : verdict);
    }

    private static String verdict(Outcome outcome) {
      if (outcome.equal()) {
        return "equal";
      }
      return (outcome.fault().isPresent() ? "other shape" : "differs") + where(outcome);
    }
  }

  /// The reference's name of a point, for all layers and steps.
  private static String name(Outcome outcome) {
    String name = outcome.name();
    if (name.startsWith(outcome.step().prompt() + ".")) {
      name = name.substring(outcome.step().prompt().length() + 1);
    }
    return name.replaceFirst("^step\\.[0-9]+\\.", "")
        .replaceFirst("^block\\.[0-9]+$", "block.*")
        .replaceFirst("^blocks\\.[0-9]+\\.", "blocks.*.");
  }

  private static String where(Outcome outcome) {
    return outcome.layer() < 0 ? "" : " in layer " + outcome.layer();
  }

  void print() {
    PrintStream out = console.out();
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Outcome outcome : result.outcomes()) {
      Row row = Row.of(outcome);
      rows.merge(row.prompt() + " " + row.point(), row, Row::and);
    }
    List<List<String>> table = new ArrayList<>();
    table.add(
        List.of("prompt", "point", "arrays", "values", "largest difference", "tolerance", ""));
    for (Row row : rows.values()) {
      table.add(
          List.of(
              Columns.printable(row.prompt()),
              Columns.printable(row.point()),
              Integer.toString(Math.max(1, row.layers())),
              Long.toString(row.values()),
              number(row.largest()),
              number(row.tolerance()),
              row.verdict()));
    }
    for (GreedyOutcome outcome : result.greedy()) {
      table.add(
          List.of(
              Columns.printable(outcome.prompt()),
              "greedy",
              "1",
              Integer.toString(outcome.tokens()),
              number(outcome.largest()),
              number(outcome.tolerance()),
              outcome
                  .first()
                  .map(parting -> "differs at token " + (parting.index() + 1))
                  .orElse("equal")));
    }
    out.printf("%s beside %s%n", model, reference);
    Columns.print(out, table, 0);
    out.println();
    if (!result.missing().isEmpty()) {
      out.printf("not in the reference: %s%n", ReferenceCheck.listed(result.missing()));
    }
    if (!result.ignored().isEmpty()) {
      out.printf(
          "not compared, since they are no points of the model: %s%n",
          ReferenceCheck.listed(result.ignored()));
    }
    out.println(
        first()
            .map(ReferenceReport::parting)
            .or(() -> firstGreedy().map(ReferenceReport::parting))
            .orElseGet(this::equal));
  }

  private String equal() {
    List<String> parts = new ArrayList<>();
    if (!result.outcomes().isEmpty()) {
      parts.add("all %d arrays are within the tolerances".formatted(result.outcomes().size()));
    }
    int tokens = result.greedy().stream().mapToInt(GreedyOutcome::tokens).sum();
    if (tokens > 0) {
      parts.add("all %d greedy tokens are the model's choice".formatted(tokens));
    }
    return "equal: " + String.join(", ", parts);
  }

  /// The tokens behind the prompts come after all arrays.
  private Optional<GreedyOutcome> firstGreedy() {
    return result.greedy().stream().filter(outcome -> !outcome.equal()).findFirst();
  }

  private static String parting(GreedyOutcome outcome) {
    GreedyOutcome.Parting parting = outcome.first().orElseThrow();
    return String.format(
        Locale.ROOT,
        "first parts at greedy, prompt %s, token %d of %d: ours %d, theirs %d, whose logit is lower"
            + " by %s (tolerance %s)",
        outcome.prompt(),
        parting.index() + 1,
        outcome.tokens(),
        parting.ours(),
        parting.theirs(),
        number(parting.difference()),
        number(outcome.tolerance()));
  }

  private Optional<Outcome> first() {
    return result.outcomes().stream().filter(outcome -> !outcome.equal()).findFirst();
  }

  private static String parting(Outcome outcome) {
    String at =
        "first parts at %s%s, prompt %s%s"
            .formatted(
                name(outcome),
                where(outcome),
                outcome.step().prompt(),
                outcome.step().number() == 0 ? "" : ", cached step " + outcome.step().number());
    if (outcome.fault().isPresent()) {
      return at + ": " + outcome.fault().get();
    }
    ReferenceArray.Parting parting = outcome.first().orElseThrow();
    return String.format(
        Locale.ROOT,
        "%s, position %d: ours %s, theirs %s, difference %s (tolerance %s)",
        at,
        parting.position(),
        parting.ours(),
        parting.theirs(),
        number(parting.difference()),
        number(outcome.tolerance()));
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.2e", value);
  }

  void printJson() throws IOException {
    ObjectNode root = Json.object();
    root.put("model", model);
    root.put("reference", reference);
    root.put("equal", result.equal());
    Optional<Outcome> first = first();
    if (first.isPresent()) {
      put(root.putObject("first"), first.get());
    } else if (firstGreedy().isPresent()) {
      put(root.putObject("first"), firstGreedy().get());
    } else {
      root.putNull("first");
    }
    ArrayNode arrays = root.putArray("arrays");
    for (Outcome outcome : result.outcomes()) {
      ObjectNode array = arrays.addObject();
      put(array, outcome);
      array.put("values", outcome.values());
      array.put("largest_difference", outcome.largest());
      array.put("equal", outcome.equal());
    }
    ArrayNode greedy = root.putArray("greedy");
    for (GreedyOutcome outcome : result.greedy()) {
      ObjectNode tokens = greedy.addObject();
      put(tokens, outcome);
      tokens.put("tokens", outcome.tokens());
      tokens.put("largest_difference", outcome.largest());
      tokens.put("equal", outcome.equal());
    }
    ArrayNode missing = root.putArray("missing");
    result.missing().forEach(missing::add);
    ArrayNode ignored = root.putArray("ignored");
    result.ignored().forEach(ignored::add);
    Json.print(root, console);
  }

  private static void put(ObjectNode node, GreedyOutcome outcome) {
    node.put("prompt", outcome.prompt());
    node.put("name", outcome.prompt() + ".greedy");
    node.put("tolerance", outcome.tolerance());
    outcome
        .first()
        .ifPresent(parting -> {
          node.put("index", parting.index());
          node.put("ours", parting.ours());
          node.put("theirs", parting.theirs());
          node.put("difference", parting.difference());
        });
  }

  private static void put(ObjectNode node, Outcome outcome) {
    node.put("prompt", outcome.step().prompt());
    node.put("step", outcome.step().number());
    node.put("name", outcome.name());
    node.put("point", outcome.hook().name(Math.max(0, outcome.layer())));
    if (outcome.layer() >= 0) {
      node.put("layer", outcome.layer());
    } else {
      node.putNull("layer");
    }
    node.put("tolerance", outcome.tolerance());
    outcome
        .first()
        .ifPresent(parting -> {
          node.put("position", parting.position());
          node.put("index", parting.index());
          node.put("ours", parting.ours());
          node.put("theirs", parting.theirs());
          node.put("difference", parting.difference());
        });
    outcome.fault().ifPresent(fault -> node.put("fault", fault));
  }
}
