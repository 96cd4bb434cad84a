package dev.inferno.observe;

import java.util.Comparator;
import java.util.List;

/// What a plan costs, before it is run. Immutable.
///
/// @param points one entry per point of the plan
/// @param notes what else there is to know, a sentence each
public record Explanation(List<PointCost> points, List<String> notes) {

  /// How a point comes to be.
  public enum Verdict {
    /// It exists anyway.
    NATIVE,
    /// It is reduced or copied from what exists anyway.
    DERIVED,
    /// It needs work that would otherwise be left out.
    EXTRA_WORK,
    /// It cannot be had.
    IMPOSSIBLE
  }

  /// The cost of one point.
  ///
  /// @param point the point
  /// @param verdict how it comes to be
  /// @param reason why, where that needs a word; else empty
  /// @param bytes what the views of the whole run hold, summed
  /// @param extraMultiplyAdds multiply-adds that only this point asks for
  public record PointCost(
      Point point, Verdict verdict, String reason, long bytes, long extraMultiplyAdds) {}

  /// Copies the lists.
  public Explanation {
    points = List.copyOf(points);
    notes = List.copyOf(notes);
  }

  /// The same with these notes.
  public Explanation notes(List<String> notes) {
    return new Explanation(points, notes);
  }

  /// The bytes of all points.
  public long bytes() {
    return points.stream().mapToLong(PointCost::bytes).sum();
  }

  /// The point with the most bytes, and how many, in words.
  public String largest() {
    return points.stream()
        .max(Comparator.comparingLong(PointCost::bytes))
        .map(cost -> "%s with %d bytes".formatted(cost.point(), cost.bytes()))
        .orElse("nothing");
  }

  /// The extra multiply-adds of all points.
  public long extraMultiplyAdds() {
    return points.stream().mapToLong(PointCost::extraMultiplyAdds).sum();
  }

  /// A table for people.
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (PointCost cost : points) {
      text.append(
          "%-44s %-10s %,15d bytes %,18d extra multiply-adds  %s%n"
              .formatted(
                  cost.point(),
                  cost.verdict(),
                  cost.bytes(),
                  cost.extraMultiplyAdds(),
                  cost.reason()));
    }
    text.append(
        "%-55s %,15d bytes %,18d extra multiply-adds%n"
            .formatted("in all", bytes(), extraMultiplyAdds()));
    notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    return text.toString();
  }
}
