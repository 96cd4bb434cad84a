package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Explanation.PointCost;
import dev.inferno.observe.Explanation.Verdict;
import dev.inferno.observe.Form;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.Positions;
import java.util.ArrayList;
import java.util.List;

/// What a point is worth and whether it can be had.
public final class Explainer {
  private Explainer() {}

  /// The costs of a plan in a session with room for `context` positions, in a run of `promptLength`
  /// given tokens and at most `maxTokens` generated ones, of which the last is never passed through
  /// the model.
  public static Explanation explain(
      ObservationPlan plan, ModelInfo model, int context, int promptLength, int maxTokens) {
    var costs = new ArrayList<PointCost>();
    int generated = Math.max(0, maxTokens - 1);
    for (Point point : plan.points()) {
      costs.add(cost(point, model, context, promptLength, generated));
    }
    return new Explanation(costs);
  }

  private static PointCost cost(
      Point point, ModelInfo model, int context, int prompt, int generated) {
    String impossible = impossible(point, model, context);
    if (!impossible.isEmpty()) {
      return new PointCost(point, Verdict.IMPOSSIBLE, impossible, 0, 0);
    }
    long layers =
        !point.hook().perLayer()
            ? 1
            : point.layers().isEmpty() ? model.layers() : point.layers().size();
    long heads = point.heads().isEmpty() ? model.heads() : point.heads().size();
    long parts = layers * (point.hook().perHead() ? heads : 1); // of a row
    long bytes = 0;
    long extraRows = 0; // of the prompt, beside the last
    for (int position = 0; position < prompt + generated; position++) {
      boolean isGenerated = position >= prompt;
      if (point
          .positions()
          .contains(position, isGenerated || position == prompt - 1, isGenerated)) {
        long keys = isGenerated ? position + 1 : keysOfChunk(position, prompt);
        bytes += parts * bytes(point.form(), length(point.hook(), model, keys));
        extraRows += position < prompt - 1 ? 1 : 0;
      }
    }
    long feedForward = 3L * model.width() * model.feedForward();
    long extra =
        switch (point.hook()) {
          case LOGITS -> extraRows * (feedForward + (long) model.vocabulary() * model.width());
          case FINAL_NORM -> extraRows * feedForward;
          case MLP_OUT, RESID_POST -> reachesLastLayer(point, model) ? extraRows * feedForward : 0;
          case EMBED, RESID_PRE, PATTERN, Z, ATTN_OUT, RESID_MID -> 0;
        };
    if (extra > 0) {
      return new PointCost(
          point,
          Verdict.EXTRA_WORK,
          extraRows + " rows of the prompt go further than the next token needs",
          bytes,
          extra);
    }
    boolean copied = point.hook() == Hook.PATTERN || !(point.form() instanceof Form.View);
    return new PointCost(point, copied ? Verdict.DERIVED : Verdict.NATIVE, "", bytes, 0);
  }

  private static boolean reachesLastLayer(Point point, ModelInfo model) {
    return point.layers().isEmpty() || point.layers().contains(model.layers() - 1);
  }

  /// How many keys the forward pass of a prompt's position reaches.
  private static long keysOfChunk(int position, int prompt) {
    return Math.min(prompt, (position / Batch.CHUNK + 1L) * Batch.CHUNK);
  }

  private static long bytes(Form form, long length) {
    return switch (form) {
      case Form.View() -> Float.BYTES * length;
      case Form.Norm() -> Float.BYTES;
      case Form.Top(int n) -> 2 * Float.BYTES * Math.min(n, length); // values and indices
    };
  }

  /// The length of the last axis.
  private static long length(Hook hook, ModelInfo model, long keys) {
    return switch (hook) {
      case EMBED, RESID_PRE, ATTN_OUT, RESID_MID, MLP_OUT, RESID_POST, FINAL_NORM -> model.width();
      case Z -> model.headSize();
      case PATTERN -> keys;
      case LOGITS -> model.vocabulary();
    };
  }

  /// Why a point cannot be had, or an empty string.
  static String impossible(Point point, ModelInfo model, int context) {
    for (int layer : point.layers()) {
      if (layer >= model.layers()) {
        return "the model has %d layers, counted from 0".formatted(model.layers());
      }
    }
    for (int head : point.heads()) {
      if (head >= model.heads()) {
        return "the model has %d heads, counted from 0".formatted(model.heads());
      }
    }
    if (point.positions() instanceof Positions.Chosen(List<Integer> positions)) {
      for (int position : positions) {
        if (position >= context) {
          return "the session has %d positions, counted from 0".formatted(context);
        }
      }
    }
    return "";
  }

  /// Why an intervention cannot act, or an empty string.
  static String impossible(
      Intervention intervention, ModelInfo model, Attention.Heads sizes, int context) {
    Point point = intervention.point();
    String reason = impossible(point, model, context);
    if (!reason.isEmpty()) {
      return reason;
    }
    int whole = point.hook().perHead() ? sizes.zWidth() : model.width();
    int part = point.hook().perHead() ? sizes.valueSize() : whole;
    return Fit.misfit(intervention, part, whole, model.vocabulary());
  }
}
