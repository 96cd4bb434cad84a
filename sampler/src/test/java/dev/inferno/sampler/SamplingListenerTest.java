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
  void aViewFindsTokensByTheirIds() {
    SamplerState state = Sampler.chain(topK(2), temperature(0.5f)).start(1);
    List<String> found = new ArrayList<>();
    state.observe(
        new SamplingListener() {
          @Override
          public void onStage(StageView stage) {
            found.add(find(stage.before()) + " -> " + find(stage.after()));
          }

          @Override
          public void onDistribution(CandidatesView distribution) {
            found.add(find(distribution));
            for (int id : new int[] {-1, LOGITS.length}) {
              assertThatThrownBy(() -> distribution.contains(id))
                  .isInstanceOf(IllegalArgumentException.class);
              assertThatThrownBy(() -> distribution.logitOf(id))
                  .isInstanceOf(IllegalArgumentException.class);
              assertThatThrownBy(() -> distribution.probabilityOf(id))
                  .isInstanceOf(IllegalArgumentException.class);
            }
          }
        });
    state.next(LOGITS);
    assertThat(found)
        .containsExactly(
            "1=1.0 (0.032) 2=2.0 (0.086) 3=3.0 (0.234) 4=4.0 (0.636) 0=0.0 (0.012)"
                + " -> 3=3.0 (0.269) 4=4.0 (0.731)",
            "3=3.0 (0.269) 4=4.0 (0.731) -> 3=6.0 (0.119) 4=8.0 (0.881)",
            "3=6.0 (0.119) 4=8.0 (0.881)");
  }

  /// Every token that a view has, by its logit in the beginning.
  private static String find(CandidatesView view) {
    List<String> found = new ArrayList<>();
    for (int id = 0; id < LOGITS.length; id++) {
      if (view.contains(id)) {
        found.add(
            String.format(
                Locale.ROOT,
                "%.0f=%.1f (%.3f)",
                LOGITS[id],
                view.logitOf(id),
                view.probabilityOf(id)));
      } else {
        assertThat(view.logitOf(id)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(view.probabilityOf(id)).isZero();
      }
    }
    return String.join(" ", found);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 1499, 1500, 2900})
  void theMassThatIsRemovedIsThatOfTheRemovedWhicheverAreFewer(int kept) {
    float[] logits = Reference.logits(3000, 3, 8, 2);
    for (Sampler sampler :
        List.of(Sampler.chain(topK(kept)), Sampler.chain(topK(2950), topK(kept)))) {
      SamplerState state = sampler.start(1);
      List<Integer> sizes = new ArrayList<>();
      state.observe(
          new SamplingListener() {
            @Override
            public void onStage(StageView stage) {
              double mass = 0;
              for (int rank = stage.kept(); rank < stage.entered(); rank++) {
                mass += stage.before().probability(rank);
              }
              assertThat(stage.massRemoved()).isCloseTo(mass, within(1e-12));
              sizes.add(stage.kept());
            }
          });
      state.next(logits);
      assertThat(sizes).endsWith(kept);
    }
  }

  @Test
  void aStageThatChangesNothingShowsWhatItMet() {
    SamplerStage idle = SamplerStage.penalties(64, 1, 0, 0);
    float[] logits = Reference.logits(3000, 2, 8, 1);
    List<String> seen = new ArrayList<>();
    SamplerState state = Sampler.chain(idle, temperature(2), idle, topK(5), idle).start(1);
    state.observe(
        new SamplingListener() {
          @Override
          public void onStage(StageView stage) {
            seen.add(two(stage.before()) + " -> " + two(stage.after()));
          }
        });
    state.acceptPrompt(1, 2);
    state.next(logits);
    List<Reference.Token> sorted = Reference.inFallingOrder(logits);
    String raw = two(sorted, 1) + " of 3000";
    String halved = two(sorted, 2) + " of 3000";
    String cut = two(sorted, 2) + " of 5";
    assertThat(seen)
        .containsExactly(
            raw + " -> " + raw,
            raw + " -> " + halved,
            halved + " -> " + halved,
            halved + " -> " + cut,
            cut + " -> " + cut);
  }

  private static String two(CandidatesView view) {
    return "%d=%s %d=%s of %d"
        .formatted(view.id(0), view.logit(0), view.id(1), view.logit(1), view.size());
  }

  private static String two(List<Reference.Token> sorted, float divisor) {
    Reference.Token first = sorted.get(0);
    Reference.Token second = sorted.get(1);
    return "%d=%s %d=%s"
        .formatted(first.id(), first.logit() / divisor, second.id(), second.logit() / divisor);
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
