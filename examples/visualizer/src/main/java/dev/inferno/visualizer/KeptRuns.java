package dev.inferno.visualizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The latest runs, and the tensors of the latest steps up to a number of bytes. Thread-safe.
final class KeptRuns {
  private static final int RUNS = 256;

  private final long capacityBytes;
  private final Map<String, KeptRun> runs = new LinkedHashMap<>();
  private final Map<Wire.StepName, Map<String, Tensor>> steps = new LinkedHashMap<>();
  private long bytes;
  private boolean someAreGone;

  KeptRuns(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  synchronized void add(KeptRun run) {
    runs.put(run.run().run(), run);
    if (runs.size() > RUNS) {
      var oldest = runs.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /// Keeps the tensors of a step, and lets those of the oldest steps go where there is no room.
  ///
  /// @return the oldest step that is kept; null while all are
  synchronized Wire.@Nullable StepName add(String run, int step, Iterable<Tensor> tensors) {
    var byName = new LinkedHashMap<String, Tensor>();
    for (Tensor tensor : tensors) {
      byName.put(tensor.name(), tensor);
      bytes += tensor.bytes();
    }
    steps.put(new Wire.StepName(run, step), byName);
    var oldest = steps.values().iterator();
    while (bytes > capacityBytes && steps.size() > 1) {
      oldest.next().values().forEach(tensor -> bytes -= tensor.bytes());
      oldest.remove();
      someAreGone = true;
    }
    return someAreGone ? steps.keySet().iterator().next() : null;
  }

  /// A run.
  ///
  /// @throws GoneException if it is not kept any more, or never was
  synchronized KeptRun run(String run) {
    KeptRun found = runs.get(run);
    if (found == null) {
      throw new GoneException("run %s is not kept, or not any more".formatted(run));
    }
    return found;
  }

  /// A tensor of a step.
  ///
  /// @throws GoneException if it is not kept any more, or never was
  synchronized Tensor tensor(String run, int step, String name) {
    Map<String, Tensor> tensors = steps.get(new Wire.StepName(run, step));
    Tensor tensor = tensors == null ? null : tensors.get(name);
    if (tensor == null) {
      throw new GoneException(
          "%s of step %d of run %s is not kept, or not any more; kept of that step: %s"
              .formatted(name, step, run, tensors == null ? "nothing" : tensors.keySet()));
    }
    return tensor;
  }

  /// A tensor of all steps of a run up to `last`, as far as they are kept: the latest of them, in
  /// order.
  ///
  /// @throws GoneException if none is kept
  synchronized List<Tensor> tensors(String run, int last, String name) {
    var tensors = new ArrayList<Tensor>();
    steps.forEach((key, byName) -> {
      Tensor tensor = byName.get(name);
      if (key.run().equals(run) && key.step() <= last && tensor != null) {
        tensors.add(tensor);
      }
    });
    if (tensors.isEmpty()) {
      throw new GoneException("%s of run %s is not kept, or not any more".formatted(name, run));
    }
    return tensors;
  }

  /// What was asked for was let go.
  static final class GoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    GoneException(String message) {
      super(message);
    }
  }
}
