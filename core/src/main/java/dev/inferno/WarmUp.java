package dev.inferno;

import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.ProductWarmUp;
import dev.inferno.internal.models.Architecture;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.ForwardCancelled;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Segment;
import dev.inferno.internal.nn.State;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Has the JVM compile the arithmetic while a model is still being loaded: first the products of
/// the formats that the file's table of tensors names, on matrices of its own, then the rest by
/// passing rows through the first blocks of the model. Otherwise the first token would pay.
///
/// The work is done by one daemon thread. It ends when it has seen enough, when the first session
/// begins to compute, when loading fails or the model is closed, and at the latest {@link
/// #LONGEST_NANOS} after loading. Nobody waits for it, and nothing that it computes is seen by
/// anybody. What it reads may be freed meanwhile: then it gets an exception and ends.
final class WarmUp {
  private static final long LONGEST_NANOS = 500_000_000;

  /// Each pass gives up behind this block. The blocks are alike, and their products compiled.
  private static final int BLOCKS = 2;

  /// How many rows pass at a time, those of the prefill class first, and how often all of them do.
  private static final int[] PASS_ROWS = {17, 2, 1, 1};

  private static final int PASSES = 24;

  private final Kernels kernels;
  private final CompletableFuture<Optional<Read>> read = new CompletableFuture<>();
  private volatile boolean wanted = true;
  private volatile long deadline = Long.MAX_VALUE;

  /// A model that was read.
  private record Read(Architecture architecture, ModelInfo info) {}

  /// A tensor's format and the length of its rows.
  private record Shape(GgmlType type, long columns) {}

  private WarmUp(Kernels kernels) {
    this.kernels = kernels;
  }

  /// Begins for a file with these tensors.
  static WarmUp begin(Kernels kernels, List<TensorInfo> tensors) {
    var warmUp = new WarmUp(kernels);
    var thread = new Thread(null, () -> warmUp.run(tensors), "inferno-warm-up", 0, false);
    thread.setDaemon(true);
    thread.start();
    return warmUp;
  }

  /// One that does nothing.
  static WarmUp none(Kernels kernels) {
    var warmUp = new WarmUp(kernels);
    warmUp.end();
    return warmUp;
  }

  /// The model was read: its blocks may be used.
  void read(Architecture architecture, ModelInfo info) {
    read.complete(Optional.of(new Read(architecture, info)));
  }

  /// Loading is done.
  void loaded() {
    deadline = System.nanoTime() + LONGEST_NANOS;
  }

  /// Nobody needs it any more. Does not wait; called again it does nothing.
  void end() {
    wanted = false;
    read.complete(Optional.empty());
  }

  private boolean isWanted() {
    long deadline = this.deadline;
    return wanted && (deadline == Long.MAX_VALUE || System.nanoTime() - deadline < 0);
  }

  private void run(List<TensorInfo> tensors) {
    try {
      var products = new ProductWarmUp(kernels);
      shapes(tensors).forEach(shape -> products.add(shape.type, shape.columns));
      products.run(this::isWanted);
      read.join().ifPresent(this::pass);
    } catch (RuntimeException e) {
      // the model was closed, or is one that cannot compute: whoever uses it will be told
    }
  }

  private static Set<Shape> shapes(List<TensorInfo> tensors) {
    Set<Shape> shapes = new LinkedHashSet<>();
    for (TensorInfo tensor : tensors) {
      if (tensor.dimensions().size() > 1) {
        shapes.add(new Shape(tensor.type(), tensor.dimensions().getFirst()));
      }
    }
    return shapes;
  }

  private void pass(Read model) {
    Architecture architecture = model.architecture;
    ModelInfo info = model.info;
    State state = architecture.newState();
    for (int i = 0; i < PASSES && isWanted(); i++) {
      for (int rows : PASS_ROWS) {
        pass(architecture, info, rows, state);
      }
    }
  }

  /// Passes rows of token 0 through the first blocks, then gives up.
  private void pass(Architecture architecture, ModelInfo info, int rows, State state) {
    Attention.Heads heads = architecture.heads();
    KvCache cache =
        KvCache.empty(
            kernels,
            SessionOptions.defaults().keyValueType(),
            info.layers(),
            heads.keyWidth(),
            heads.valueWidth());
    var segment = new Segment(cache, Observer.NOBODY, new float[0]);
    segment.prepare(new int[rows], new boolean[rows], 0, rows, false);
    var batch = new Batch();
    var blocks = new int[1];
    try {
      batch.begin(List.of(segment), 1, () -> ++blocks[0] > BLOCKS || !isWanted());
      architecture.forward(batch, state, new Probe(batch));
    } catch (ForwardCancelled e) {
      // as intended
    }
  }
}
