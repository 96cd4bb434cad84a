package dev.inferno.sampler;

import java.util.Map;

/// What one stage did: read-only, and valid until the callback that got it returns. Candidates are
/// counted at once, everything else is computed when it is asked for.
public final class StageView {
  private final int index;
  private final SamplerStage stage;
  private final Snapshot before;
  private final Snapshot after;
  private final long nanoseconds;
  private final Lease lease;

  StageView(
      int index,
      SamplerStage stage,
      Snapshot before,
      Snapshot after,
      long nanoseconds,
      Lease lease) {
    this.index = index;
    this.stage = stage;
    this.before = before;
    this.after = after;
    this.nanoseconds = nanoseconds;
    this.lease = lease;
  }

  /// The place of the stage in the chain, from 0.
  public int index() {
    lease.check();
    return index;
  }

  /// The name of the stage.
  public String name() {
    lease.check();
    return stage.name();
  }

  /// Its parameters by name.
  public Map<String, Object> parameters() {
    lease.check();
    return stage.parameters();
  }

  /// How many candidates it met.
  public int entered() {
    lease.check();
    return before.size();
  }

  /// How many it left.
  public int kept() {
    lease.check();
    return after.size();
  }

  /// The probability, as it was before the stage, of the candidates it removed.
  public double massRemoved() {
    return entered() == kept() ? 0 : before.massWithout(after);
  }

  /// The candidates it met.
  public CandidatesView before() {
    lease.check();
    return new CandidatesView(before, lease);
  }

  /// The candidates it left.
  public CandidatesView after() {
    lease.check();
    return new CandidatesView(after, lease);
  }

  /// How long it took.
  public long nanoseconds() {
    lease.check();
    return nanoseconds;
  }
}
