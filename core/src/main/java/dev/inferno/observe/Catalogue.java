package dev.inferno.observe;

import dev.inferno.ModelInfo;
import java.util.ArrayList;
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

  private static boolean matches(Pattern glob, Hook hook, int layer) {
    String alias = hook.alias(layer);
    return glob.matcher(hook.name(layer)).matches()
        || (!alias.isEmpty() && glob.matcher(alias).matches());
  }
}
