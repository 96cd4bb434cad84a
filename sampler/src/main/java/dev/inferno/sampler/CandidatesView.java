package dev.inferno.sampler;

/// The candidates at one point of the chain, in falling order of logit, ties by the lowest id:
/// read-only, ordered as far as somebody looks, and valid until the callback that got it returns.
/// Afterwards every access throws an {@link IllegalStateException}.
public final class CandidatesView {
  private final Snapshot snapshot;
  private final Lease lease;

  CandidatesView(Snapshot snapshot, Lease lease) {
    this.snapshot = snapshot;
    this.lease = lease;
  }

  /// How many candidates there are.
  public int size() {
    lease.check();
    return snapshot.size();
  }

  /// The token id of the candidate of this rank; 0 is the best.
  public int id(int rank) {
    lease.check();
    return snapshot.id(rank);
  }

  /// The logit of the candidate of this rank.
  public float logit(int rank) {
    lease.check();
    return snapshot.logit(rank);
  }

  /// The probability, a softmax over all candidates here, of the candidate of this rank.
  public double probability(int rank) {
    return snapshot.probability(logit(rank));
  }

  /// Whether a token is one of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public boolean contains(int id) {
    lease.check();
    return snapshot.contains(id);
  }

  /// The logit of a token, minus infinity if it is none of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public float logitOf(int id) {
    lease.check();
    return snapshot.logitOf(id);
  }

  /// The probability of a token, 0 if it is none of the candidates.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public double probabilityOf(int id) {
    float logit = logitOf(id);
    return logit == Float.NEGATIVE_INFINITY ? 0 : snapshot.probability(logit);
  }
}
