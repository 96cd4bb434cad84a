package dev.inferno.cli;

import dev.inferno.ModelInfo;
import dev.inferno.format.SafetensorsWriter;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Writes every value that it is shown to a file, row by row: a long prompt passes through the
/// model in chunks, its logits come in tiles, and each piece goes where it belongs in a tensor that
/// has room for all positions of the pass.
final class TraceRecorder implements StepListener {
  private final ObservationPlan plan;
  private final SafetensorsWriter writer;
  private final Set<String> tensors = new HashSet<>();
  private float[] row = new float[0];

  // The pass that is recorded.
  private String prefix = "";
  private int firstPosition;
  private int rows;

  private TraceRecorder(ObservationPlan plan, SafetensorsWriter writer) {
    this.plan = plan;
    this.writer = writer;
  }

  /// A recorder of the points of these names.
  ///
  /// @throws IllegalArgumentException if a name means no point of the model
  static TraceRecorder of(String points, ModelInfo model, SafetensorsWriter writer) {
    return new TraceRecorder(everywhere(ObservationPlan.parse(points, model), model), writer);
  }

  /// Each point once, even if several names mean it, and at every position.
  private static ObservationPlan everywhere(ObservationPlan named, ModelInfo model) {
    Map<Hook, Set<Integer>> layers = new EnumMap<>(Hook.class);
    Set<Hook> optional = EnumSet.noneOf(Hook.class);
    for (Point point : named.points()) {
      if (point.optional()) {
        optional.add(point.hook());
      }
      Set<Integer> known = layers.computeIfAbsent(point.hook(), _ -> new TreeSet<>());
      if (point.layers().isEmpty()) {
        IntStream.range(0, model.layers()).forEach(known::add);
      } else {
        known.addAll(point.layers());
      }
    }
    List<Point> points = new ArrayList<>();
    layers.forEach((hook, known) -> {
      Point point = hook.all().everyPosition();
      point = optional.contains(hook) ? point.orNothing() : point;
      points.add(
          hook.perLayer()
              ? point.layers(known.stream().mapToInt(Integer::intValue).toArray())
              : point);
    });
    return new ObservationPlan(points);
  }

  /// A pass begins.
  ///
  /// @param prefix what its tensors' names begin with
  /// @param firstPosition the position of its first row
  /// @param rows how many rows it has, in all its chunks
  void begin(String prefix, int firstPosition, int rows) {
    this.prefix = prefix;
    this.firstPosition = firstPosition;
    this.rows = rows;
  }

  /// How many tensors there are so far.
  int tensors() {
    return tensors.size();
  }

  @Override
  public ObservationPlan plan(ModelInfo model) {
    return plan;
  }

  @Override
  public void onActivation(Activation activation) {
    try {
      write(activation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Activation activation) throws IOException {
    TensorView view = activation.tensor();
    boolean pattern = !activation.hook().rowsFirst();
    int[] shape = view.shape(); // of this piece: [T, ...], and of scores or a pattern [H, T, K]
    int pieceRows = activation.rows();
    int columns = shape[shape.length - 1];
    int fileColumns = pattern ? firstPosition + rows : columns;

    String name = prefix + activation.name();
    if (tensors.add(name)) {
      List<Long> fileShape = new ArrayList<>();
      for (int axis = 0; axis < shape.length; axis++) {
        boolean isRows = axis == (pattern ? 1 : 0);
        boolean isColumns = axis == shape.length - 1;
        fileShape.add((long) (isRows ? rows : isColumns ? fileColumns : shape[axis]));
      }
      writer.reserve(name, fileShape);
    }

    if (row.length < fileColumns) {
      row = new float[fileColumns];
    }
    // A position that a later chunk holds is one that no row of this one looks at.
    Arrays.fill(
        row, columns, fileColumns, activation.hook() == Hook.SCORES ? Float.NEGATIVE_INFINITY : 0);
    int outer = pattern ? shape[0] : 1;
    int runs = IntStream.of(shape).limit(shape.length - 1).reduce(1, Math::multiplyExact);
    int runsPerOuter = runs / outer; // one head's rows of a pattern, else all
    int runsPerRow = runsPerOuter / pieceRows; // the heads of a position, else 1
    long before = (long) (activation.firstPosition() - firstPosition) * runsPerRow;
    for (int run = 0; run < runs; run++) {
      view.copyRow(run, row);
      long fileRun = (long) (run / runsPerOuter) * rows * runsPerRow + before + run % runsPerOuter;
      writer.put(name, fileRun * fileColumns, row, 0, fileColumns);
    }
  }
}
