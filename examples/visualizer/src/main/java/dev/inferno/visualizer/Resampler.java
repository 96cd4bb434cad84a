package dev.inferno.visualizer;

import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Choice;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.LogitStatistics;
import dev.inferno.sampler.SamplerState;
import dev.inferno.sampler.SamplingListener;
import dev.inferno.sampler.StageView;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes the choice of a step again, with other settings, from the logits that were kept: no model
/// takes part.
final class Resampler {
  private Resampler() {}

  /// @param seed of the draw
  /// @param top how many candidates are shown
  static Wire.Sampling resample(
      KeptRun run, int step, float[] logits, SamplerSettings settings, long seed, int top) {
    List<Integer> prompt = run.promptIds();
    SamplerState state = settings.sampler().start(seed);
    state.acceptPrompt(ints(prompt));
    run.chosenBefore(step).forEach(state::accept);
    var record = new SamplingRecord(run.vocabulary(), top, Draw.of(seed, step));
    var listener = new Listener(record, logits, prompt.size() + step);
    state.observe(listener);
    state.sample(logits);
    return Objects.requireNonNull(listener.result);
  }

  private static int[] ints(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static final class Listener implements SamplingListener {
    private final SamplingRecord record;
    private final float[] logits;
    private final int position;
    private Wire.@Nullable Sampling result;

    Listener(SamplingRecord record, float[] logits, int position) {
      this.record = record;
      this.logits = logits;
      this.position = position;
    }

    @Override
    public void onStage(StageView stage) {
      record.stage(stage);
    }

    @Override
    public void onDistribution(CandidatesView distribution) {
      record.distribution(distribution);
    }

    @Override
    public void onDraw(Draw draw) {
      record.draw(draw);
    }

    @Override
    public void onChoice(Choice choice, LogitStatistics raw) {
      double margin =
          raw.finite() < 2
              ? Double.POSITIVE_INFINITY
              : raw.logit(raw.topId(0)) - raw.logit(raw.topId(1));
      result =
          record.finish(
              logits,
              new SamplingRecord.Chosen(
                  choice.id(),
                  position,
                  SamplingRecord.rank(logits, choice.id()),
                  choice.probability(),
                  raw.logProbability(choice.id()),
                  raw.entropy(),
                  margin,
                  choice.isForced()));
    }
  }
}
