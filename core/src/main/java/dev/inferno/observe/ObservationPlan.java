package dev.inferno.observe;

import dev.inferno.ModelInfo;
import java.util.ArrayList;
import java.util.List;

/// What a listener asks for before the run. The engine computes only what somebody asked for.
/// Immutable.
///
/// @param points the points
public record ObservationPlan(List<Point> points) {

  /// A plan that asks for no point: its listener gets the events of the token level.
  public static final ObservationPlan TOKENS = new ObservationPlan(List.of());

  /// Copies the list.
  public ObservationPlan {
    points = List.copyOf(points);
  }

  /// A plan of these points.
  public static ObservationPlan of(Point... points) {
    return new ObservationPlan(List.of(points));
  }

  /// Reads a plan from wire names separated by commas, `*` standing for any characters, or `all`:
  /// `blocks.*.attn.hook_pattern,logits`. llama.cpp's names (`l_out-3`) are understood too.
  ///
  /// @throws IllegalArgumentException if a name means no point of the model
  public static ObservationPlan parse(String names, ModelInfo model) {
    var points = new ArrayList<Point>();
    for (String name : names.split(",", -1)) {
      String trimmed = name.trim();
      List<Point> found = Catalogue.named(trimmed.equals("all") ? "*" : trimmed, model);
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "'%s' is not a point of this model, which has %d layers (counted from 0); points are %s"
                .formatted(trimmed, model.layers(), Hook.catalogue()));
      }
      points.addAll(found);
    }
    return new ObservationPlan(points);
  }
}
