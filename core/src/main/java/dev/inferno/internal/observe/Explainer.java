package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.nn.Batch;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Explanation.PointCost;
import dev.inferno.observe.Explanation.Verdict;
import dev.inferno.observe.Form;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.PositionRange;
import dev.inferno.observe.Positions;
import java.util.ArrayList;
import java.util.List;

/// What a point is worth and whether it can be had.
public final class Explainer {
  private Explainer() {}

  /// The costs of a plan in a session with room for `context` positions, in a run of `promptLength`
  /// given tokens from position `first` on and at most `maxTokens` generated ones, of which the
  /// last is never passed through the model.
  ///
  /// @param dropped how many positions are forgotten whenever the context is full, 0 if there the
  ///   run ends
  public static Explanation explain(
      ObservationPlan plan,
      Anatomy anatomy,
      int context,
      int first,
      int promptLength,
      int maxTokens,
      int dropped) {
    var costs = new ArrayList<PointCost>();
    int generated = Math.max(0, maxTokens - 1);
    for (Point point : plan.points()) {
      costs.add(cost(point, anatomy, context, first, promptLength, generated, dropped));
    }
    return new Explanation(costs, List.of());
  }

  private static PointCost cost(
      Point point,
      Anatomy anatomy,
      int context,
      int first,
      int prompt,
      int generated,
      int dropped) {
    String impossible = impossible(point, anatomy, context);
    if (!impossible.isEmpty()) {
      return new PointCost(point, Verdict.IMPOSSIBLE, impossible, 0, 0);
    }
    Hook hook = point.hook();
    ModelInfo model = anatomy.model();
    long layers = anatomy.layers(point).length;
    long bytes = 0;
    long rows = 0;
    long extraRows = 0; // of the prompt, beside the last
    int total = prompt + generated; // at most what an int holds, as the caller sees to
    for (int i = 0; i < total && first + i < (long) context + dropped; i++) {
      boolean isGenerated = i >= prompt;
      boolean isFreed = first + i >= context; // by shifts, which free these places again and again
      int position = isFreed ? first + i - dropped : first + i;
      long times = isFreed ? 1 + (total - 1 - i) / dropped : 1;
      if (point.positions().contains(position, isGenerated || i == prompt - 1, isGenerated)) {
        long keys = isGenerated ? position + 1 : first + keysOfChunk(i, prompt);
        bytes += times * bytesOfRow(point, anatomy, keys, isGenerated || prompt == 1);
        rows += times;
        extraRows += i < prompt - 1 ? 1 : 0;
      }
    }
    if (hook == Hook.RESULT && rows > 0) {
      return new PointCost(
          point,
          Verdict.EXTRA_WORK,
          "the output projection is computed once more for each head that is shown",
          bytes,
          rows
              * layers
              * (point.heads().isEmpty() ? anatomy.attention().heads() : point.heads().size())
              * anatomy.attention().zWidth()
              * model.width());
    }
    long extra = extraRows * behindTheLastAttention(point, anatomy);
    if (extra > 0) {
      return new PointCost(
          point,
          Verdict.EXTRA_WORK,
          extraRows + " rows of the prompt go further than the next token needs",
          bytes,
          extra);
    }
    return new PointCost(point, isDerived(point) ? Verdict.DERIVED : Verdict.NATIVE, "", bytes, 0);
  }

  /// The multiply-adds of a row that nobody needs behind the attention of the last block.
  private static long behindTheLastAttention(Point point, Anatomy anatomy) {
    ModelInfo model = anatomy.model();
    long matrix = (long) model.width() * model.feedForward();
    long feedForward =
        anatomy.experts() > 0
            ? (long) model.width() * anatomy.experts() + 3 * matrix * anatomy.expertsUsed()
            : matrix * (anatomy.has(Hook.MLP_PRE_LINEAR, model.layers() - 1) ? 3 : 2);
    return switch (point.hook()) {
      case UNEMBED_IN, UNEMBED_OUT, LOGITS ->
          feedForward + (long) model.vocabulary() * model.width();
      default -> {
        boolean inLast = point.layers().isEmpty() || point.layers().contains(model.layers() - 1);
        yield point.hook().onlyWantedRows(point.hook().perLayer() && inLast) ? feedForward : 0;
      }
    };
  }

  /// Whether the fast kernels do not have it in this form, so that it is copied or computed beside
  /// them.
  private static boolean isDerived(Point point) {
    return !(point.form() instanceof Form.View)
        || switch (point.hook()) {
          case SCORES,
              PATTERN,
              SINK,
              LN1_SCALE,
              LN1_NORMALIZED,
              LN1_POST_SCALE,
              LN1_POST_NORMALIZED,
              LN2_SCALE,
              LN2_NORMALIZED,
              LN2_POST_SCALE,
              LN2_POST_NORMALIZED,
              FINAL_SCALE,
              FINAL_NORMALIZED,
              Q,
              K,
              ROT_Q,
              ROT_K ->
              true;
          default -> false;
        };
  }

  /// The bytes of a row in all layers that are meant.
  ///
  /// @param keys how many keys the forward pass reaches
  /// @param alone whether the pass has this row alone: then only the keys of a window are shown
  private static long bytesOfRow(Point point, Anatomy anatomy, long keys, boolean alone) {
    Hook hook = point.hook();
    long parts = point.heads().isEmpty() ? anatomy.parts(hook) : point.heads().size();
    long bytes = 0;
    for (int layer : anatomy.layers(point)) {
      long length = anatomy.size(hook);
      if (hook.axes() == Hook.Axes.PATTERN) {
        long window = anatomy.window().applyAsInt(layer);
        length = alone && window > 0 ? Math.min(window, keys) : keys;
      }
      bytes += parts * bytes(point.form(), length);
    }
    return bytes;
  }

  /// How many keys of the prompt the forward pass of its i-th token reaches.
  private static long keysOfChunk(int i, int prompt) {
    return Math.min(prompt, (i / Batch.CHUNK + 1L) * Batch.CHUNK);
  }

  private static long bytes(Form form, long length) {
    return switch (form) {
      case Form.View() -> Float.BYTES * length;
      case Form.Norm(), Form.Entropy() -> Float.BYTES;
      case Form.Statistics() -> Reductions.STATISTICS * Float.BYTES;
      case Form.Mass(List<PositionRange> groups) -> (long) Float.BYTES * groups.size();
      case Form.Top(int n) -> 2 * Float.BYTES * Math.min(n, length); // values and indices
    };
  }

  /// Why a point cannot be had, or an empty string.
  static String impossible(Point point, Anatomy anatomy, int context) {
    String lacks = anatomy.lacks(point);
    if (!lacks.isEmpty()) {
      return lacks;
    }
    ModelInfo model = anatomy.model();
    for (int layer : point.layers()) {
      if (layer >= model.layers()) {
        return "the model has %d layers, counted from 0".formatted(model.layers());
      }
    }
    int heads = anatomy.parts(point.hook());
    for (int head : point.heads()) {
      if (head >= heads) {
        return "the model has %d %sheads, counted from 0"
            .formatted(heads, point.hook().perKeyValueHead() ? "key-value " : "");
      }
    }
    if (point.positions() instanceof Positions.Chosen(List<Integer> positions)) {
      for (int position : positions) {
        if (position >= context) {
          return positions(context);
        }
      }
    }
    if (point.form() instanceof Form.Mass(List<PositionRange> groups)) {
      for (PositionRange group : groups) {
        if (group.first() >= context || (group.isBounded() && group.end() > context)) {
          return positions(context);
        }
      }
    }
    return "";
  }

  private static String positions(int context) {
    return "the session has %d positions, counted from 0".formatted(context);
  }

  /// Why an intervention cannot act, or an empty string.
  static String impossible(Intervention intervention, Anatomy anatomy, int context) {
    Point point = intervention.point();
    String reason = impossible(point, anatomy, context);
    if (!reason.isEmpty()) {
      return reason;
    }
    int vocabulary = anatomy.model().vocabulary();
    if (!point.hook().rowsFirst()) {
      return Fit.misfitOfAttention(intervention, anatomy.size(point.hook()), vocabulary);
    }
    int part = anatomy.size(point.hook());
    return Fit.misfit(intervention, part, anatomy.parts(point.hook()) * part, vocabulary);
  }
}
