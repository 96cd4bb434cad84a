package dev.inferno.internal.models;

import dev.inferno.observe.Hook;
import java.util.EnumSet;
import java.util.Set;

/// Sets of points that architectures have.
final class Hooks {
  private static final Set<Hook> POSITIONS = Set.of(Hook.POS_EMBED);
  private static final Set<Hook> QUERY_KEY_NORM = Set.of(Hook.Q_NORMED, Hook.K_NORMED);
  private static final Set<Hook> NORMS_BEFORE =
      Set.of(
          Hook.LN1_SCALE,
          Hook.LN1_NORMALIZED,
          Hook.LN1_OUT,
          Hook.LN2_SCALE,
          Hook.LN2_NORMALIZED,
          Hook.LN2_OUT);
  private static final Set<Hook> NORMS_BEHIND =
      Set.of(
          Hook.LN1_POST_SCALE,
          Hook.LN1_POST_NORMALIZED,
          Hook.LN1_POST_OUT,
          Hook.LN2_POST_SCALE,
          Hook.LN2_POST_NORMALIZED,
          Hook.LN2_POST_OUT);
  private static final Set<Hook> SECOND_NORM =
      Set.of(Hook.LN2_SCALE, Hook.LN2_NORMALIZED, Hook.LN2_OUT);
  private static final Set<Hook> BETWEEN_BRANCHES = Set.of(Hook.RESID_MID);
  private static final Set<Hook> GATE = Set.of(Hook.MLP_PRE_LINEAR);
  private static final Set<Hook> NEURONS = Set.of(Hook.MLP_PRE, Hook.MLP_POST);
  private static final Set<Hook> EXPERTS =
      Set.of(
          Hook.ROUTER_LOGITS,
          Hook.ROUTER_PROBS,
          Hook.EXPERT_INDICES,
          Hook.EXPERT_WEIGHTS,
          Hook.EXPERT_POST,
          Hook.EXPERT_OUT);

  private static final Set<Hook> SINKS_AND_SHARED_EXPERTS =
      Set.of(Hook.SINK, Hook.SHARED_EXPERT_OUT); // few architectures have them

  static final Set<Hook> PRE_NORM_GATED = allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, EXPERTS);
  static final Set<Hook> PRE_NORM_GATED_QUERY_KEY_NORM = allBut(POSITIONS, NORMS_BEHIND, EXPERTS);
  static final Set<Hook> PRE_AND_POST_NORM_GATED = allBut(POSITIONS, QUERY_KEY_NORM, EXPERTS);
  static final Set<Hook> PRE_AND_POST_NORM_GATED_QUERY_KEY_NORM = allBut(POSITIONS, EXPERTS);
  static final Set<Hook> POST_NORM_GATED = allBut(POSITIONS, NORMS_BEFORE, EXPERTS);
  static final Set<Hook> PRE_NORM_PLAIN = allBut(QUERY_KEY_NORM, NORMS_BEHIND, GATE, EXPERTS);
  static final Set<Hook> PRE_NORM_PLAIN_ROTARY =
      allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, GATE, EXPERTS);
  static final Set<Hook> PARALLEL_PLAIN_ROTARY =
      allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, GATE, EXPERTS, BETWEEN_BRANCHES);
  static final Set<Hook> PARALLEL_PLAIN_ROTARY_ONE_NORM =
      allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, GATE, EXPERTS, BETWEEN_BRANCHES, SECOND_NORM);
  static final Set<Hook> PARALLEL_GATED_ONE_NORM =
      allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, EXPERTS, BETWEEN_BRANCHES, SECOND_NORM);
  static final Set<Hook> PARALLEL_GATED_ONE_NORM_QUERY_KEY_NORM =
      allBut(POSITIONS, NORMS_BEHIND, EXPERTS, BETWEEN_BRANCHES, SECOND_NORM);
  static final Set<Hook> PRE_NORM_MIXTURE =
      allBut(POSITIONS, QUERY_KEY_NORM, NORMS_BEHIND, GATE, NEURONS);
  static final Set<Hook> PRE_NORM_MIXTURE_QUERY_KEY_NORM =
      allBut(POSITIONS, NORMS_BEHIND, GATE, NEURONS);

  static final Set<Hook> PRE_NORM_MIXTURE_SHARED = and(PRE_NORM_MIXTURE, Hook.SHARED_EXPERT_OUT);
  static final Set<Hook> PRE_NORM_MIXTURE_SINKS = and(PRE_NORM_MIXTURE, Hook.SINK);

  private Hooks() {}

  /// The points of a set, and one more.
  private static Set<Hook> and(Set<Hook> hooks, Hook more) {
    Set<Hook> all = EnumSet.copyOf(hooks);
    all.add(more);
    return Set.copyOf(all);
  }

  /// The points of two kinds of layers.
  static Set<Hook> union(Set<Hook> one, Set<Hook> other) {
    Set<Hook> all = EnumSet.copyOf(one);
    all.addAll(other);
    return Set.copyOf(all);
  }

  @SafeVarargs
  private static Set<Hook> allBut(Set<Hook>... others) {
    Set<Hook> hooks = EnumSet.allOf(Hook.class);
    hooks.removeAll(SINKS_AND_SHARED_EXPERTS);
    for (Set<Hook> each : others) {
      hooks.removeAll(each);
    }
    return Set.copyOf(hooks);
  }
}
