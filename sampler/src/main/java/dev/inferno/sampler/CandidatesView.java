package dev.inferno.sampler;

import java.util.BitSet;
import java.util.Objects;

/// The candidates at one point of the chain, in falling order of logit, ties by the lowest id:
/// read-only, ordered as far as somebody looks, and valid until the callback that got it returns.
/// Afterwards every access throws an {@link IllegalStateException}.
public final class CandidatesView {
  private static final int FIRST_LOOK = 64;

  private final Candidates source;
  private final Lease lease;
  private Candidates best; // of the source, sorted, as many as were asked for so far

  CandidatesView(Candidates source, Lease lease) {
    this.source = source;
    this.lease = lease;
    this.best = source;
  }

  /// How many candidates there are.
  public int size() {
    lease.check();
    return source.size();
  }

  /// The token id of the candidate of this rank; 0 is the best.
  public int id(int rank) {
    return upTo(rank).id(rank);
  }

  /// The logit of the candidate of this rank.
  public float logit(int rank) {
    return upTo(rank).logit(rank);
  }

  /// The probability, a softmax over all candidates here, of the candidate of this rank.
  public double probability(int rank) {
    return source.probability(logit(rank));
  }

  private Candidates upTo(int rank) {
    lease.check();
    Objects.checkIndex(rank, source.size());
    if (best == source || rank >= best.size()) {
      best = source.copy();
      if (best.size() / 16 > rank) {
        best.keepBest(Math.max(FIRST_LOOK, 4 * rank));
      }
      best.sort();
    }
    return best;
  }

  /// The probability that is lost if only the candidates of another view stay.
  double massWithout(CandidatesView kept) {
    lease.check();
    BitSet stay = new BitSet(source.vocabulary());
    for (int i = 0; i < kept.source.size(); i++) {
      stay.set(kept.source.id(i));
    }
    double mass = 0;
    for (int i = 0; i < source.size(); i++) {
      if (!stay.get(source.id(i))) {
        mass += source.probability(i);
      }
    }
    return mass;
  }
}
