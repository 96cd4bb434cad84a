package dev.inferno.visualizer;

import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Collects what the sampler shows of one choice, in a run or when a choice is made again from
/// logits that were kept, and makes what goes over the wire of it.
final class SamplingRecord {

  /// What is known of the choice when all is done; see {@link dev.inferno.observe.Selection}.
  record Chosen(
      int id,
      int position,
      int rank,
      double probability,
      double logProbability,
      double entropy,
      double margin,
      boolean forced) {}

  private final Vocabulary vocabulary;
  private final int top;
  private final Draw expected;

  private final Set<Integer> likeliest = new LinkedHashSet<>(); // before the stages
  private final Map<Integer, Integer> removedBy = new LinkedHashMap<>();
  private final List<Wire.Stage> stages = new ArrayList<>();
  private final List<Wire.Segment> segments = new ArrayList<>();
  private final Map<Integer, Wire.Weighted> left = new LinkedHashMap<>();
  private int size;
  private int rankDrawn; // from 1
  private double from;
  private double to;
  private @Nullable Draw draw;

  /// @param top how many candidates are shown
  /// @param expected the draw that will choose: it tells how far the distribution must be summed
  SamplingRecord(Vocabulary vocabulary, int top, Draw expected) {
    this.vocabulary = vocabulary;
    this.top = top;
    this.expected = expected;
  }

  void stage(StageView stage) {
    if (stage.index() == 0) {
      begin(stage.before());
    }
    CandidatesView after = stage.after();
    List<Wire.Weighted> best = new ArrayList<>();
    Set<Integer> stay = new HashSet<>();
    for (int rank = 0; rank < Math.min(top, after.size()); rank++) {
      best.add(weighted(after, rank));
      stay.add(after.id(rank));
    }
    if (stage.kept() < stage.entered()) {
      for (int id : likeliest) {
        if (!stay.contains(id) && !removedBy.containsKey(id) && !after.contains(id)) {
          removedBy.put(id, stage.index());
        }
      }
    }
    stages.add(
        new Wire.Stage(
            stage.index(),
            stage.name(),
            stage.parameters(),
            stage.entered(),
            stage.kept(),
            stage.massRemoved(),
            stage.nanoseconds(),
            best));
  }

  private void begin(CandidatesView all) {
    for (int rank = 0; rank < Math.min(top, all.size()); rank++) {
      likeliest.add(all.id(rank));
    }
  }

  private static Wire.Weighted weighted(CandidatesView view, int rank) {
    return new Wire.Weighted(view.id(rank), view.logit(rank), view.probability(rank));
  }

  void distribution(CandidatesView distribution) {
    if (stages.isEmpty()) {
      begin(distribution);
    }
    size = distribution.size();
    double sum = 0;
    boolean reached = false;
    for (int rank = 0; rank < size && (rank < top || !reached); rank++) {
      Wire.Weighted candidate = weighted(distribution, rank);
      double end = sum + candidate.probability();
      if (rank < top) {
        segments.add(new Wire.Segment(candidate.id(), candidate.probability(), sum, end));
        left.put(candidate.id(), candidate);
      }
      if (!reached && (end > expected.u() || rank == size - 1)) {
        reached = true;
        rankDrawn = rank + 1;
        from = sum;
        to = end;
        left.put(candidate.id(), candidate);
      }
      sum = end;
    }
    for (int id : likeliest) {
      if (!left.containsKey(id) && distribution.contains(id)) {
        left.put(
            id, new Wire.Weighted(id, distribution.logitOf(id), distribution.probabilityOf(id)));
      }
    }
  }

  void draw(Draw draw) {
    this.draw = draw;
  }

  /// @param logits the raw logits of the whole vocabulary
  Wire.Sampling finish(float[] logits, Chosen chosen) {
    double logSumExp = logits[chosen.id()] - chosen.logProbability();
    Set<Integer> shown = new LinkedHashSet<>(likeliest);
    segments.forEach(segment -> shown.add(segment.id()));
    shown.add(chosen.id());
    List<Wire.Candidate> candidates = new ArrayList<>();
    for (int id : shown) {
      Wire.Weighted end = left.get(id);
      candidates.add(
          new Wire.Candidate(
              vocabulary.token(id),
              candidates.size() < likeliest.size()
                  ? candidates.size() + 1
                  : id == chosen.id() ? chosen.rank() : rank(logits, id),
              logits[id],
              Math.exp(logits[id] - logSumExp),
              end == null ? null : end.logit(),
              end == null ? 0 : end.probability(),
              removedBy.get(id)));
    }
    return new Wire.Sampling(
        logits.length,
        chosen.entropy(),
        Math.exp(chosen.entropy()),
        chosen.margin(),
        candidates,
        stages,
        new Wire.Distribution(size, segments),
        draw == null
            ? null
            : new Wire.Drawn(Long.toString(draw.seed()), draw.index(), draw.u(), from, to),
        new Wire.Choice(
            vocabulary.token(chosen.id()),
            chosen.position(),
            chosen.rank(),
            draw == null ? 0 : rankDrawn,
            chosen.probability(),
            chosen.logProbability(),
            chosen.forced()));
  }

  /// The place of a token among the logits, from 1, ties by the lowest id.
  static int rank(float[] logits, int id) {
    int rank = 1;
    for (int other = 0; other < logits.length; other++) {
      boolean tieBefore = logits[other] == logits[id] && other < id;
      rank += logits[other] > logits[id] || tieBefore ? 1 : 0;
    }
    return rank;
  }
}
