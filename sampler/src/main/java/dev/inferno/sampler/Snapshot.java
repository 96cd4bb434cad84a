package dev.inferno.sampler;

import java.util.BitSet;
import java.util.Objects;

/// The candidates at one point of the chain, as a watched stage left them and the next one met
/// them: copied, ordered as far as somebody looks.
final class Snapshot {
  private static final int FIRST_LOOK = 64;

  private final Candidates all;
  private Candidates best; // of all, sorted, as many as were asked for so far

  private Snapshot(Candidates all) {
    this.all = all;
    this.best = all;
  }

  static Snapshot of(Candidates candidates) {
    return new Snapshot(candidates.copy());
  }

  int size() {
    return all.size();
  }

  int id(int rank) {
    return upTo(rank).id(rank);
  }

  float logit(int rank) {
    return upTo(rank).logit(rank);
  }

  double probability(float logit) {
    return all.probability(logit);
  }

  boolean contains(int id) {
    return all.indexOf(id) >= 0;
  }

  /// Minus infinity if it is none of them.
  float logitOf(int id) {
    int i = all.indexOf(id);
    return i < 0 ? Float.NEGATIVE_INFINITY : all.logit(i);
  }

  private Candidates upTo(int rank) {
    Objects.checkIndex(rank, all.size());
    if (best == all || rank >= best.size()) {
      best = all.copy();
      if (best.size() / 16 > rank) {
        best.keepBest(Math.max(FIRST_LOOK, 4 * rank));
      }
      best.sort();
    }
    return best;
  }

  /// The probability that is lost if only those of another snapshot stay. Where few of a whole
  /// vocabulary stay, they are summed and not the many that go.
  double massWithout(Snapshot kept) {
    if (all.complete() && kept.size() < all.size() / 2) {
      double stays = 0;
      for (int i = 0; i < kept.size(); i++) {
        stays += all.probability(kept.all.id(i));
      }
      return Math.max(0, 1 - stays);
    }
    BitSet stay = new BitSet(all.vocabulary());
    for (int i = 0; i < kept.size(); i++) {
      stay.set(kept.all.id(i));
    }
    double mass = 0;
    for (int i = 0; i < all.size(); i++) {
      if (!stay.get(all.id(i))) {
        mass += all.probability(i);
      }
    }
    return mass;
  }
}
