package dev.inferno.observe;

import dev.inferno.format.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What a point had in another run, by absolute position: what {@link Point#patch} puts in its
/// place. A row holds the values of all heads. Immutable.
///
/// Capture in memory: `session.observe(point, a -> parts.add(Patch.of(a)))`, then {@link #joined}.
/// From a file that `inferno trace` wrote: {@link #read}.
public final class Patch {
  private final Hook hook;
  private final int layer; // -1 outside the blocks
  private final int[] positions; // rising
  private final float[] values; // [positions, rowLength]
  private final int rowLength;
  private final Optional<Source> source;

  /// The file that a patch was read from.
  ///
  /// @param file its path, as it was given
  /// @param array the name of the array in it
  public record Source(String file, String array) {}

  private Patch(
      Hook hook,
      int layer,
      int[] positions,
      float[] values,
      int rowLength,
      Optional<Source> source) {
    this.hook = hook;
    this.layer = layer;
    this.positions = positions;
    this.values = values;
    this.rowLength = rowLength;
    this.source = source;
  }

  /// Rows of a point.
  ///
  /// @param layer the layer, or -1 for a point outside the blocks
  /// @param positions the absolute position of each row, rising
  /// @param values the rows one behind the other, all of the same length
  /// @throws IllegalArgumentException if the positions do not rise, the values are no rows of one
  ///   length, or one is not finite
  public static Patch of(Hook hook, int layer, int[] positions, float[] values) {
    return of(hook, layer, positions.clone(), values.clone(), Optional.empty());
  }

  /// The rows of an event. All heads must have been asked for, and as values.
  ///
  /// @throws IllegalArgumentException if it holds less
  public static Patch of(Activation activation) {
    Hook hook = activation.hook();
    int rank = activation.tensor().shape().length;
    if (rank != rank(hook) || activation.indices().isPresent()) {
      throw new IllegalArgumentException(
          "a patch of %s takes its values, not what is made of them".formatted(activation.name()));
    }
    for (int i = 0; i < activation.heads().size(); i++) {
      if (activation.heads().get(i) != i) {
        throw new IllegalArgumentException(
            "a patch of %s takes all heads, but these are %s"
                .formatted(activation.name(), activation.heads()));
      }
    }
    return of(
        hook,
        activation.layer().orElse(-1),
        activation.positions(),
        activation.tensor().copy(),
        Optional.empty());
  }

  private static int rank(Hook hook) {
    return hook.divided() ? 3 : 2;
  }

  private static Patch of(
      Hook hook, int layer, int[] positions, float[] values, Optional<Source> source) {
    requireLayer(hook, layer);
    String name = hook.name(layer);
    if (!hook.rowsFirst()) {
      throw new IllegalArgumentException(
          name + " cannot be patched: its rows grow with the text, so that none fits another");
    }
    if (positions.length == 0 || values.length == 0 || values.length % positions.length != 0) {
      throw new IllegalArgumentException(
          "a patch of %s has %d positions but %d values"
              .formatted(name, positions.length, values.length));
    }
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] <= (i == 0 ? -1 : positions[i - 1])) {
        throw new IllegalArgumentException(
            "the positions of a patch of %s must rise from 0 or more, but are %s"
                .formatted(name, Arrays.toString(positions)));
      }
    }
    int rowLength = values.length / positions.length;
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "a patch of %s must be finite, but is %s at position %d, index %d"
                .formatted(name, values[i], positions[i / rowLength], i % rowLength));
      }
    }
    return new Patch(hook, layer, positions, values, rowLength, source);
  }

  private static void requireLayer(Hook hook, int layer) {
    if (hook.perLayer() ? layer < 0 : layer != -1) {
      throw new IllegalArgumentException(
          hook.perLayer()
              ? "%s needs a layer of at least 0, but it is %d".formatted(hook.pattern(), layer)
              : "%s is not in the blocks; its layer is -1, not %d"
                  .formatted(hook.pattern(), layer));
    }
  }

  /// The events of a run (chunks of the prompt, steps) as one patch.
  ///
  /// @throws IllegalArgumentException if there are none, they are of different points, or two have
  ///   the same position
  public static Patch joined(List<Patch> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no part of a patch is given");
    }
    Patch first = parts.getFirst();
    var rows = new TreeMap<Integer, float[]>();
    for (Patch part : parts) {
      if (part.hook != first.hook
          || part.layer != first.layer
          || part.rowLength != first.rowLength) {
        throw new IllegalArgumentException(
            "parts of a patch must be of one point, but are of %s and %s".formatted(first, part));
      }
      for (int row = 0; row < part.positions.length; row++) {
        int at = row * part.rowLength;
        float[] values = Arrays.copyOfRange(part.values, at, at + part.rowLength);
        if (rows.put(part.positions[row], values) != null) {
          throw new IllegalArgumentException(
              "two parts of a patch of %s have position %d"
                  .formatted(first.name(), part.positions[row]));
        }
      }
    }
    float[] values = new float[Math.multiplyExact(rows.size(), first.rowLength)];
    int at = 0;
    for (float[] row : rows.values()) {
      System.arraycopy(row, 0, values, at, row.length);
      at += row.length;
    }
    int[] positions = rows.keySet().stream().mapToInt(Integer::intValue).toArray();
    return of(first.hook, first.layer, positions, values, Optional.empty());
  }

  /// Reads a point's array, and those of its steps, from a file that `inferno trace` wrote.
  ///
  /// @param layer the layer, or -1 for a point outside the blocks
  /// @throws IOException if the file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if it is no safetensors file
  /// @throws IllegalArgumentException if it has no such array, or one of another shape
  public static Patch read(Path file, Hook hook, int layer) throws IOException {
    requireLayer(hook, layer);
    return read(file, hook.name(layer), hook, layer);
  }

  /// Reads an array of any name. Its shape is `[T, row]` for a point without heads and `[T, H,
  /// part]` for one with heads; its rows are those of positions 0 to T - 1. Behind them stand the
  /// rows of `step.1.` and its name, `step.2.` and its name, and so on, as far as the file has
  /// them. Where rows were left out, the file's metadata `positions.` and the array's name has the
  /// positions of those that are there, such as `3,5`.
  ///
  /// @param layer the layer of the point that it is for, or -1 outside the blocks
  /// @throws IOException if the file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if it is no safetensors file
  /// @throws IllegalArgumentException if it has no such array, or one of another shape
  public static Patch read(Path file, String array, Hook hook, int layer) throws IOException {
    try (SafetensorsFile arrays = SafetensorsFile.open(file)) {
      List<String> names = names(arrays, array);
      List<Long> shape = shape(arrays, array, hook);
      long rows = 0;
      for (String name : names) {
        List<Long> next = shape(arrays, name, hook);
        if (!next.subList(1, next.size()).equals(shape.subList(1, shape.size()))) {
          throw new IllegalArgumentException(
              "%s: '%s' has the shape %s, but '%s' %s"
                  .formatted(arrays.name(), array, shape, name, next));
        }
        rows = Math.addExact(rows, next.getFirst());
      }
      long rowLength = shape.stream().skip(1).reduce(1L, Math::multiplyExact);
      float[] values = new float[Math.toIntExact(Math.multiplyExact(rows, rowLength))];
      int at = 0;
      for (String name : names) {
        float[] floats = arrays.floats(name);
        System.arraycopy(floats, 0, values, at, floats.length);
        at += floats.length;
      }
      int[] positions = positions(arrays, names, Math.toIntExact(rows));
      return of(hook, layer, positions, values, Optional.of(new Source(file.toString(), array)));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s: '%s' is too large for a patch".formatted(file, array), e);
    }
  }

  private static int[] positions(SafetensorsFile arrays, List<String> names, int rows) {
    int[] positions = new int[rows];
    int row = 0;
    for (String name : names) {
      int end = row + Math.toIntExact(arrays.shape(name).getFirst());
      String known = arrays.metadata().get("positions." + name);
      if (known == null) {
        for (; row < end; row++) {
          positions[row] = row;
        }
        continue;
      }
      String[] numbers = known.split(",", -1);
      if (numbers.length != end - row) {
        throw new IllegalArgumentException(
            "%s: '%s' has %d rows, but the metadata names %d positions"
                .formatted(arrays.name(), name, end - row, numbers.length));
      }
      for (String number : numbers) {
        positions[row] = position(arrays, name, number);
        if (row > 0 && positions[row] <= positions[row - 1]) {
          throw new IllegalArgumentException(
              "%s: the positions of '%s' do not rise: %s".formatted(arrays.name(), name, known));
        }
        row++;
      }
    }
    return positions;
  }

  private static int position(SafetensorsFile arrays, String name, String number) {
    if (!number.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "%s: the metadata names '%s' as a position of '%s'"
              .formatted(arrays.name(), number, name));
    }
    return Integer.parseInt(number);
  }

  private static List<String> names(SafetensorsFile arrays, String array) {
    List<String> names = new ArrayList<>();
    if (arrays.names().contains(array) || !arrays.names().contains("step.1." + array)) {
      names.add(array);
    }
    for (int step = 1; arrays.names().contains("step." + step + "." + array); step++) {
      names.add("step." + step + "." + array);
    }
    return names;
  }

  private static List<Long> shape(SafetensorsFile arrays, String name, Hook hook) {
    List<Long> shape = arrays.shape(name);
    if (shape.size() != rank(hook) || shape.contains(0L)) {
      throw new IllegalArgumentException(
          "%s: '%s' has the shape %s; for %s it must have %d axes, none of length 0"
              .formatted(arrays.name(), name, shape, hook.pattern(), rank(hook)));
    }
    return shape;
  }

  /// The same rows for the same point of another layer.
  ///
  /// @throws IllegalArgumentException if the point has no such layer
  public Patch atLayer(int other) {
    requireLayer(hook, other);
    return new Patch(hook, other, positions, values, rowLength, source);
  }

  /// As if it were read from this file.
  Patch from(Source named) {
    return new Patch(hook, layer, positions, values, rowLength, Optional.of(named));
  }

  /// The point's wire name, such as `blocks.3.hook_resid_post`.
  public String name() {
    return hook.name(layer);
  }

  /// How many rows it has.
  public int rows() {
    return positions.length;
  }

  /// How many values a row has.
  public int rowLength() {
    return rowLength;
  }

  /// Which row is that of an absolute position, or a negative number if none is.
  public int row(int position) {
    return Arrays.binarySearch(positions, position);
  }

  /// A value of a row.
  public float get(int row, int i) {
    return values[row * rowLength + i];
  }

  /// The file it was read from, if it was.
  public Optional<Source> source() {
    return source;
  }

  /// Refuses a point that it is not of.
  void requireOf(Point point) {
    if (point.hook() != hook || (hook.perLayer() && !point.layers().equals(List.of(layer)))) {
      throw new IllegalArgumentException(
          "a patch of %s acts at that point alone, not at %s".formatted(name(), point));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Patch patch
        && hook == patch.hook
        && layer == patch.layer
        && Arrays.equals(positions, patch.positions)
        && Arrays.equals(values, patch.values)
        && source.equals(patch.source);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + Arrays.hashCode(positions);
  }

  @Override
  public String toString() {
    String rows = positions.length + " rows of " + name();
    return source.map(from -> rows + " in " + from.file()).orElse(rows);
  }
}
