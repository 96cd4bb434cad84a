package dev.inferno;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.NormWeights;
import dev.inferno.internal.nn.Readout;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.analysis.FrozenNorm;
import dev.inferno.observe.analysis.LogitAttribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// What the logits of one position are the sum of: the embedding and what each block added to the
/// residual stream, and within a block what each head and each neuron wrote. Kept from one pass,
/// {@link #of} then says how much each of them put into the logit of a token: direct logit
/// attribution, see {@link LogitAttribution}.
///
/// Every norm on the way, the final one and those behind a branch, divides by what it divided by in
/// the pass. So the parts say how the logit is put together, and not what it would be without one
/// of them: then the norms would divide by something else, and all that reads the stream later
/// would read something else.
///
/// Immutable and thread-safe. Its model must be open when it is asked.
public final class LogitParts {
  private static final int GATHERED = 64; // rows of a matrix at a time

  private final Model model;
  private final int position;
  private final Map<String, float[]> values;

  private LogitParts(Model model, int position, Map<String, float[]> values) {
    this.model = model;
    this.position = position;
    this.values = values;
  }

  /// Appends tokens to a session and keeps what the last position is made of. Interventions of the
  /// session act; what they change in the residual stream between two blocks is no part, and is
  /// then missing in the sum.
  ///
  /// @throws IllegalArgumentException if there are no tokens, one is not in the vocabulary, or they
  ///   do not fit in the context
  /// @throws java.util.concurrent.CancellationException if it was cancelled; the session is as it
  ///   was before
  public static LogitParts after(Session session, int... tokens) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("there are no tokens to append");
    }
    int position = session.length() + tokens.length - 1;
    var capture = new Capture(session.model(), position);
    if (position < session.contextLength()) { // else append says so
      try (Session.Registration _ = session.addListener(capture)) {
        session.append(tokens);
      }
    } else {
      session.append(tokens);
    }
    return new LogitParts(session.model(), position, capture.values);
  }

  /// Copies the values of one position.
  private static final class Capture implements StepListener {
    private static final Set<Hook> HOOKS =
        EnumSet.of(
            Hook.EMBED,
            Hook.POS_EMBED,
            Hook.RESULT,
            Hook.ATTN_RAW_OUT,
            Hook.ATTN_OUT,
            Hook.MLP_POST,
            Hook.EXPERT_INDICES,
            Hook.EXPERT_WEIGHTS,
            Hook.EXPERT_POST,
            Hook.SHARED_EXPERT_OUT,
            Hook.MLP_RAW_OUT,
            Hook.MLP_OUT,
            Hook.UNEMBED_OUT,
            Hook.LOGITS);

    private final List<Point> points = new ArrayList<>();
    private final Map<String, float[]> values = new HashMap<>();

    Capture(Model model, int position) {
      for (Hook hook : HOOKS) {
        points.add(hook.all().positions(position).orNothing());
      }
      points.add(Hook.RESID_POST.layer(model.info().layers() - 1).positions(position));
    }

    @Override
    public ObservationPlan plan(ModelInfo info) {
      return new ObservationPlan(points);
    }

    @Override
    public void onActivation(Activation activation) {
      values.put(activation.name(), activation.tensor().copy());
    }
  }

  /// The absolute position.
  public int position() {
    return position;
  }

  /// The logits there, `[V]`, a fresh copy.
  public float[] logits() {
    return value(Hook.LOGITS, -1).clone();
  }

  /// How much each part put into the logit of a token.
  ///
  /// @throws IndexOutOfBoundsException if the vocabulary has no such token
  /// @throws IllegalStateException if the model is closed
  public LogitShares of(int token) {
    return borrowing(() -> shares(token, OptionalInt.empty()));
  }

  /// How much each part put into the difference of two logits: why the one rather than the other.
  ///
  /// @throws IndexOutOfBoundsException if the vocabulary has no such token
  /// @throws IllegalStateException if the model is closed
  public LogitShares ofDifference(int token, int other) {
    return borrowing(() -> shares(token, OptionalInt.of(other)));
  }

  private LogitShares shares(int token, OptionalInt other) {
    float[] projected = value(Hook.UNEMBED_OUT, -1);
    float[] logits = value(Hook.LOGITS, -1);
    Objects.checkIndex(token, logits.length);
    other.ifPresent(id -> Objects.checkIndex(id, logits.length));
    var names = new ArrayList<LogitShares.Part>();
    var components = new ArrayList<float[]>();
    for (LogitShares.Part part : parts()) {
      names.add(part);
      components.add(value(part.hook(), part.layer().orElse(-1)));
    }
    int last = model.info().layers() - 1;
    FrozenNorm norm = frozen(model.architecture().readout().norm(), value(Hook.RESID_POST, last));
    float[] direction = unembedding(token);
    LogitAttribution attribution;
    double logit = logits[token];
    if (other.isPresent()) {
      int id = other.getAsInt();
      float[] otherDirection = unembedding(id);
      attribution =
          LogitAttribution.ofDifference(
              components, norm, direction, otherDirection, projected[token], projected[id]);
      for (int i = 0; i < direction.length; i++) {
        direction[i] -= otherDirection[i];
      }
      logit -= logits[id];
    } else {
      attribution = LogitAttribution.of(components, norm, direction, projected[token]);
    }
    return new LogitShares(this, token, other, names, attribution, logit, norm.before(direction));
  }

  /// The parts that the residual stream is the sum of, in the order in which they are added.
  private List<LogitShares.Part> parts() {
    var parts = new ArrayList<LogitShares.Part>();
    parts.add(new LogitShares.Part(Hook.EMBED, OptionalInt.empty()));
    if (has(Hook.POS_EMBED, -1)) {
      parts.add(new LogitShares.Part(Hook.POS_EMBED, OptionalInt.empty()));
    }
    for (int layer = 0; layer < model.info().layers(); layer++) {
      parts.add(new LogitShares.Part(Hook.ATTN_OUT, OptionalInt.of(layer)));
      parts.add(new LogitShares.Part(Hook.MLP_OUT, OptionalInt.of(layer)));
    }
    return parts;
  }

  /// What each head of a layer put along a direction of the residual stream, `[H]`.
  double[] heads(int layer, float[] direction) {
    return borrowing(() -> {
      float[] before = beforeAttentionNorm(layer, direction);
      float[] results = value(Hook.RESULT, layer);
      double[] shares = new double[results.length / before.length];
      for (int head = 0; head < shares.length; head++) {
        shares[head] = dot(before, results, head * before.length);
      }
      return shares;
    });
  }

  /// What the bias of a layer's attention put along a direction, 0 without one.
  double attentionBias(int layer, float[] direction) {
    return borrowing(
        () -> biasAlong(block(layer).attentionOutput(), beforeAttentionNorm(layer, direction)));
  }

  /// What each neuron of a layer put along a direction: of a mixture those of the chosen experts,
  /// the best expert first.
  List<LogitShares.Neuron> neurons(int layer, float[] direction) {
    return borrowing(() -> {
      float[] before = beforeFeedForwardNorm(layer, direction);
      var neurons = new ArrayList<LogitShares.Neuron>();
      if (has(Hook.MLP_POST, layer)) {
        addNeurons(layer, OptionalInt.empty(), before, value(Hook.MLP_POST, layer), 0, 1, neurons);
        return neurons;
      }
      float[] experts = value(Hook.EXPERT_INDICES, layer);
      float[] weights = value(Hook.EXPERT_WEIGHTS, layer);
      float[] post = value(Hook.EXPERT_POST, layer);
      for (int rank = 0; rank < experts.length; rank++) {
        int at = rank * (post.length / experts.length);
        OptionalInt expert = OptionalInt.of((int) experts[rank]);
        addNeurons(layer, expert, before, post, at, weights[rank], neurons);
      }
      return neurons;
    });
  }

  private void addNeurons(
      int layer,
      OptionalInt expert,
      float[] direction,
      float[] activations,
      int at,
      float weight,
      List<LogitShares.Neuron> neurons) {
    double[] along = before(block(layer).downs().get(expert.orElse(0)), direction);
    for (int i = 0; i < along.length; i++) {
      float activation = activations[at + i];
      neurons.add(
          new LogitShares.Neuron(layer, expert, i, activation, activation * along[i] * weight));
    }
  }

  /// What the biases of a layer's feed-forward put along a direction, 0 without one: of a mixture
  /// those of the chosen experts.
  double feedForwardBias(int layer, float[] direction) {
    return borrowing(() -> {
      List<Linear> downs = block(layer).downs();
      float[] before = beforeFeedForwardNorm(layer, direction);
      if (!has(Hook.EXPERT_INDICES, layer)) {
        return biasAlong(downs.getFirst(), before);
      }
      float[] experts = value(Hook.EXPERT_INDICES, layer);
      float[] weights = value(Hook.EXPERT_WEIGHTS, layer);
      double sum = 0;
      for (int rank = 0; rank < experts.length; rank++) {
        sum += weights[rank] * biasAlong(downs.get((int) experts[rank]), before);
      }
      return sum;
    });
  }

  /// What the expert of a layer that every position passes through put along a direction, 0 without
  /// one.
  double sharedExpert(int layer, float[] direction) {
    return borrowing(() -> {
      float[] before = beforeFeedForwardNorm(layer, direction);
      return has(Hook.SHARED_EXPERT_OUT, layer)
          ? dot(before, value(Hook.SHARED_EXPERT_OUT, layer), 0)
          : 0.0;
    });
  }

  private float[] beforeAttentionNorm(int layer, float[] direction) {
    float[] scaled = beforeBranchScale(direction);
    return block(layer)
        .normBehindAttention()
        .map(norm -> frozen(norm, value(Hook.ATTN_RAW_OUT, layer)).before(scaled))
        .orElse(scaled);
  }

  private float[] beforeFeedForwardNorm(int layer, float[] direction) {
    float[] scaled = beforeBranchScale(direction);
    return block(layer)
        .normBehindFeedForward()
        .map(norm -> frozen(norm, value(Hook.MLP_RAW_OUT, layer)).before(scaled))
        .orElse(scaled);
  }

  private float[] beforeBranchScale(float[] direction) {
    float scale = model.architecture().readout().branchScale();
    if (scale == 1) {
      return direction;
    }
    float[] before = direction.clone();
    for (int i = 0; i < before.length; i++) {
      before[i] *= scale;
    }
    return before;
  }

  private static FrozenNorm frozen(NormWeights norm, float[] row) {
    return norm.bias().length == 0
        ? FrozenNorm.rootMeanSquare(row, norm.gain(), norm.epsilon())
        : FrozenNorm.layer(row, norm.gain(), norm.bias(), norm.epsilon());
  }

  /// The token's row of the output matrix, `[M]`, a fresh copy.
  private float[] unembedding(int token) {
    int width = model.info().width();
    Rows row = new Rows(1, width).resize(1, 0);
    model.architecture().readout().head().weight().gather(new int[] {token}, 1, row);
    return Arrays.copyOf(row.data(), width);
  }

  /// A direction behind a map as it is before the map: the transposed matrix times the direction.
  private static double[] before(Linear linear, float[] direction) {
    int columns = linear.weight().columns();
    double[] before = new double[columns];
    var rows = new Rows(GATHERED, columns);
    int[] ids = new int[GATHERED];
    for (int from = 0; from < direction.length; from += GATHERED) {
      int count = Math.min(GATHERED, direction.length - from);
      for (int i = 0; i < count; i++) {
        ids[i] = from + i;
      }
      linear.weight().gather(ids, count, rows.resize(count, 0));
      for (int i = 0; i < count; i++) {
        double factor = direction[from + i];
        for (int column = 0; column < columns; column++) {
          before[column] += factor * rows.data()[i * columns + column];
        }
      }
    }
    return before;
  }

  private static double biasAlong(Linear linear, float[] direction) {
    return linear.bias().length == 0 ? 0 : dot(direction, linear.bias(), 0);
  }

  private static double dot(float[] x, float[] y, int at) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[at + i];
    }
    return sum;
  }

  private Readout.Block block(int layer) {
    List<Readout.Block> blocks = model.architecture().readout().blocks();
    return blocks.get(Objects.checkIndex(layer, blocks.size()));
  }

  private boolean has(Hook hook, int layer) {
    return values.containsKey(hook.name(layer));
  }

  private float[] value(Hook hook, int layer) {
    return Objects.requireNonNull(values.get(hook.name(layer)), hook.name(layer));
  }

  /// Works with the weights, which must not be freed meanwhile.
  private <T> T borrowing(Supplier<T> work) {
    model.borrow();
    try {
      return work.get();
    } finally {
      model.giveBack();
    }
  }
}
