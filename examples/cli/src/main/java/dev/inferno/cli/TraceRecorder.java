package dev.inferno.cli;

import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.format.SafetensorsWriter;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Form;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.Positions;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Writes every value that it is shown to a file, row by row: a long prompt passes through the
/// model in chunks, its logits come in tiles, and each piece goes where it belongs in a tensor that
/// has room for all positions of the pass that are meant.
final class TraceRecorder {
  private final List<OfPoint> points;
  private final SafetensorsWriter writer;
  private final Set<String> tensors = new HashSet<>();
  private float[] row = new float[0];

  // The pass that is recorded.
  private String prefix = "";
  private int end; // the position behind its last one

  /// A recorder of points whose positions are all, the last or chosen ones.
  TraceRecorder(List<Point> points, SafetensorsWriter writer) {
    this.points = points.stream().map(OfPoint::new).toList();
    this.writer = writer;
  }

  /// Has a session show what is to be written.
  void listenTo(Session session) {
    points.forEach(session::addListener);
  }

  /// A pass begins.
  ///
  /// @param prefix what its tensors' names begin with
  /// @param firstPosition the position of its first row
  /// @param rows how many rows it has, in all its chunks
  void begin(String prefix, int firstPosition, int rows) {
    this.prefix = prefix;
    this.end = firstPosition + rows;
    points.forEach(point -> point.begin(firstPosition));
  }

  /// How many tensors there are so far.
  int tensors() {
    return tensors.size();
  }

  /// Listens to one point: an event does not say which of several it was meant for.
  private final class OfPoint implements StepListener {
    private final Point point;
    private int[] positions = new int[0]; // those of the pass that are meant

    OfPoint(Point point) {
      this.point = point;
    }

    void begin(int firstPosition) {
      positions =
          IntStream.range(firstPosition, end)
              .filter(position -> point.positions().contains(position, position == end - 1, false))
              .toArray();
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return ObservationPlan.of(point);
    }

    @Override
    public void onActivation(Activation activation) {
      String name = prefix + activation.name() + TracePoints.suffix(point.form());
      try {
        switch (point.form()) {
          case Form.Norm(), Form.Entropy() -> writeNumbers(name, activation);
          case Form.View() -> {
            Hook hook = activation.hook();
            int columns = hook.rowsFirst() ? lastAxis(activation.tensor()) : end;
            float unseen = hook == Hook.SCORES ? Float.NEGATIVE_INFINITY : 0;
            write(name, activation, activation.tensor(), columns, activation.firstKey(), unseen, 0);
          }
          case Form.Statistics(), Form.Mass(_) ->
              write(name, activation, activation.tensor(), lastAxis(activation.tensor()), 0, 0, 0);
          case Form.Top(int n) -> {
            int columns =
                activation.hook().rowsFirst() ? lastAxis(activation.tensor()) : Math.min(n, end);
            write(name, activation, activation.tensor(), columns, 0, 0, 0);
            // Those of a pattern count from the first key that the pass shows, but here from 0.
            TensorView indices = activation.indices().orElseThrow();
            write(name + "_indices", activation, indices, columns, 0, -1, activation.firstKey());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int lastAxis(TensorView view) {
      int[] shape = view.shape();
      return shape[shape.length - 1];
    }

    /// Writes one number per row, or per head of a row.
    private void writeNumbers(String name, Activation activation) throws IOException {
      float[] values = activation.tensor().copy();
      int[] shape = activation.tensor().shape();
      int outer = activation.hook().rowsFirst() ? 1 : shape[0];
      reserve(name, activation, shape);
      int perRow = values.length / outer / activation.rows();
      for (int i = 0; i < outer; i++) {
        long fileRow = (long) i * positions.length + fileRow(activation);
        int count = activation.rows() * perRow;
        writer.put(name, fileRow * perRow, values, i * count, count);
      }
    }

    /// Writes runs along the last axis.
    ///
    /// @param columns how long that axis is in the file
    /// @param at where in it a run begins
    /// @param unseen what stands where nothing is shown
    /// @param added what is added to each value
    private void write(
        String name,
        Activation activation,
        TensorView view,
        int columns,
        int at,
        float unseen,
        int added)
        throws IOException {
      int[] shape = view.shape();
      int width = shape[shape.length - 1];
      int[] fileShape = shape.clone();
      fileShape[shape.length - 1] = columns;
      reserve(name, activation, fileShape);
      int runs = IntStream.of(shape).limit(shape.length - 1).reduce(1, Math::multiplyExact);
      for (int run = 0; run < runs; run++) {
        prepareRow(columns, unseen);
        view.copyRow(run, row);
        for (int i = 0; added != 0 && i < width; i++) {
          row[i] += added;
        }
        if (at > 0) { // what a window hides comes before
          System.arraycopy(row, 0, row, at, width);
          Arrays.fill(row, 0, at, unseen);
        }
        writer.put(name, fileRun(activation, shape, run) * columns, row, 0, columns);
      }
    }

    /// A position that a later chunk holds is one that no row of this one looks at.
    private void prepareRow(int columns, float unseen) {
      if (row.length < columns) {
        row = new float[columns];
      }
      Arrays.fill(row, 0, columns, unseen);
    }

    /// Makes a tensor of a piece's shape with room for all rows.
    private void reserve(String name, Activation activation, int[] shape) throws IOException {
      if (tensors.add(name)) {
        List<Long> fileShape = new ArrayList<>();
        int rowsAxis = activation.hook().rowsFirst() ? 0 : 1;
        for (int axis = 0; axis < shape.length; axis++) {
          fileShape.add((long) (axis == rowsAxis ? positions.length : shape[axis]));
        }
        writer.reserve(name, fileShape);
        if (!(point.positions() instanceof Positions.All)) {
          String meant =
              IntStream.of(positions).mapToObj(String::valueOf).collect(Collectors.joining(","));
          writer.metadata("positions." + name, meant);
        }
      }
    }

    /// Which row of the file the first one of a piece is; the others follow.
    private int fileRow(Activation activation) {
      return Arrays.binarySearch(positions, activation.firstPosition());
    }

    /// Which run of the file a run of a piece is. Of a pattern, the rows of a head lie one behind
    /// the other; else the heads of a row.
    private long fileRun(Activation activation, int[] shape, int run) {
      boolean pattern = !activation.hook().rowsFirst();
      int runs = IntStream.of(shape).limit(shape.length - 1).reduce(1, Math::multiplyExact);
      int outer = pattern ? shape[0] : 1;
      int runsPerOuter = runs / outer;
      int runsPerRow = runsPerOuter / activation.rows();
      return (long) (run / runsPerOuter) * positions.length * runsPerRow
          + (long) fileRow(activation) * runsPerRow
          + run % runsPerOuter;
    }
  }
}
