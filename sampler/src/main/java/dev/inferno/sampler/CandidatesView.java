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

  /// Whether a token is one of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public boolean contains(int id) {
    lease.check();
    return source.indexOf(id) >= 0;
  }

  /// The logit of a token, minus infinity if it is none of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public float logitOf(int id) {
    lease.check();
    int i = source.indexOf(id);
    return i < 0 ? Float.NEGATIVE_INFINITY : source.logit(i);
  }

  /// The probability of a token, 0 if it is none of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public double probabilityOf(int id) {
    float logit = logitOf(id);
    return logit == Float.NEGATIVE_INFINITY ? 0 : source.probability(logit);
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

  /// The probability that is lost if only the candidates of another view stay. Where few of a whole
  /// vocabulary stay, they are summed and not the many that go.
  double massWithout(CandidatesView kept) {
    lease.check();
    if (source.complete() && kept.size() < source.size() / 2) {
      double stays = 0;
      for (int i = 0; i < kept.source.size(); i++) {
        stays += source.probability(kept.source.id(i));
      }
      return Math.max(0, 1 - stays);
    }
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
