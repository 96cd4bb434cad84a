package dev.inferno.observe;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A declared change of the computation: at a point (layers, heads, positions), at some of its
/// neurons, in some steps, do an operation. Made from a {@link Point}:
/// `Hook.Z.layer(5).head(3).zero()`. It acts in the prompt and in every generated token alike,
/// before any listener sees the value; several at one point act in the order they were registered.
/// How the point would be delivered to a listener does not count. Immutable.
///
/// An operation works on *parts*: a whole row at a point without heads, and each chosen head's part
/// of a row at one with heads. A vector has as many numbers as a part, and then is the same for all
/// heads, or as a whole row, and then each head takes its own piece of it.
///
/// {@link Interventions} writes them as JSON and reads them.
///
/// @param point where
/// @param operation what
/// @param neurons at which indices of a part, counted from 0, rising; empty means all
/// @param steps in which steps
/// @param tokens at rows of which tokens, rising; empty means any
/// @param condition after which choices
public record Intervention(
    Point point,
    Operation operation,
    List<Integer> neurons,
    Steps steps,
    List<Integer> tokens,
    Condition condition) {

  /// What is done to the values of a point.
  public sealed interface Operation {}

  /// Sets them to zero.
  public record Zero() implements Operation {}

  /// Multiplies them by a factor.
  public record Scale(float factor) implements Operation {
    /// Checks the factor.
    public Scale {
      requireFinite("factor", factor);
    }
  }

  /// Adds a vector to each part.
  ///
  /// @param vector already multiplied by its factor
  public record Add(Vector vector) implements Operation {
    static Add of(float[] vector, float factor) {
      requireFinite("factor", factor);
      float[] scaled = new float[vector.length];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = vector[i] * factor;
      }
      return new Add(Vector.of(scaled));
    }
  }

  /// Adds one number to them all: to logits, a bias of the tokens that are named as neurons.
  ///
  /// @param value already multiplied by its factor
  public record Shift(float value) implements Operation {
    /// Checks the value.
    public Shift {
      requireFinite("value", value);
    }
  }

  /// Sets them all to one number.
  public record Fill(float value) implements Operation {
    /// Checks the value.
    public Fill {
      requireFinite("value", value);
    }
  }

  /// Sets each part to a vector.
  public record Set(Vector vector) implements Operation {}

  /// Sets each part to its mean over other texts, which is called mean ablation. Computes what
  /// {@link Set} does, and says why.
  public record Mean(Vector vector) implements Operation {}

  /// Raises what is below a minimum to it, and lowers what is above a maximum.
  public record Clamp(float min, float max) implements Operation {
    /// Checks the bounds.
    public Clamp {
      requireFinite("min", min);
      requireFinite("max", max);
      if (min > max) {
        throw new IllegalArgumentException(
            "min must be at most max, but they are %s and %s".formatted(min, max));
      }
    }
  }

  /// Takes away the component along a direction d from each part: `x - (x.d / |d|^2) d`, summed in
  /// double precision. The direction has as many numbers as a part; of one that acts at some
  /// neurons only theirs count.
  public record ProjectOut(Vector direction) implements Operation {
    /// Checks the direction.
    public ProjectOut {
      if (isZero(direction, List.of())) {
        throw new IllegalArgumentException("the direction to project out has length 0");
      }
    }
  }

  /// Adds `sigma` times a number of the standard normal distribution to each value. The number
  /// depends on nothing but the seed, the point's wire name with its layer, the absolute position
  /// and the index i in the whole row, so that neither caching nor chunks nor threads change it.
  ///
  /// With `r(h, n) = mix64(h + (n + 1) * 0x9E3779B97F4A7C15L)`, the n-th number (from 0) of a
  /// SplitMix64 that begins with h ([Steele, Lea and
  /// Flood](https://doi.org/10.1145/2714064.2660195)): h is the seed; for each UTF-16 unit c of the
  /// name `h = r(h, c)`; then `h = r(h, position)` and `h = r(h, i)`. The number is `sqrt(-2 ln u)
  /// cos(2 pi v)` (Box and Muller), with `u = ((r(h, 0) >>> 11) + 1) 2^-53` and `v = (r(h, 1) >>>
  /// 11) 2^-53`, in double precision and by `StrictMath`: the same on every machine.
  public record Noise(float sigma, long seed) implements Operation {
    /// Checks sigma.
    public Noise {
      requireFinite("sigma", sigma);
      if (sigma < 0) {
        throw new IllegalArgumentException("sigma must be at least 0, but is " + sigma);
      }
    }
  }

  /// Sets each row to the one that was recorded at its position; rows at positions that the
  /// recording does not have stay as they are.
  public record PatchIn(Patch patch) implements Operation {}

  /// Cuts the edge from the rows that are meant to the position of a key: its attention score is
  /// minus infinity, before the softmax. Keys behind a row are not seen anyway. A row must keep a
  /// key that it sees, or its pattern is not a number.
  ///
  /// @param key an absolute position
  public record CutEdge(int key) implements Operation {
    private static final String POINT = "attn.hook_attn_scores";

    /// Checks the key.
    public CutEdge {
      if (key < 0) {
        throw new IllegalArgumentException("a key must be at least position 0, but is " + key);
      }
    }

    private static void requireScores(Point point) {
      if (!point.hook().name(0).endsWith(POINT)) {
        throw new IllegalArgumentException(
            "an edge of attention is cut at %s, not at %s".formatted(POINT, point));
      }
    }
  }

  /// Sets the logits of the tokens that are named as neurons to minus infinity: none of them is
  /// chosen.
  public record Mask() implements Operation {
    private static void requireLogits(Point point, List<Integer> neurons) {
      if (point.hook() != Hook.LOGITS) {
        throw new IllegalArgumentException("tokens are masked at logits, not at " + point);
      }
      if (neurons.isEmpty()) {
        throw new IllegalArgumentException(
            point + ": a mask must name the ids of tokens; with all masked none is left to choose");
      }
    }
  }

  /// Has code of the caller's change the values: the last resort, where no other operation says
  /// what is meant. Cannot be written as JSON.
  ///
  /// @param name what messages call it
  /// @param change called on the thread of the generation, once per layer and forward pass with all
  ///   rows that are meant; of logits once per 64 rows
  public record Callback(String name, Consumer<EditableRows> change) implements Operation {
    private void requireRows(Point point, List<Integer> neurons) {
      if (!point.hook().rowsFirst()) {
        throw new IllegalArgumentException(
            "%s: the callback '%s' cannot change rows of attention, which many threads form; say it with zero, scale, add, set, clamp or cut"
                .formatted(point, name));
      }
      if (!neurons.isEmpty()) {
        throw new IllegalArgumentException(
            "%s: the callback '%s' receives whole rows and chooses among their neurons itself"
                .formatted(point, name));
      }
    }
  }

  /// An immutable vector of finite floats.
  public static final class Vector {
    private final float[] values;

    private Vector(float[] values) {
      this.values = values;
    }

    /// A vector of copies of these values.
    ///
    /// @throws IllegalArgumentException if one is not finite, or there are none
    public static Vector of(float... values) {
      if (values.length == 0) {
        throw new IllegalArgumentException("a vector must have numbers, but has none");
      }
      for (int i = 0; i < values.length; i++) {
        requireFinite("vector[" + i + "]", values[i]);
      }
      return new Vector(values.clone());
    }

    /// Its length.
    public int length() {
      return values.length;
    }

    /// The value at index i.
    public float get(int i) {
      return values[i];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Vector vector && Arrays.equals(values, vector.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
      return "vector of " + values.length;
    }
  }

  /// Copies the lists, rising and each number once, and refuses what cannot be.
  ///
  /// @throws IllegalArgumentException if the point is read-only, or the operation does not act
  ///   there
  public Intervention {
    neurons = rising("neuron", neurons);
    tokens = rising("token", tokens);
    if (!point.hook().editable()) {
      throw new IllegalArgumentException(
          point + " can be watched but not changed; change one of " + Catalogue.editable());
    }
    if (operation instanceof CutEdge) {
      CutEdge.requireScores(point);
    } else if (operation instanceof PatchIn(Patch patch)) {
      patch.requireOf(point);
    } else if (operation instanceof Mask) {
      Mask.requireLogits(point, neurons);
    } else if (operation instanceof Callback callback) {
      callback.requireRows(point, neurons);
    } else if (operation instanceof ProjectOut(Vector direction) && isZero(direction, neurons)) {
      throw new IllegalArgumentException(
          "%s: the direction to project out has length 0 at the neurons %s"
              .formatted(point, neurons));
    }
  }

  /// At all neurons and tokens, in all steps.
  ///
  /// @throws IllegalArgumentException if the point is read-only, or the operation does not act
  ///   there
  public Intervention(Point point, Operation operation) {
    this(point, operation, List.of(), Steps.ALL, List.of(), Condition.ALWAYS);
  }

  private static List<Integer> rising(String what, List<Integer> numbers) {
    for (int number : numbers) {
      if (number < 0) {
        throw new IllegalArgumentException("a " + what + " must be at least 0, but is " + number);
      }
    }
    return List.copyOf(new TreeSet<>(numbers));
  }

  /// Whether a direction is 0 at these indices, none meaning all; those beyond its end do not
  /// count.
  private static boolean isZero(Vector direction, List<Integer> neurons) {
    for (int i = 0; i < direction.length(); i++) {
      if (direction.get(i) != 0 && (neurons.isEmpty() || neurons.contains(i))) {
        return false;
      }
    }
    return true;
  }

  private static float requireFinite(String name, float value) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, but is " + value);
    }
    return value;
  }

  /// The same at generated positions only.
  public Intervention onlyGenerated() {
    return at(point.onlyGenerated());
  }

  /// The same at prompt positions only.
  public Intervention onlyPrompt() {
    return at(point.onlyPrompt());
  }

  private Intervention at(Point place) {
    return new Intervention(place, operation, neurons, steps, tokens, condition);
  }

  /// The same at these indices of a part only (see {@link Intervention}), counted from 0. The
  /// length of a vector stays that of a part or a row.
  ///
  /// @throws IllegalArgumentException if one is negative, or none is named
  public Intervention neurons(int... neurons) {
    return new Intervention(point, operation, named("neuron", neurons), steps, tokens, condition);
  }

  /// The same from this step on, see {@link Steps}.
  ///
  /// @throws IllegalArgumentException if it is negative or beyond the last one
  public Intervention fromStep(int first) {
    return in(new Steps(first, steps.last(), steps.every()));
  }

  /// The same in the steps from `first` to `last` only, both inclusive, see {@link Steps}.
  ///
  /// @throws IllegalArgumentException if one is negative, or the last is before the first
  public Intervention steps(int first, int last) {
    return in(new Steps(first, last, steps.every()));
  }

  /// The same in every n-th step only, counted from the first one that is meant.
  ///
  /// @throws IllegalArgumentException if n is less than 1
  public Intervention everyStep(int n) {
    return in(new Steps(steps.first(), steps.last(), n));
  }

  private Intervention in(Steps chosen) {
    return new Intervention(point, operation, neurons, chosen, tokens, condition);
  }

  /// The same at rows of these tokens only. In a generated step the row is that of the token that
  /// was chosen last: the intervention acts while the previous token is one of these.
  ///
  /// @throws IllegalArgumentException if one is negative, or none is named
  public Intervention onlyTokens(int... ids) {
    return new Intervention(point, operation, neurons, steps, named("token", ids), condition);
  }

  /// The same in steps only whose token was chosen from a distribution of more than this entropy,
  /// see {@link Condition}: where the model was unsure.
  ///
  /// @throws IllegalArgumentException if it is negative or not finite
  public Intervention whenEntropyAbove(double nats) {
    return when(new Condition(OptionalDouble.of(nats), condition.probabilityBelow()));
  }

  /// The same in steps only whose token had less than this probability, see {@link Condition}:
  /// where an unlikely one was chosen.
  ///
  /// @throws IllegalArgumentException if it is not above 0 and at most 1
  public Intervention whenProbabilityBelow(double probability) {
    return when(new Condition(condition.entropyAbove(), OptionalDouble.of(probability)));
  }

  private Intervention when(Condition chosen) {
    return new Intervention(point, operation, neurons, steps, tokens, chosen);
  }

  private static List<Integer> named(String what, int[] numbers) {
    if (numbers.length == 0) {
      throw new IllegalArgumentException("no " + what + " is named");
    }
    return Arrays.stream(numbers).boxed().toList();
  }

  /// What it does and where, in one line.
  @Override
  public String toString() {
    var text =
        new StringBuilder(
            switch (operation) {
              case Zero() -> "zero " + point;
              case Scale(float factor) -> "scale " + point + " by " + factor;
              case Add(Vector vector) -> "add a " + vector + " to " + point;
              case Shift(float value) -> "add " + value + " to " + point;
              case Fill(float value) -> "set " + point + " to " + value;
              case Set(Vector vector) -> "set " + point + " to a " + vector;
              case Mean(Vector vector) -> "set " + point + " to its mean, a " + vector;
              case Clamp(float min, float max) -> "clamp " + point + " to " + min + " to " + max;
              case ProjectOut(Vector direction) -> "project a " + direction + " out of " + point;
              case Noise(float sigma, long seed) ->
                  "add noise of sigma " + sigma + " and seed " + seed + " to " + point;
              case PatchIn(Patch patch) -> "patch " + point + " from " + patch;
              case CutEdge(int key) -> "cut the edges to position " + key + " of " + point;
              case Mask() -> "mask " + point;
              case Callback(String name, _) ->
                  "change " + point + " by the callback '" + name + "'";
            });
    if (!neurons.isEmpty()) {
      text.append(" neurons ").append(neurons);
    }
    if (!steps.equals(Steps.ALL)) {
      text.append(' ').append(steps);
    }
    if (!tokens.isEmpty()) {
      text.append(" at tokens ").append(tokens);
    }
    if (!condition.equals(Condition.ALWAYS)) {
      text.append(' ').append(condition);
    }
    return text.toString();
  }
}
