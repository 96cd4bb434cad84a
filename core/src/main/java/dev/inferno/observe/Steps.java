package dev.inferno.observe;

/// Which steps of a generation an intervention acts in. Step 0 passes the prompt through the model,
/// step n the n-th generated token; {@link dev.inferno.Session#append} counts each call as a step
/// of its own. Immutable.
///
/// @param first the first step
/// @param last the last one, inclusive; `Integer.MAX_VALUE` means no end
/// @param every each how many-th from the first on; 1 means each
public record Steps(int first, int last, int every) {
  /// Every step.
  public static final Steps ALL = new Steps(0, Integer.MAX_VALUE, 1);

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException if the first is negative, the last before it, or `every` less
  ///   than 1
  public Steps {
    if (first < 0) {
      throw new IllegalArgumentException("the first step must be at least 0, but is " + first);
    }
    if (last < first) {
      throw new IllegalArgumentException(
          "the last step must be at least the first, %d, but is %d".formatted(first, last));
    }
    if (every < 1) {
      throw new IllegalArgumentException("every must be at least 1, but is " + every);
    }
  }

  /// Whether a step is meant.
  public boolean contains(int step) {
    return step >= first && step <= last && (step - first) % every == 0;
  }

  /// Such as `in steps 2 to 8, one in 3`.
  @Override
  public String toString() {
    String range =
        last == Integer.MAX_VALUE
            ? "from step " + first + " on"
            : "in steps " + first + " to " + last;
    return every == 1 ? range : range + ", one in " + every;
  }
}
