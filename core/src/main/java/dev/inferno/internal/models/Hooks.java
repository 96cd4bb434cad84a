package dev.inferno.internal.models;

import dev.inferno.observe.Hook;
import java.util.EnumSet;
import java.util.Set;

/// Sets of points that architectures share.
final class Hooks {
  private static final Set<Hook> BEHIND_BRANCHES =
      Set.of(
          Hook.LN1_POST_SCALE,
          Hook.LN1_POST_NORMALIZED,
          Hook.LN1_POST_OUT,
          Hook.LN2_POST_SCALE,
          Hook.LN2_POST_NORMALIZED,
          Hook.LN2_POST_OUT);
  private static final Set<Hook> OF_EXPERTS =
      Set.of(
          Hook.ROUTER_LOGITS,
          Hook.ROUTER_PROBS,
          Hook.EXPERT_INDICES,
          Hook.EXPERT_WEIGHTS,
          Hook.EXPERT_POST,
          Hook.EXPERT_OUT);

  /// Norms before attention and feed-forward, RoPE, a gated feed-forward.
  static final Set<Hook> PRE_NORM_GATED =
      without(
          EnumSet.allOf(Hook.class),
          BEHIND_BRANCHES,
          OF_EXPERTS,
          Set.of(Hook.POS_EMBED, Hook.Q_NORMED, Hook.K_NORMED));

  private Hooks() {}

  @SafeVarargs
  private static Set<Hook> without(Set<Hook> hooks, Set<Hook>... others) {
    Set<Hook> left = EnumSet.copyOf(hooks);
    for (Set<Hook> each : others) {
      left.removeAll(each);
    }
    return Set.copyOf(left);
  }
}
