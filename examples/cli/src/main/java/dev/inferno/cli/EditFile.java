package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.ModelInfo;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Changes of the computation as a file declares them: `{"edits":[{"op":"zero","point":...}]}`.
/// Vectors are tensors of `edits.safetensors` in its folder.
final class EditFile {
  private static final String VECTORS = "edits.safetensors";
  private static final Set<String> LABELS = Set.of("name", "max_abs_change");
  private static final Set<String> PLACES = Set.of("op", "point", "layers", "heads", "positions");

  private final Path path;
  private final JsonNode edits;

  private EditFile(Path path, JsonNode edits) {
    this.path = path;
    this.edits = edits;
  }

  /// Reads a file; what its edits say is checked by {@link #interventions}.
  static EditFile read(Path path) throws IOException {
    if (Files.isDirectory(path)) { // the system's own message does not name it
      throw new IOException("cannot read " + path + ": it is a folder, not a file");
    }
    byte[] json = Files.readAllBytes(path);
    try {
      JsonNode edits = Json.read(json).path("edits");
      if (!edits.isArray()) {
        throw new IOException("an object with an array 'edits' was expected");
      }
      return new EditFile(path, edits);
    } catch (IOException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  /// The edits as they stand in the file.
  String json() {
    return edits.toString();
  }

  /// What they mean for a model, in the order of the file.
  ///
  /// @throws IOException if one means nothing or cannot be done; the message says which and why
  List<Intervention> interventions(ModelInfo model) throws IOException {
    List<Intervention> interventions = new ArrayList<>();
    for (int i = 0; i < edits.size(); i++) {
      JsonNode edit = edits.required(i);
      try {
        interventions.addAll(interventions(edit, model));
      } catch (IOException | IllegalArgumentException e) {
        String name = edit.path("name").asText();
        throw new IOException(
            "%s: edit %d%s: %s"
                .formatted(path, i, name.isEmpty() ? "" : " ('" + name + "')", e.getMessage()),
            e);
      }
    }
    return interventions;
  }

  private List<Intervention> interventions(JsonNode edit, ModelInfo model) throws IOException {
    if (!edit.isObject()) {
      throw new IOException("an object was expected, but it is " + edit);
    }
    String operation = text(edit, "op");
    List<Intervention> interventions = new ArrayList<>();
    switch (operation) {
      case "zero" -> {
        requireOnly(edit, Set.of());
        for (Point point : points(edit, model)) {
          interventions.add(point.zero());
        }
      }
      case "scale" -> {
        requireOnly(edit, Set.of("factor"));
        float factor = number(edit, "factor");
        for (Point point : points(edit, model)) {
          interventions.add(point.scale(factor));
        }
      }
      case "add" -> {
        requireOnly(edit, Set.of("vector", "factor"));
        float[] vector = vector(text(edit, "vector"));
        float factor = edit.has("factor") ? number(edit, "factor") : 1;
        for (Point point : points(edit, model)) {
          interventions.add(point.add(vector, factor));
        }
      }
      default ->
          throw new IOException(
              "op '%s' is not possible yet; possible are zero, scale, add".formatted(operation));
    }
    return interventions;
  }

  /// The places an edit acts at: usually one; more if its point is a name with `*`.
  private static List<Point> points(JsonNode edit, ModelInfo model) throws IOException {
    List<Point> points = new ArrayList<>();
    for (Point named : ObservationPlan.parse(text(edit, "point"), model).points()) {
      Point point = named.everyPosition();
      if (edit.has("layers")) {
        point = point.layers(layers(named, integers(edit, "layers"), model));
      }
      if (edit.has("heads")) {
        point = point.heads(integers(edit, "heads"));
      }
      if (edit.has("positions")) {
        point = point.positions(integers(edit, "positions"));
      }
      points.add(point);
    }
    return points;
  }

  /// The layers that are both in the point's name and in the list.
  private static int[] layers(Point named, int[] listed, ModelInfo model) throws IOException {
    List<Integer> possible =
        named.layers().isEmpty()
            ? IntStream.range(0, model.layers()).boxed().toList()
            : named.layers();
    var chosen = new TreeSet<Integer>();
    for (int layer : listed) {
      if (!possible.contains(layer)) {
        throw new IOException("layer %d is not among those of %s".formatted(layer, named));
      }
      chosen.add(layer);
    }
    return chosen.stream().mapToInt(Integer::intValue).toArray();
  }

  private float[] vector(String name) throws IOException {
    try (SafetensorsFile vectors = SafetensorsFile.open(path.resolveSibling(VECTORS))) {
      return vectors.floats(name);
    }
  }

  private static void requireOnly(JsonNode edit, Set<String> operands) throws IOException {
    var possible = new TreeSet<>(PLACES);
    possible.addAll(operands);
    for (String field : edit.properties().stream().map(entry -> entry.getKey()).toList()) {
      if (!possible.contains(field) && !LABELS.contains(field)) {
        throw new IOException(
            "field '%s' is not possible; possible are %s".formatted(field, possible));
      }
    }
  }

  private static String text(JsonNode edit, String field) throws IOException {
    JsonNode value = edit.path(field);
    if (!value.isTextual()) {
      throw new IOException("'%s' must be a string, but is %s".formatted(field, shown(value)));
    }
    return value.textValue();
  }

  private static float number(JsonNode edit, String field) throws IOException {
    JsonNode value = edit.path(field);
    if (!value.isNumber()) {
      throw new IOException("'%s' must be a number, but is %s".formatted(field, shown(value)));
    }
    return value.floatValue();
  }

  private static int[] integers(JsonNode edit, String field) throws IOException {
    JsonNode value = edit.path(field);
    var integers = new int[value.size()];
    for (int i = 0; i < integers.length; i++) {
      JsonNode element = value.path(i);
      if (!element.isInt()) {
        throw new IOException(
            "'%s' must be an array of integers, but is %s".formatted(field, shown(value)));
      }
      integers[i] = element.intValue();
    }
    if (!value.isArray() || integers.length == 0) {
      throw new IOException(
          "'%s' must be an array of integers, but is %s".formatted(field, shown(value)));
    }
    return integers;
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "missing" : value.toString();
  }
}
