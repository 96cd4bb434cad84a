package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.nn.Attention;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Point;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// What a model consists of, as far as it can be watched.
///
/// @param hooks from a layer to the points that it has, with those outside the blocks
/// @param neurons how many inner neurons a layer without experts has
/// @param experts how many experts a mixture has, 0 for none
/// @param expertsUsed how many of them a row passes through
/// @param window from a layer to how many positions a query of it sees, 0 for all
public record Anatomy(
    ModelInfo model,
    Attention.Heads attention,
    IntFunction<Set<Hook>> hooks,
    int neurons,
    int experts,
    int expertsUsed,
    IntUnaryOperator window) {

  /// How many parts (heads, chosen experts) a row has at a point; 1 if it is not divided.
  int parts(Hook hook) {
    return switch (hook.axes()) {
      case QUERIES, HEADS, RESULTS, PATTERN, SINKS -> attention.heads();
      case KEYS, VALUES -> attention.keyValueHeads();
      case EXPERT_NEURONS, EXPERT_WIDTH -> expertsUsed;
      case WIDTH, SCALAR, NEURONS, EXPERTS, CHOSEN, VOCABULARY -> 1;
    };
  }

  /// The length of a part; of a pattern, which has as many numbers as there are keys, 0.
  int size(Hook hook) {
    return switch (hook.axes()) {
      case WIDTH, RESULTS, EXPERT_WIDTH -> model.width();
      case SCALAR, SINKS -> 1;
      case QUERIES, KEYS -> attention.keySize();
      case VALUES, HEADS -> attention.valueSize();
      case NEURONS -> neurons;
      case EXPERT_NEURONS -> model.feedForward();
      case EXPERTS -> experts;
      case CHOSEN -> expertsUsed;
      case VOCABULARY -> model.vocabulary();
      case PATTERN -> 0;
    };
  }

  /// The parts that are meant by a selection of heads; none where a row is not divided.
  int[] selected(Hook hook, List<Integer> heads) {
    if (!hook.divided()) {
      return new int[0];
    }
    return heads.isEmpty()
        ? IntStream.range(0, parts(hook)).toArray()
        : heads.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Whether a layer has a point, or, for one outside the blocks, the architecture.
  boolean has(Hook hook, int layer) {
    return hooks.apply(Math.max(0, layer)).contains(hook);
  }

  /// The layers of the model that have a point; of one outside the blocks only -1.
  int[] layers(Hook hook) {
    return hook.perLayer()
        ? IntStream.range(0, model.layers()).filter(layer -> has(hook, layer)).toArray()
        : IntStream.of(-1).filter(layer -> has(hook, layer)).toArray();
  }

  /// Those of them that a point means.
  int[] layers(Point point) {
    int[] all = layers(point.hook());
    return point.layers().isEmpty()
        ? all
        : IntStream.of(all).filter(point.layers()::contains).toArray();
  }

  /// Why a point cannot be had, or an empty string: the architecture lacks it, or the layer that is
  /// meant does. A point in several layers means those of them that have it.
  String lacks(Point point) {
    if (layers(point.hook()).length == 0) {
      return "the architecture %s %s".formatted(model.architecture(), without(point.hook()));
    }
    boolean known = point.layers().stream().allMatch(layer -> layer < model.layers());
    return known && layers(point).length == 0
        ? "layer %s %s".formatted(point.layers().getFirst(), without(point.hook()))
        : "";
  }

  private static String without(Hook hook) {
    return switch (hook) {
      case RESID_MID -> "adds attention and feed-forward at once";
      case POS_EMBED -> "embeds no positions";
      case Q_NORMED, K_NORMED -> "does not norm queries and keys";
      case ROT_Q, ROT_K -> "does not turn queries and keys";
      case LN1_SCALE, LN1_NORMALIZED, LN1_OUT -> "has no norm before attention";
      case LN1_POST_SCALE, LN1_POST_NORMALIZED, LN1_POST_OUT -> "has no norm behind attention";
      case LN2_SCALE, LN2_NORMALIZED, LN2_OUT -> "has no norm before the feed-forward";
      case LN2_POST_SCALE, LN2_POST_NORMALIZED, LN2_POST_OUT ->
          "has no norm behind the feed-forward";
      case MLP_PRE, MLP_POST -> "has experts in place of one feed-forward";
      case MLP_PRE_LINEAR -> "has no gated feed-forward";
      case ROUTER_LOGITS, ROUTER_PROBS, EXPERT_INDICES, EXPERT_WEIGHTS, EXPERT_POST, EXPERT_OUT ->
          "is no mixture of experts";
      case SINK -> "has no learned attention sinks";
      case SHARED_EXPERT_OUT -> "has no expert that every row passes through";
      default -> "has no such point";
    };
  }
}
