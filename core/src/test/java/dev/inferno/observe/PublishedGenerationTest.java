package dev.inferno.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.EndReason;
import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.StageView;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The events of real generations, as subscribers get them.
class PublishedGenerationTest {
  private static final ObservationPlan PLAN =
      ObservationPlan.of(
          Hook.EMBED.all().norm(),
          Hook.Z.layer(1).head(2),
          Hook.PATTERN.layer(0),
          Hook.LOGITS.top(3));
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().sampler(Sampler.defaults()).seed(4).ignoreEndOfText();
  private static final int[] PROMPT = {11, 48, 85};

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  /// What a listener is told, in words.
  private static final class Told implements StepListener {
    final List<String> told = new ArrayList<>();

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return PLAN;
    }

    @Override
    public void onGenerationStart(GenerationStart start) {
      told.add(start.toString());
    }

    @Override
    public void onPromptTokens(PromptTokens prompt) {
      told.add(prompt.toString());
    }

    @Override
    public void onStepStart(StepStart start) {
      told.add(start.toString());
    }

    @Override
    public void onCacheChange(CacheChange change) {
      told.add(change.toString());
    }

    @Override
    public void onActivation(Activation activation) {
      told.add(words(activation));
    }

    static String words(Activation activation) {
      return activation.name()
          + activation.step()
          + activation.heads()
          + Arrays.toString(activation.positions())
          + words(activation.tensor())
          + activation.indices().map(Told::words);
    }

    private static String words(TensorView tensor) {
      return tensor.name() + Arrays.toString(tensor.shape()) + Arrays.toString(tensor.copy());
    }

    @Override
    public void onSamplerStage(StageView stage) {
      told.add(
          stage.name()
              + stage.index()
              + stage.parameters()
              + List.of(stage.entered(), stage.kept(), stage.massRemoved(), stage.nanoseconds()));
    }

    @Override
    public void onDistribution(CandidatesView view) {
      told.add(
          view.size()
              + " best "
              + new ObserverEvent.Candidate(view.id(0), view.logit(0), view.probability(0)));
    }

    @Override
    public void onDraw(Draw draw) {
      told.add(draw.toString());
    }

    @Override
    public void onSelection(Selection selection) {
      told.add("selected " + selection.id() + " " + selection.entropy());
    }

    @Override
    public void onVerification(Verification verification) {
      told.add(verification.toString());
    }

    @Override
    public void onText(TextPiece piece) {
      told.add(piece.toString());
    }

    @Override
    public void onStepEnd(StepEnd end) {
      told.add("step end " + end.step() + " " + end.forwardNanos());
    }

    @Override
    public void onGenerationEnd(GenerationEnd end) {
      told.add(end.toString());
    }
  }

  private static String words(ObserverEvent event) {
    return switch (event) {
      case ObserverEvent.GenerationStarted e -> e.start().toString();
      case ObserverEvent.PromptGiven e -> e.prompt().toString();
      case ObserverEvent.StepStarted e -> e.start().toString();
      case ObserverEvent.CacheChanged e -> e.change().toString();
      case ObserverEvent.PointReached e -> Told.words(e.activation());
      case ObserverEvent.SamplerStageDone e ->
          e.name()
              + e.index()
              + e.parameters()
              + List.of(e.entered(), e.kept(), e.massRemoved(), e.nanoseconds());
      case ObserverEvent.DistributionReady e -> {
        assertThat(e.best())
            .hasSize(Math.min(e.candidates(), ObserverEvent.DistributionReady.MOST));
        yield e.candidates() + " best " + e.best().getFirst();
      }
      case ObserverEvent.Drawn e -> e.draw().toString();
      case ObserverEvent.Selected e ->
          "selected " + e.selection().id() + " " + e.selection().entropy();
      case ObserverEvent.TextAdded e -> e.piece().toString();
      case ObserverEvent.DraftVerified e -> e.verification().toString();
      case ObserverEvent.StepEnded e -> "step end " + e.end().step() + " " + e.end().forwardNanos();
      case ObserverEvent.GenerationEnded e -> e.end().toString();
    };
  }

  @Test
  void aSubscriberIsToldWhatAListenerIsTold() throws Exception {
    var told = new Told();
    var received = new Received(0);
    try (Session session = model.newSession();
        var publisher = new EventPublisher(PLAN, 1000, Overflow.FAIL)) {
      publisher.subscribe(received);
      session.addListener(told);
      session.addListener(publisher);
      session.generate(PROMPT, OPTIONS.maxTokens(3));
      received.subscription().request(1000); // long after the views were taken back
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.events().stream().map(PublishedGenerationTest::words))
        .containsExactlyElementsOf(told.told);
    assertThat(received.numbers())
        .isEqualTo(java.util.stream.LongStream.range(0, told.told.size()).boxed().toList());
  }

  @Test
  void aSlowSubscriberThatHoldsTheGenerationChangesNoToken() throws Exception {
    var received =
        new Received(1) {
          @Override
          void received(ObserverEvent event) {
            try {
              subscription().request(1);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (Session alone = model.newSession();
        Session session = model.newSession();
        var publisher = new EventPublisher(PLAN, 1, Overflow.BLOCK)) {
      Generation expected = alone.generate(PROMPT, OPTIONS.maxTokens(8));
      publisher.subscribe(received);
      session.addListener(publisher);
      assertThat(session.generate(PROMPT, OPTIONS.maxTokens(8)).ids()).isEqualTo(expected.ids());
      assertThat(received.end()).isEmpty();
      assertThat(publisher.dropped()).isZero();
      assertThat(
              received.events().stream()
                  .filter(ObserverEvent.Selected.class::isInstance)
                  .map(event -> ((ObserverEvent.Selected) event).selection().id()))
          .isEqualTo(expected.ids());
    }
  }

  @Test
  void aGenerationThatWaitsForASubscriberCanBeCancelled() throws Exception {
    var received = new Received(0); // asks for nothing
    try (Session session = model.newSession();
        var publisher = new EventPublisher(PLAN, 1, Overflow.BLOCK)) {
      publisher.subscribe(received);
      session.addListener(
          new StepListener() {
            @Override
            public void onGenerationStart(GenerationStart start) {
              session.cancel(); // before the publisher, whose buffer is full at the second event
            }
          });
      session.addListener(publisher);
      assertThat(session.generate(PROMPT, OPTIONS.maxTokens(8)).end())
          .isEqualTo(EndReason.CANCELLED);
      assertThat(publisher.dropped()).isPositive();
    }
  }

  @Test
  void aSubscriberThatMayNotBeSlowEndsTheGeneration() throws Exception {
    var received = new Received(0);
    try (Session session = model.newSession();
        var publisher = new EventPublisher(ObservationPlan.TOKENS, 4, Overflow.FAIL)) {
      publisher.subscribe(received);
      session.addListener(publisher);
      assertThatThrownBy(() -> session.generate(PROMPT, OPTIONS.maxTokens(3)))
          .isInstanceOf(ListenerException.class)
          .hasMessageStartingWith(
              "listener dev.inferno.observe.EventPublisher threw at sampler stage")
          .hasMessageEndingWith(
              "step 0: java.lang.IllegalStateException: a subscriber is slow: its buffer of 4 events is full, and the policy is to fail");
      assertThat(publisher.dropped()).isEqualTo(1);
      received.subscription().request(9);
      assertThat(received.end().orElseThrow())
          .hasMessageContaining("its buffer of 4 events is full");
      assertThat(received.events()).hasSize(4);
    }
  }

  @Test
  void aGenerationThatFailsEndsWithItsFailure() throws Exception {
    var received = Received.everything();
    var late = Received.everything();
    try (Session session = model.newSession();
        var publisher = new EventPublisher(ObservationPlan.TOKENS, 100, Overflow.FAIL)) {
      publisher.subscribe(received);
      session.addListener(publisher);
      session.observe(
          Hook.LOGITS.all(),
          _ -> {
            throw new IllegalStateException("on purpose");
          });
      assertThatThrownBy(() -> session.generate(PROMPT, OPTIONS.maxTokens(3)))
          .isInstanceOf(ListenerException.class)
          .isSameAs(received.end().orElseThrow());
      assertThat(received.events()).last().isInstanceOf(ObserverEvent.GenerationEnded.class);
      publisher.subscribe(late);
      assertThat(late.end()).isEqualTo(received.end());
    }
  }

  @Test
  void aSubscriberMayStopTheGeneration() throws Exception {
    var received =
        new Received(Long.MAX_VALUE) {
          @Override
          void received(ObserverEvent event) {
            if (event instanceof ObserverEvent.Selected selected) {
              selected.selection().stop();
            }
          }
        };
    try (Session session = model.newSession();
        var publisher = new EventPublisher(ObservationPlan.TOKENS, 1, Overflow.BLOCK)) {
      publisher.subscribe(received);
      session.addListener(publisher);
      Generation generation = session.generate(PROMPT, OPTIONS.maxTokens(50));
      assertThat(generation.end()).isEqualTo(EndReason.LISTENER);
      assertThat(generation.ids()).hasSizeBetween(1, 2);
      assertThat(received.end()).isEmpty();
    }
  }
}
