package dev.inferno.observe;

import dev.inferno.ModelInfo;
import java.util.ArrayList;
import java.util.List;

/// What a listener asks for before the run. The engine computes only what somebody asked for.
/// Immutable.
///
/// @param points the points
/// @param budgetBytes how much a generation may deliver in all; see {@link #within}
public record ObservationPlan(List<Point> points, long budgetBytes) {

  /// A plan that asks for no point: its listener gets the events of the token level.
  public static final ObservationPlan TOKENS = new ObservationPlan(List.of());

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if the budget is negative
  public ObservationPlan {
    points = List.copyOf(points);
    if (budgetBytes < 0) {
      throw new IllegalArgumentException("a budget must be at least 0, but is " + budgetBytes);
    }
  }

  /// A plan of these points, without a budget.
  public ObservationPlan(List<Point> points) {
    this(points, Long.MAX_VALUE);
  }

  /// The same plan with a budget: a generation that would deliver more bytes than this, by {@link
  /// dev.inferno.Model#explain}, is refused before it begins.
  public ObservationPlan within(long budgetBytes) {
    return new ObservationPlan(points, budgetBytes);
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
            "'%s' is not a point of this model: %s"
                .formatted(trimmed, Catalogue.meant(trimmed, model)));
      }
      points.addAll(found);
    }
    return new ObservationPlan(points);
  }
}
