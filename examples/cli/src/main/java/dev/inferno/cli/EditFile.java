package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.ModelInfo;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Interventions;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Changes of the computation as a file declares them: `{"edits":[{"op":"zero","point":...}]}`.
/// Each edit is one of {@link Interventions}, but for what is convenient in a file beside a model:
/// its point may be a name with `*`, a vector the name of a tensor of `edits.safetensors` in the
/// same folder, `query` the one position of a cut, and it may have labels.
final class EditFile {
  private static final String VECTORS = "edits.safetensors";
  private static final Set<String> LABELS = Set.of("name", "max_abs_change");

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
                .formatted(path, i, name.isEmpty() ? "" : " ('" + name + "')", Failures.message(e)),
            e);
      }
    }
    return interventions;
  }

  private List<Intervention> interventions(JsonNode edit, ModelInfo model) throws IOException {
    if (!edit.isObject()) {
      throw new IOException("an object was expected, but it is " + edit);
    }
    ObjectNode plain = ((ObjectNode) edit).deepCopy();
    plain.remove(LABELS);
    if (edit.path("vector").isTextual()) {
      plain.set("vector", Json.array(vector(text(edit, "vector"))));
    }
    if (edit.has("query") && !edit.has("positions")) {
      plain.remove("query");
      plain.putArray("positions").add(edit.required("query"));
    }
    List<Intervention> interventions = new ArrayList<>();
    for (String point : points(edit, model)) {
      plain.put("point", point);
      if (point.startsWith("blocks.")) {
        plain.remove("layers");
      }
      interventions.add(Interventions.parseOne(plain.toString(), path.resolveSibling("")));
    }
    return interventions;
  }

  /// The names of the points that an edit acts at: several if its own has a `*`.
  private static List<String> points(JsonNode edit, ModelInfo model) throws IOException {
    List<String> points = new ArrayList<>();
    for (Point named : ObservationPlan.parse(text(edit, "point"), model).points()) {
      if (named.hook().perLayer()) {
        int[] layers =
            edit.has("layers")
                ? layers(named, integers(edit, "layers"))
                : named.layers().stream().mapToInt(Integer::intValue).toArray();
        for (int layer : layers) {
          points.add(named.hook().name(layer));
        }
      } else {
        points.add(named.hook().name(-1));
      }
    }
    return points;
  }

  /// The layers that are both in the point's name and in the list.
  private static int[] layers(Point named, int[] listed) throws IOException {
    var chosen = new TreeSet<Integer>();
    for (int layer : listed) {
      if (!named.layers().contains(layer)) {
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

  private static String text(JsonNode edit, String field) throws IOException {
    JsonNode value = edit.path(field);
    if (!value.isTextual()) {
      throw new IOException("'%s' must be a string, but is %s".formatted(field, shown(value)));
    }
    return value.textValue();
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
