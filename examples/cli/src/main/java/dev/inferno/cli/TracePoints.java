package dev.inferno.cli;

import dev.inferno.ModelInfo;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Explanation.PointCost;
import dev.inferno.observe.Explanation.Verdict;
import dev.inferno.observe.Form;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.Positions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Points with what is selected of them, in the short spelling of the command line:
/// `NAME[layers=0-3;heads=1;at=last;as=top5],NAME,...`.
final class TracePoints {
  private static final String KEYS = "layers, heads, at and as";

  private TracePoints() {}

  /// Reads the spelling.
  ///
  /// @throws IllegalArgumentException if a name means no point of the model, or a selection means
  ///   nothing
  static ObservationPlan parse(String spelling, ModelInfo model) {
    List<Point> points = new ArrayList<>();
    for (String item : items(spelling)) {
      int bracket = item.indexOf('[');
      if (bracket < 0) {
        points.addAll(select(item, Map.of(), model));
      } else if (item.endsWith("]") && item.indexOf('[', bracket + 1) < 0) {
        String selection = item.substring(bracket + 1, item.length() - 1);
        points.addAll(select(item.substring(0, bracket), fields(item, selection), model));
      } else {
        throw new IllegalArgumentException(
            "'%s' must be NAME or NAME[KEY=VALUE;...]".formatted(item));
      }
    }
    return new ObservationPlan(points);
  }

  /// The parts between those commas that are not in brackets.
  private static List<String> items(String spelling) {
    List<String> items = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < spelling.length(); i++) {
      switch (spelling.charAt(i)) {
        case '[' -> depth++;
        case ']' -> depth--;
        case ',' -> {
          if (depth == 0) {
            items.add(spelling.substring(from, i).strip());
            from = i + 1;
          }
        }
        default -> {}
      }
    }
    items.add(spelling.substring(from).strip());
    return items;
  }

  private static Map<String, String> fields(String item, String selection) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : selection.split(";", -1)) {
      int equals = field.indexOf('=');
      String key = equals < 0 ? field.strip() : field.substring(0, equals).strip();
      if (equals < 0 || !Set.of("layers", "heads", "at", "as").contains(key)) {
        throw new IllegalArgumentException(
            "'%s' in '%s' must be KEY=VALUE; keys are %s".formatted(field.strip(), item, KEYS));
      }
      if (fields.put(key, field.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException("'%s' has %s twice".formatted(item, key));
      }
    }
    return fields;
  }

  /// The points of a name, with what is selected. Where a name means several points, those that
  /// have nothing to select from are left out.
  private static List<Point> select(String name, Map<String, String> fields, ModelInfo model) {
    List<Point> named = ObservationPlan.parse(name, model).points();
    List<Point> selected = new ArrayList<>();
    IllegalArgumentException refused =
        new IllegalArgumentException("'%s' with %s selects nothing".formatted(name, fields));
    for (Point point : named) {
      try {
        selected.add(select(point, fields, model));
      } catch (IllegalArgumentException e) {
        refused = e;
        if (named.size() == 1) {
          throw e;
        }
      }
    }
    if (selected.isEmpty()) {
      throw refused;
    }
    return selected;
  }

  private static Point select(Point point, Map<String, String> fields, ModelInfo model) {
    Point selected = point.everyPosition();
    for (var field : fields.entrySet()) {
      String value = field.getValue();
      selected =
          switch (field.getKey()) {
            case "layers" -> layers(selected, numbers("layers", value), model);
            case "heads" -> selected.heads(numbers("heads", value));
            case "at" -> at(selected, value);
            default -> as(selected, value);
          };
    }
    return selected.layers().size() == model.layers() ? everyLayer(selected) : selected;
  }

  private static Point everyLayer(Point point) {
    return new Point(
        point.hook(), List.of(), point.heads(), point.positions(), point.form(), point.optional());
  }

  private static Point layers(Point point, int[] layers, ModelInfo model) {
    for (int layer : layers) {
      if (layer >= model.layers()) {
        throw new IllegalArgumentException(
            "layers: there is no layer %d; the model has %d, counted from 0"
                .formatted(layer, model.layers()));
      }
    }
    if (!point.hook().perLayer()) {
      return point.layers(layers); // which refuses it
    }
    int[] both = IntStream.of(layers).filter(point.layers()::contains).toArray();
    if (both.length == 0) {
      throw new IllegalArgumentException(
          "layers: none of %s is among those of %s"
              .formatted(IntStream.of(layers).boxed().toList(), point));
    }
    return point.layers(both);
  }

  private static Point at(Point point, String value) {
    return switch (value) {
      case "all" -> point.everyPosition();
      case "last" -> point.lastPosition();
      case "prompt" -> point.onlyPrompt();
      case "generated" -> point.onlyGenerated();
      default ->
          point.positions(numbers("at must be all, last, prompt, generated or positions:", value));
    };
  }

  private static Point as(Point point, String value) {
    return switch (value) {
      case "view" -> point;
      case "norm" -> point.norm();
      case "statistics" -> point.statistics();
      case "entropy" -> point.entropy();
      case String ends when ends.startsWith("mass") ->
          point.mass(numbers("as=mass takes the ends of groups:", ends.substring(4)));
      default -> {
        if (!value.matches("top[1-9][0-9]{0,8}")) {
          throw new IllegalArgumentException(
              "as must be view, norm, statistics, entropy, topN such as top5, or massENDS such as mass1,20, but is '%s'"
                  .formatted(value));
        }
        yield point.top(Integer.parseInt(value.substring(3)));
      }
    };
  }

  /// Numbers and ranges of them: `0,2,5-7`.
  private static int[] numbers(String what, String value) {
    IntStream.Builder numbers = IntStream.builder();
    for (String part : value.split(",", -1)) {
      String range = part.strip();
      if (!range.matches("[0-9]{1,7}(-[0-9]{1,7})?")) {
        throw new IllegalArgumentException(
            "%s numbers and ranges are written as 0,2,5-7, but this is '%s'"
                .formatted(what.endsWith(":") ? what : what + ":", value));
      }
      String[] ends = range.split("-", -1);
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (first > last) {
        throw new IllegalArgumentException("%s is a range backwards".formatted(range));
      }
      IntStream.rangeClosed(first, last).forEach(numbers::add);
    }
    return numbers.build().toArray();
  }

  /// What is recorded in a run: points that differ in their layers alone are one, those that are
  /// left out where they are impossible are gone, and every position that is meant is known.
  ///
  /// @param explanation what the run costs
  /// @throws IllegalArgumentException if a point is impossible or never reached, or two would be
  ///   recorded under the same name
  static List<Point> recorded(
      Explanation explanation, int promptLength, int steps, ModelInfo model) {
    Map<Point, Set<Integer>> layers = new LinkedHashMap<>();
    String reason = "";
    for (PointCost cost : explanation.points()) {
      Point point = cost.point();
      if (cost.verdict() == Verdict.IMPOSSIBLE) {
        reason = "%s is impossible: %s".formatted(point, cost.reason());
        if (!point.optional()) {
          throw new IllegalArgumentException(reason);
        }
        continue;
      }
      Positions positions = reached(point, promptLength, steps);
      Point alike =
          new Point(point.hook(), List.of(), point.heads(), positions, point.form(), false);
      Set<Integer> known = layers.computeIfAbsent(alike, _ -> new TreeSet<>());
      if (point.layers().isEmpty()) {
        IntStream.range(0, model.layers()).forEach(known::add);
      } else {
        known.addAll(point.layers());
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException(reason);
    }
    List<Point> points = new ArrayList<>();
    layers.forEach((point, known) -> {
      int[] chosen = known.stream().mapToInt(Integer::intValue).toArray();
      points.add(point.hook().perLayer() ? point.layers(chosen) : point);
    });
    requireDistinct(points);
    return points;
  }

  /// The positions of a point in a run, in which all tokens are appended: to the session none is
  /// generated.
  private static Positions reached(Point point, int promptLength, int steps) {
    int end = promptLength + steps;
    return switch (point.positions()) {
      case Positions.All all -> all;
      case Positions.Last last -> last;
      case Positions.Prompt() -> steps == 0 ? new Positions.All() : range(0, promptLength);
      case Positions.Generated() -> {
        if (steps == 0) {
          throw new IllegalArgumentException(
              point + ": nothing is generated without --steps, and so never reached");
        }
        yield range(promptLength, end);
      }
      case Positions.Chosen chosen -> {
        for (int position : chosen.positions()) {
          if (position >= end) {
            throw new IllegalArgumentException(
                "%s: position %d is never reached by a prompt of %d tokens and %d steps"
                    .formatted(point, position, promptLength, steps));
          }
        }
        yield chosen;
      }
    };
  }

  private static Positions range(int from, int to) {
    return new Positions.Chosen(IntStream.range(from, to).boxed().toList());
  }

  private static void requireDistinct(List<Point> points) {
    Map<String, Point> names = new LinkedHashMap<>();
    for (Point point : points) {
      for (int layer : point.layers().isEmpty() ? List.of(0) : point.layers()) {
        String name = point.hook().name(layer) + suffix(point.form());
        Point other = names.putIfAbsent(name, point);
        if (other != null) {
          throw new IllegalArgumentException(
              "%s would be recorded twice, as %s and as %s".formatted(name, other, point));
        }
      }
    }
  }

  /// What the name of a tensor ends with.
  static String suffix(Form form) {
    return switch (form) {
      case Form.View() -> "";
      case Form.Norm() -> ".norm";
      case Form.Statistics() -> ".statistics";
      case Form.Entropy() -> ".entropy";
      case Form.Mass(_) -> ".mass";
      case Form.Top(_) -> ".top";
    };
  }

  /// A number of bytes as a budget has it: `500000`, `500k`, `20M`, `3G`.
  static long bytes(String budget) {
    String digits = budget.toLowerCase(Locale.ROOT);
    long unit = 1;
    for (String suffix : List.of("k", "m", "g")) {
      unit *= 1000;
      if (digits.endsWith(suffix) && digits.matches("[0-9]{1,9}[kmg]")) {
        return Long.parseLong(digits.substring(0, digits.length() - 1)) * unit;
      }
    }
    if (!digits.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "--budget must be a number of bytes such as 500000, 500k, 20M or 3G, but is '%s'"
              .formatted(budget));
    }
    return Long.parseLong(digits);
  }
}
