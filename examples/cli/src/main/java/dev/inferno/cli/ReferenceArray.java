package dev.inferno.cli;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a reference has for a point in a step, and how what the model has differs from it. Several
/// events of one step, chunks of a prompt or tiles of logits, are compared one after the other. For
/// one thread.
final class ReferenceArray {
  private final String name;
  private final Step step;
  private final Hook hook;
  private final int layer;
  private final double tolerance;
  private final List<Long> shape;
  private final float[] theirs;

  private long values;
  private double largest;
  private Optional<Parting> first = Optional.empty();
  private Optional<String> fault = Optional.empty();

  /// A forward pass.
  ///
  /// @param prompt the prompt's key
  /// @param number 0 is the prompt, n the n-th token behind it, from the cache
  /// @param first its first position
  /// @param rows how many positions it has
  record Step(String prompt, int number, int first, int rows) {}

  /// Where a value differs by more than the tolerance.
  ///
  /// @param index of the value in the reference's array, row-major
  record Parting(int position, long index, float ours, float theirs) {
    double difference() {
      return ReferenceArray.difference(ours, theirs);
    }
  }

  /// What came of it.
  ///
  /// @param layer the layer, -1 outside the blocks
  /// @param values how many values were compared
  /// @param largest the largest difference, absolute
  /// @param first where the first position differs by more than the tolerance, and there the most
  /// @param fault why the values could not be compared
  record Outcome(
      String name,
      Step step,
      Hook hook,
      int layer,
      double tolerance,
      long values,
      double largest,
      Optional<Parting> first,
      Optional<String> fault) {
    boolean equal() {
      return first.isEmpty() && fault.isEmpty();
    }
  }

  ReferenceArray(
      String name,
      Step step,
      Hook hook,
      int layer,
      double tolerance,
      List<Long> shape,
      float[] theirs) {
    this.name = name;
    this.step = step;
    this.hook = hook;
    this.layer = layer;
    this.tolerance = tolerance;
    this.shape = shape;
    this.theirs = theirs;
  }

  Hook hook() {
    return hook;
  }

  /// The wire name of its point.
  String point() {
    return hook.name(Math.max(0, layer));
  }

  Step step() {
    return step;
  }

  Outcome outcome() {
    return new Outcome(name, step, hook, layer, tolerance, values, largest, first, fault);
  }

  /// Compares an event of the step.
  void compare(Activation activation) {
    float[] ours = activation.tensor().copy();
    int[] positions = activation.positions();
    int[] ourShape = activation.tensor().shape();
    boolean isPattern = hook.axes() == Hook.Axes.PATTERN;
    int width = width(ours.length, positions.length, ourShape);
    int parts = ours.length / (positions.length * width); // heads, where they come before the rows
    int theirWidth = isPattern && !shape.isEmpty() ? (int) (long) shape.getLast() : width;
    int firstKey = theirWidth == width ? 0 : activation.firstKey(); // a cached step has the window
    int theirRows = theirs.length / (parts * theirWidth);
    // In a cached step the reference has the keys of the whole cache: the last ones are the step's.
    boolean wholeCache = hook == Hook.ROT_K && step.number() > 0;
    if ((long) parts * theirRows * theirWidth != theirs.length
        || firstKey + width > theirWidth
        || (wholeCache ? theirRows < step.rows() : theirRows != step.rows())) {
      fault =
          Optional.of(
              "the reference has the shape %s, the model %s at %d of %d positions"
                  .formatted(shape, Arrays.toString(ourShape), positions.length, step.rows()));
      return;
    }
    for (int part = 0; part < parts; part++) {
      for (int row = 0; row < positions.length; row++) {
        int theirRow = theirRows - step.rows() + positions[row] - step.first();
        int at = (part * theirRows + theirRow) * theirWidth + firstKey;
        int from = (part * positions.length + row) * width;
        for (int i = 0; i < width; i++) {
          compare(positions[row], ours[from + i], at + i);
        }
      }
    }
  }

  private int width(int values, int rows, int[] ourShape) {
    if (hook.rowsFirst()) {
      return values / rows;
    }
    return hook.axes() == Hook.Axes.PATTERN ? ourShape[ourShape.length - 1] : 1;
  }

  private void compare(int position, float ours, int index) {
    double difference = difference(ours, theirs[index]);
    values++;
    largest = Math.max(largest, difference);
    if (difference > tolerance
        && (first.isEmpty()
            || position < first.get().position()
            || (position == first.get().position() && difference > first.get().difference()))) {
      first = Optional.of(new Parting(position, index, ours, theirs[index]));
    }
  }

  /// The absolute difference; infinite where only one of them is no number. A masked score is minus
  /// infinity here, and the most negative number in a reference.
  private static double difference(float ours, float theirs) {
    if (Float.compare(ours, theirs) == 0
        || (ours == Float.NEGATIVE_INFINITY && theirs == -Float.MAX_VALUE)) {
      return 0;
    }
    double difference = Math.abs((double) ours - theirs);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
