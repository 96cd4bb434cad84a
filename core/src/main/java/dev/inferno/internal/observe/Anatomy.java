package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.nn.Attention;
import dev.inferno.observe.Hook;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// What a model consists of, as far as it can be watched.
///
/// @param hooks the points that its architecture has
/// @param experts how many experts a mixture has, 0 for none
/// @param expertsUsed how many of them a row passes through
/// @param window from a layer to how many positions a query of it sees, 0 for all
public record Anatomy(
    ModelInfo model,
    Attention.Heads attention,
    Set<Hook> hooks,
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
      case NEURONS, EXPERT_NEURONS -> model.feedForward();
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

  /// Why the architecture lacks a point, or an empty string.
  String lacks(Hook hook) {
    if (hooks.contains(hook)) {
      return "";
    }
    String what =
        switch (hook) {
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
          case ROUTER_LOGITS,
              ROUTER_PROBS,
              EXPERT_INDICES,
              EXPERT_WEIGHTS,
              EXPERT_POST,
              EXPERT_OUT ->
              "is no mixture of experts";
          case SINK -> "has no learned attention sinks";
          case SHARED_EXPERT_OUT -> "has no expert that every row passes through";
          default -> "has no such point";
        };
    return "the architecture %s %s".formatted(model.architecture(), what);
  }
}
