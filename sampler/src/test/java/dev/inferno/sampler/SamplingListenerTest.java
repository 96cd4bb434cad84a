package dev.inferno.sampler;

import static dev.inferno.sampler.SamplerStage.temperature;
import static dev.inferno.sampler.SamplerStage.topK;
import static dev.inferno.sampler.SamplerStage.topP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingListenerTest {
  /// A user's stage: every token that was chosen before is out of the game.
  record NoRepeats() implements SamplerStage {
    @Override
    public String name() {
      return "no-repeats";
    }

    @Override
    public void apply(Candidates candidates, History history) {
      History.Tally tally = history.tally(-1);
      candidates.keepIf((id, logit) -> tally.count(id) == 0);
    }
  }

  private static final float[] LOGITS = {1, 2, 3, 4, 0};

  /// Writes down everything, and looks at every candidate.
  private static final class Recorder implements SamplingListener {
    final List<String> events = new ArrayList<>();
    final List<StageView> stages = new ArrayList<>();
    final List<CandidatesView> views = new ArrayList<>();

    @Override
    public void onStage(StageView stage) {
      assertThat(stage.nanoseconds()).isGreaterThanOrEqualTo(0);
      assertThat(stage.entered()).isEqualTo(stage.before().size());
      events.add(
          String.format(
              Locale.ROOT,
              "%d %s %s %d -> %d removes %.4f, best %d %.2f %.4f",
              stage.index(),
              stage.name(),
              stage.parameters(),
              stage.entered(),
              stage.kept(),
              stage.massRemoved(),
              stage.after().id(0),
              stage.after().logit(0),
              stage.after().probability(0)));
      stages.add(stage);
      views.add(stage.after());
    }

    @Override
    public void onDistribution(CandidatesView distribution) {
      double sum = 0;
      for (int rank = 0; rank < distribution.size(); rank++) {
        sum += distribution.probability(rank);
      }
      assertThat(sum).isCloseTo(1, within(1e-12));
      events.add("distribution of " + distribution.size());
      views.add(distribution);
    }

    @Override
    public void onDraw(Draw draw) {
      assertThat(draw).isEqualTo(Draw.of(draw.seed(), draw.index()));
      events.add("draw " + draw.index() + " of seed " + draw.seed());
    }

    @Override
    public void onChoice(Choice choice, LogitStatistics raw) {
      events.add(
          String.format(
              Locale.ROOT,
              "choice %d rank %d raw %.4f best %d",
              choice.id(),
              choice.rank(),
              raw.logProbability(choice.id()),
              raw.topId(0)));
    }
  }

  @Test
  void everyStageIsPublishedInOrderAUsersOwnToo() {
    SamplerState state =
        Sampler.chain(topK(4), new NoRepeats(), temperature(0.5f), topP(0.5f)).start(3);
    state.acceptPrompt(2);
    Recorder recorder = new Recorder();
    state.observe(recorder);
    Choice choice = state.sample(LOGITS);
    assertThat(recorder.events)
        .containsExactly(
            "0 top-k {k=4} 5 -> 4 removes 0.0117, best 3 4.00 0.6439",
            "1 no-repeats {} 4 -> 3 removes 0.2369, best 3 4.00 0.8438",
            "2 temperature {temperature=0.5} 3 -> 3 removes 0.0000, best 3 8.00 0.9796",
            "3 top-p {p=0.5, minKeep=1} 3 -> 1 removes 0.0204, best 3 8.00 1.0000",
            "distribution of 1",
            "draw 0 of seed 3",
            "choice 3 rank 0 raw -0.4519 best 3");
    assertThat(choice.stages())
        .extracting(stage -> stage.name() + " " + stage.entered() + " " + stage.kept())
        .containsExactly("top-k 5 4", "no-repeats 4 3", "temperature 3 3", "top-p 3 1");
  }

  @Test
  void viewsThrowAfterTheirCallback() {
    SamplerState state = Sampler.chain(topK(4)).start(3);
    Recorder recorder = new Recorder();
    state.observe(recorder);
    state.sample(LOGITS);
    StageView stage = recorder.stages.getFirst();
    assertThatThrownBy(stage::name).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(stage::massRemoved).isInstanceOf(IllegalStateException.class);
    for (CandidatesView view : recorder.views) {
      assertThatThrownBy(view::size).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> view.probability(0)).isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 500, 4000})
  void watchingChangesNothing(int size) {
    for (Sampler sampler :
        List.of(
            Sampler.defaults(),
            Sampler.chain(),
            Sampler.chain(topP(0.8f), temperature(1.5f)),
            Sampler.chain(temperature(0.9f), new NoRepeats()))) {
      SamplerState watched = sampler.start(5);
      watched.observe(new Recorder());
      SamplerState unwatched = sampler.start(5);
      for (int n = 0; n < 20; n++) {
        float[] logits = Reference.logits(size, 2, 0, n);
        assertThat(watched.sample(logits)).isEqualTo(unwatched.sample(logits));
      }
    }
  }

  @Test
  void aViewOfManyCandidatesGoesAsDeepAsSomebodyLooks() {
    float[] logits = Reference.logits(3000, 2, 8, 1);
    List<Reference.Token> sorted = Reference.inFallingOrder(logits);
    SamplerState state = Sampler.chain().start(1);
    List<Integer> looked = new ArrayList<>();
    state.observe(
        new SamplingListener() {
          @Override
          public void onDistribution(CandidatesView all) {
            for (int rank : new int[] {0, 5, 63, 64, 700, 2999, 1}) {
              assertThat(all.id(rank)).isEqualTo(sorted.get(rank).id());
              looked.add(rank);
            }
            assertThatThrownBy(() -> all.id(3000)).isInstanceOf(IndexOutOfBoundsException.class);
          }
        });
    state.next(logits);
    assertThat(looked).hasSize(7);
  }

  @Test
  void aForcedTokenIsPublishedWithoutADraw() {
    SamplerState state = Sampler.chain(topK(4)).start(3);
    Recorder recorder = new Recorder();
    state.observe(recorder);
    state.force(1, LOGITS);
    assertThat(recorder.events)
        .containsExactly(
            "0 top-k {k=4} 5 -> 4 removes 0.0117, best 3 4.00 0.6439",
            "distribution of 4",
            "choice 1 rank 2 raw -2.4519 best 3");
  }

  @Test
  void aListenerThatThrowsLeavesTheStateAsItWas() {
    SamplerState state = Sampler.chain().start(3);
    state.observe(
        new SamplingListener() {
          @Override
          public void onChoice(Choice choice, LogitStatistics raw) {
            throw new UnsupportedOperationException("seen enough");
          }
        });
    assertThatThrownBy(() -> state.sample(LOGITS)).hasMessage("seen enough");
    assertThat(state.history().size()).isZero();
    state.unobserve();
    assertThat(state.sample(LOGITS).u()).isEqualTo(Draw.of(3, 0).u());
  }

  @Test
  void aStageThatMakesALogitNoNumberIsNamed() {
    SamplerStage broken =
        new SamplerStage() {
          @Override
          public String name() {
            return "broken";
          }

          @Override
          public void apply(Candidates candidates, History history) {
            candidates.mapLogits((id, logit) -> id == 2 ? Float.NaN : logit);
          }
        };
    assertThatThrownBy(() -> Sampler.chain(broken).start(1).sample(LOGITS))
        .isInstanceOf(SamplingException.class)
        .hasMessage("broken: the logit of token 2 became NaN");
  }
}
