package dev.inferno.observe;

import dev.inferno.ModelInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// The names of all points.
final class Catalogue {
  private Catalogue() {}

  static List<String> editable() {
    var names = new ArrayList<String>();
    for (Hook hook : Hook.values()) {
      if (hook.editable()) {
        names.add(hook.pattern());
      }
    }
    return names;
  }

  /// The points of a model that a name with `*` (any characters) means, or an empty list. Where it
  /// means several, those that the model lacks are left out in silence.
  static List<Point> named(String name, ModelInfo model) {
    Pattern glob = Pattern.compile(Pattern.quote(name).replace("*", "\\E.*\\Q"));
    var points = new ArrayList<Point>();
    for (Hook hook : Hook.values()) {
      if (!hook.perLayer()) {
        if (matches(glob, hook, 0)) {
          points.add(hook.all());
        }
        continue;
      }
      var layers = new ArrayList<Integer>();
      for (int layer = 0; layer < model.layers(); layer++) {
        if (matches(glob, hook, layer)) {
          layers.add(layer);
        }
      }
      if (!layers.isEmpty()) {
        points.add(hook.layers(layers.stream().mapToInt(Integer::intValue).toArray()));
      }
    }
    if (points.size() > 1) {
      points.replaceAll(Point::orNothing);
    }
    return points;
  }

  /// What a name that means no point may have meant, for a message.
  static String meant(String name, ModelInfo model) {
    String anyLayer = name.replaceFirst("^blocks\\.[0-9]+\\.", "blocks.*.");
    if (!anyLayer.equals(name) && Hook.catalogue().contains(anyLayer)) {
      return "there is no such layer; the model has %d, counted from 0".formatted(model.layers());
    }
    List<String> nearest =
        Hook.catalogue().stream()
            .sorted(Comparator.comparingInt(pattern -> distance(anyLayer, pattern)))
            .limit(3)
            .toList();
    return "points of similar names are " + String.join(", ", nearest);
  }

  /// How many characters must be inserted, left out or replaced to turn one name into another
  /// (Levenshtein).
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  private static boolean matches(Pattern glob, Hook hook, int layer) {
    String alias = hook.alias(layer);
    return glob.matcher(hook.name(layer)).matches()
        || (!alias.isEmpty() && glob.matcher(alias).matches());
  }
}
