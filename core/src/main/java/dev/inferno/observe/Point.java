package dev.inferno.observe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A hook with the layers, heads and positions that are meant, and the form in which it is wanted:
/// what a plan is made of. Made from a {@link Hook}: `Hook.PATTERN.layer(5).head(3)`. Immutable.
///
/// @param hook the point
/// @param layers which layers, rising; empty means all
/// @param heads which heads, rising; empty means all. Of keys and values these are the key-value
///   heads, else the query heads
/// @param positions which positions
/// @param form how it is delivered
/// @param optional whether it is left out in silence where it is impossible, instead of refused
public record Point(
    Hook hook,
    List<Integer> layers,
    List<Integer> heads,
    Positions positions,
    Form form,
    boolean optional) {

  /// Copies the lists.
  public Point {
    layers = List.copyOf(layers);
    heads = List.copyOf(heads);
  }

  /// All layers and heads of a hook, as a view, at every position; of the final norm and what is
  /// behind it at the position that the next token is chosen from, which is the only one where they
  /// are computed anyway (see {@link #everyPosition}).
  public static Point of(Hook hook) {
    Positions positions = hook.onlyWantedRows(false) ? new Positions.Last() : new Positions.All();
    return new Point(hook, List.of(), List.of(), positions, new Form.View(), false);
  }

  /// Only these layers, counted from 0.
  ///
  /// @throws IllegalArgumentException if a layer is negative, or the hook is not in the blocks
  public Point layers(int... layers) {
    if (!hook.perLayer()) {
      throw new IllegalArgumentException(
          hook.pattern() + " is not in the blocks and has no layers");
    }
    return new Point(hook, checked("layer", layers), heads, positions, form, optional);
  }

  /// Only this head, counted from 0.
  public Point head(int head) {
    return heads(head);
  }

  /// Only these heads, counted from 0: key-value heads of keys and values, else query heads.
  ///
  /// @throws IllegalArgumentException if a head is negative, or the hook has no heads
  public Point heads(int... heads) {
    if (!hook.perHead() && !hook.perKeyValueHead()) {
      throw new IllegalArgumentException(hook.pattern() + " has no heads");
    }
    return new Point(hook, layers, checked("head", heads), positions, form, optional);
  }

  /// Only these absolute positions, counted from 0.
  public Point positions(int... positions) {
    return at(new Positions.Chosen(Arrays.stream(positions).boxed().toList()));
  }

  /// Every position.
  public Point everyPosition() {
    return at(new Positions.All());
  }

  /// Only the position that the next token is chosen from.
  public Point lastPosition() {
    return at(new Positions.Last());
  }

  /// Only positions that were given.
  public Point onlyPrompt() {
    return at(new Positions.Prompt());
  }

  /// Only positions that were generated.
  public Point onlyGenerated() {
    return at(new Positions.Generated());
  }

  private Point at(Positions positions) {
    return new Point(hook, layers, heads, positions, form, optional);
  }

  /// The L2 norm of each row instead of its values.
  public Point norm() {
    return as(new Form.Norm());
  }

  /// Mean, standard deviation, smallest and largest of each row instead of its values.
  public Point statistics() {
    return as(new Form.Statistics());
  }

  /// The entropy of each row, in nats, instead of its values: how spread a head's attention is, or
  /// a router's choice.
  ///
  /// @throws IllegalArgumentException if the rows of the point are no probabilities
  public Point entropy() {
    if (hook != Hook.PATTERN && hook != Hook.ROUTER_PROBS) {
      throw new IllegalArgumentException(
          hook.pattern() + " has no rows of probabilities; " + Hook.PATTERN.pattern() + " has");
    }
    return as(new Form.Entropy());
  }

  /// How much attention each row gives to groups of positions, such as a system prompt and what was
  /// generated, instead of to each position: one sum per group.
  ///
  /// @throws IllegalArgumentException if this is no pattern, or there is no group
  public Point mass(List<PositionRange> groups) {
    if (hook != Hook.PATTERN) {
      throw new IllegalArgumentException(
          "%s has no attention to add up by groups of positions; %s has"
              .formatted(hook.pattern(), Hook.PATTERN.pattern()));
    }
    return as(new Form.Mass(groups));
  }

  /// The same with groups that lie side by side and leave no position out: `mass(5, 20)` is
  /// positions 0 to 4, 5 to 19, and all from 20 on. The sums of a row add up to 1.
  ///
  /// @param ends the position behind each group but the last, rising
  /// @throws IllegalArgumentException if this is no pattern, no end is named, or they do not rise
  ///   from 1 or more
  public Point mass(int... ends) {
    if (ends.length == 0) {
      throw new IllegalArgumentException("no end of a group of positions is named");
    }
    var groups = new ArrayList<PositionRange>();
    int first = 0;
    for (int end : ends) {
      groups.add(new PositionRange(first, end));
      first = end;
    }
    groups.add(PositionRange.from(first));
    return mass(groups);
  }

  /// The n largest values of each row, with their indices, instead of all.
  public Point top(int n) {
    return as(new Form.Top(n));
  }

  private Point as(Form form) {
    return new Point(hook, layers, heads, positions, form, optional);
  }

  /// Leaves this point out in silence where it is impossible.
  public Point orNothing() {
    return new Point(hook, layers, heads, positions, form, true);
  }

  /// Sets the values here to zero.
  public Intervention zero() {
    return change(Intervention.Zero::new);
  }

  /// Multiplies the values here by a factor.
  ///
  /// @throws IllegalArgumentException if the factor is not finite
  public Intervention scale(float factor) {
    return change(() -> new Intervention.Scale(factor));
  }

  /// Adds a vector, times a factor, to each row here (for a point with heads: to each head's part).
  ///
  /// @throws IllegalArgumentException if a number is not finite
  public Intervention add(float[] vector, float factor) {
    return change(() -> Intervention.Add.of(vector, factor));
  }

  /// Adds a vector to each row here.
  public Intervention add(float[] vector) {
    return add(vector, 1);
  }

  /// Adds one number to all values here. To logits, with the ids of tokens as neurons, it is a
  /// bias: `Hook.LOGITS.all().add(-5).neurons(id)`.
  ///
  /// @throws IllegalArgumentException if it is not finite
  public Intervention add(float value) {
    return change(() -> new Intervention.Shift(value));
  }

  /// Sets all values here to one number.
  ///
  /// @throws IllegalArgumentException if it is not finite
  public Intervention set(float value) {
    return change(() -> new Intervention.Fill(value));
  }

  /// Sets each row here (for a point with heads: each head's part) to a vector.
  ///
  /// @throws IllegalArgumentException if a number is not finite
  public Intervention set(float[] vector) {
    return change(() -> new Intervention.Set(Intervention.Vector.of(vector)));
  }

  /// Sets each row here (for a point with heads: each head's part) to the mean that it has over
  /// other texts: mean ablation. The mean is the caller's to compute.
  ///
  /// @throws IllegalArgumentException if a number is not finite
  public Intervention mean(float[] mean) {
    return change(() -> new Intervention.Mean(Intervention.Vector.of(mean)));
  }

  /// Keeps the values here between two bounds.
  ///
  /// @throws IllegalArgumentException if a bound is not finite, or the minimum above the maximum
  public Intervention clamp(float min, float max) {
    return change(() -> new Intervention.Clamp(min, max));
  }

  /// Takes away the component of each row here (for a point with heads: of each head's part) along
  /// a direction, whose length does not matter.
  ///
  /// @throws IllegalArgumentException if a number is not finite, or all are 0
  public Intervention projectOut(float[] direction) {
    return change(() -> new Intervention.ProjectOut(Intervention.Vector.of(direction)));
  }

  /// Adds normally distributed noise to each value here, the same for the same seed, see {@link
  /// Intervention.Noise}.
  ///
  /// @param sigma the standard deviation, 0 or more
  /// @throws IllegalArgumentException if sigma is negative or not finite
  public Intervention noise(float sigma, long seed) {
    return change(() -> new Intervention.Noise(sigma, seed));
  }

  /// Sets each row here to what another run had at its position; where the patch has no row, the
  /// values stay as they are.
  ///
  /// @throws IllegalArgumentException if the patch is of another point or layer
  public Intervention patch(Patch patch) {
    return change(() -> new Intervention.PatchIn(patch));
  }

  /// Hides a position from the rows here: its attention score becomes minus infinity. Which queries
  /// are meant, say the positions.
  ///
  /// @param key an absolute position
  /// @throws IllegalArgumentException if the key is negative, or these are no attention scores
  public Intervention cut(int key) {
    return change(() -> new Intervention.CutEdge(key));
  }

  /// Sets the logits of these tokens to minus infinity, so that none of them is chosen.
  ///
  /// @throws IllegalArgumentException if an id is negative, none is named, or these are no logits
  public Intervention mask(int... ids) {
    return new Intervention(
        this,
        new Intervention.Mask(),
        Arrays.stream(ids).boxed().toList(),
        Steps.ALL,
        List.of(),
        Condition.ALWAYS);
  }

  /// Has code change the rows here (for a point with heads: the chosen heads' parts of them) in
  /// place: the last resort, where none of the other operations says what is meant. Called on the
  /// thread of the generation, in the order of the layers; what it throws stops the generation, see
  /// {@link InterventionException}. Whatever it depends on beside what it receives is the caller's
  /// to keep reproducible.
  ///
  /// @param name what messages call it
  /// @throws IllegalArgumentException if these are rows of attention, which many threads form
  public Intervention edit(String name, Consumer<EditableRows> change) {
    return change(() -> new Intervention.Callback(name, change));
  }

  /// An operation made here, so that what is wrong with it is told with the point.
  private Intervention change(Supplier<Intervention.Operation> operation) {
    Intervention.Operation made;
    try {
      made = operation.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(this + ": " + e.getMessage(), e);
    }
    return new Intervention(this, made);
  }

  private static List<Integer> checked(String what, int[] values) {
    var sorted = new TreeSet<Integer>();
    for (int value : values) {
      if (value < 0) {
        throw new IllegalArgumentException("a " + what + " must be at least 0, but is " + value);
      }
      sorted.add(value);
    }
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("no " + what + " is named");
    }
    return new ArrayList<>(sorted);
  }

  /// The wire name, with `*` for all layers, and what was selected.
  @Override
  public String toString() {
    var text = new StringBuilder();
    if (layers.isEmpty()) {
      text.append(hook.pattern());
    } else {
      text.append(layers.stream().map(hook::name).collect(Collectors.joining(",")));
    }
    if (!heads.isEmpty()) {
      text.append(" heads ").append(heads);
    }
    switch (positions) {
      case Positions.All() -> {}
      case Positions.Last() -> text.append(" at the last position");
      case Positions.Prompt() -> text.append(" in the prompt");
      case Positions.Generated() -> text.append(" at generated positions");
      case Positions.Chosen(List<Integer> chosen) -> text.append(" at ").append(chosen);
    }
    switch (form) {
      case Form.View() -> {}
      case Form.Norm() -> text.append(" (norm)");
      case Form.Statistics() -> text.append(" (statistics)");
      case Form.Entropy() -> text.append(" (entropy)");
      case Form.Mass(List<PositionRange> groups) ->
          text.append(" (mass of ")
              .append(
                  groups.stream().map(PositionRange::toString).collect(Collectors.joining(", ")))
              .append(')');
      case Form.Top(int n) -> text.append(" (top ").append(n).append(')');
    }
    return text.toString();
  }
}
