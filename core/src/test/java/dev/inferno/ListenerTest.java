package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Activation;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.GenerationStart;
import dev.inferno.observe.Hook;
import dev.inferno.observe.PromptTokens;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.observe.TextPiece;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The events of a generation: which, in what order, and what a listener may do there.
class ListenerTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 2000).toArray();
  }

  @Test
  void everyEventComesOnceAndInOrder() {
    var diary = new Diary();
    Generation generation;
    try (Session session = model.newSession()) {
      session.append(7, 8);
      session.addListener(diary);
      generation =
          session.generate(
              "Once upon a time",
              GenerationOptions.defaults().maxTokens(2).seed(5).ignoreEndOfText());
      assertThat(session.length())
          .isEqualTo(2 + 4 + 2); // nothing is put before a text that goes on
    }
    List<String> expected = new ArrayList<>(List.of("generation start", "prompt"));
    for (int step = 0; step < 2; step++) {
      expected.add("step start " + step);
      if (step == 0) {
        expected.add("cache REUSE 0");
      }
      expected.addAll(
          List.of(
              "hook_embed " + step,
              "blocks.2.attn.hook_z " + step,
              "logits " + step,
              "cache WRITE " + step));
      Sampler.defaults().stages().forEach(stage -> expected.add("stage " + stage.name()));
      expected.addAll(
          List.of(
              "distribution",
              "draw " + step,
              "selection " + step,
              "text " + step,
              "step end " + step));
    }
    expected.add("generation end");
    assertThat(diary.events).isEqualTo(expected);

    assertThat(diary.of(GenerationStart.class).getFirst()).isEqualTo(new GenerationStart(2, 2, 5));
    PromptTokens prompt = diary.of(PromptTokens.class).getFirst();
    assertThat(prompt.firstPosition()).isEqualTo(2);
    assertThat(prompt.ids()).isEqualTo(generation.promptIds());
    assertThat(prompt.pieces())
        .hasSize(4)
        .first()
        .isEqualTo(model.tokenizer().piece(prompt.ids().getFirst()));
    assertThat(diary.of(StepStart.class))
        .containsExactly(new StepStart(0, 2, 4), new StepStart(1, 6, 1));
    assertThat(diary.of(StepEnd.class)).extracting(StepEnd::cachedPositions).containsExactly(6, 7);
    assertThat(diary.of(StepEnd.class))
        .allSatisfy(end -> {
          assertThat(end.forwardNanos()).isPositive();
          assertThat(end.samplingNanos()).isPositive();
        });
    assertThat(diary.of(Draw.class)).containsExactly(Draw.of(5, 0), Draw.of(5, 1));
    String text = String.join("", diary.of(TextPiece.class).stream().map(TextPiece::text).toList());
    assertThat(text).isEqualTo(generation.text());
    GenerationEnd end = diary.of(GenerationEnd.class).getFirst();
    assertThat(end.reason()).contains(EndReason.LENGTH);
    assertThat(end.failure()).isEmpty();
    assertThat(end.promptTokens()).isEqualTo(4);
    assertThat(end.generatedTokens()).isEqualTo(2);
    assertThat(end.prefillNanos()).isEqualTo(generation.prefillNanos()).isPositive();
    assertThat(end.decodeNanos()).isEqualTo(generation.decodeNanos()).isPositive();
  }

  @Test
  void everyStepThatBeginsEnds() {
    var nothing = new Diary();
    var full = new Diary();
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(6))) {
      Session.Registration registration = session.addListener(nothing);
      session.generate(tokens(3), GREEDY.maxTokens(0));
      registration.close();
      session.addListener(full);
      assertThat(session.generate(tokens(2), GREEDY.maxTokens(9)).end())
          .isEqualTo(EndReason.CONTEXT);
    }
    assertThat(nothing.events)
        .containsExactly(
            "generation start",
            "prompt",
            "step start 0",
            "hook_embed 0",
            "blocks.2.attn.hook_z 0",
            "logits 0",
            "cache WRITE 0",
            "step end 0",
            "generation end");
    assertThat(nothing.of(StepEnd.class).getFirst().samplingNanos()).isZero();
    assertThat(full.of(StepStart.class)).containsExactly(new StepStart(0, 3, 2));
    assertThat(full.of(StepEnd.class)).extracting(StepEnd::step).containsExactly(0);
  }

  @Test
  void theUsersOwnLoopHasStepsToo() {
    var diary = new Diary();
    try (Session session = model.newSession()) {
      session.addListener(diary);
      session.append();
      session.append(tokens(3));
      session.append(5);
      session.rewind(1);
      session.logits();
      session.logits();
    }
    assertThat(diary.events.stream().filter(event -> event.startsWith("step")))
        .containsExactly(
            "step start 0",
            "step end 0",
            "step start 1",
            "step end 1",
            "step start 2",
            "step end 2");
    assertThat(diary.of(StepStart.class))
        .containsExactly(new StepStart(0, 0, 3), new StepStart(1, 3, 1), new StepStart(2, 2, 1));
  }

  @Test
  void aSelectionSaysHowLikelyTheTokenWas() {
    List<float[]> logits = new ArrayList<>();
    var diary = new Diary();
    try (Session session = model.newSession()) {
      session.addListener(diary);
      session.observe(Hook.LOGITS.all(), a -> logits.add(a.tensor().copy()));
      session.generate(
          "She is", GenerationOptions.defaults().maxTokens(6).seed(3).ignoreEndOfText());
    }
    List<Selection> selections = diary.of(Selection.class);
    assertThat(selections).hasSize(6);
    for (int i = 0; i < selections.size(); i++) {
      Selection selection = selections.get(i);
      float[] raw = logits.get(i);
      double sum = 0;
      for (float logit : raw) {
        sum += Math.exp(logit);
      }
      double entropy = 0;
      int above = 0;
      for (float logit : raw) {
        double p = Math.exp(logit) / sum;
        entropy -= p * Math.log(p);
        above += logit > raw[selection.id()] ? 1 : 0;
      }
      float[] sorted = raw.clone();
      Arrays.sort(sorted);
      assertThat(selection.logProbability())
          .isCloseTo(raw[selection.id()] - Math.log(sum), within(1e-4));
      assertThat(selection.entropy()).isCloseTo(entropy, within(1e-3));
      assertThat(selection.rank()).isEqualTo(above + 1);
      assertThat(selection.margin())
          .isCloseTo(sorted[raw.length - 1] - sorted[raw.length - 2], within(1e-6));
      assertThat(selection.probability()).isBetween(0.0, 1.0);
      assertThat(selection.piece()).isEqualTo(model.tokenizer().piece(selection.id()));
      assertThat(selection.text()).isEqualTo(model.tokenizer().decode(selection.id()));
      assertThat(selection.position()).isEqualTo(diary.of(StepStart.class).getFirst().rows() + i);
      assertThat(selection.forced()).isFalse();
    }
  }

  @Test
  void aListenerMayStopItsGeneration() {
    for (String event : List.of("selection 1", "step end 1")) {
      var diary = new Diary();
      try (Session session = model.newSession()) {
        session.addListener(
            new StepListener() {
              @Override
              public void onSelection(Selection selection) {
                if (event.equals("selection " + selection.step())) {
                  selection.stop();
                }
              }

              @Override
              public void onStepEnd(StepEnd end) {
                if (event.equals("step end " + end.step())) {
                  end.stop();
                }
              }
            });
        session.addListener(diary);
        Generation generation = session.generate(tokens(3), GREEDY.maxTokens(9));
        assertThat(generation.end()).as(event).isEqualTo(EndReason.LISTENER);
        assertThat(generation.ids()).hasSize(2);
        assertThat(diary.of(GenerationEnd.class).getFirst().reason()).contains(EndReason.LISTENER);
        assertThat(diary.events).doesNotContain("step start 2").contains("step end 1");
        assertThat(session.generate(tokens(1), GREEDY.maxTokens(1)).end())
            .isEqualTo(EndReason.LENGTH); // stopped once is not stopped for ever
      }
    }
  }

  @Test
  void whatIsAddedOrTakenBackDuringAGenerationActsFromTheNextStep() {
    var late = new Diary();
    var early = new Diary();
    try (Session session = model.newSession()) {
      Session.Registration registration = session.addListener(early);
      session.observe(
          Hook.RESID_MID.layer(0),
          a -> {
            if (a.step() == 1) {
              session.addListener(late);
              registration.close();
            }
          });
      session.generate(tokens(3), GREEDY.maxTokens(4));
    }
    assertThat(late.events).first().isEqualTo("step start 2");
    assertThat(late.events).contains("logits 2", "selection 3").last().isEqualTo("generation end");
    assertThat(early.events)
        .contains("generation start", "logits 1", "step end 1")
        .last()
        .isEqualTo("step end 1");
  }

  @Test
  void aListenerWithoutAPlanGetsTheEventsOfTheTokenLevel() {
    List<String> events = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onActivation(Activation activation) {
              events.add(activation.name());
            }

            @Override
            public void onSelection(Selection selection) {
              events.add("selection");
            }
          });
      session.generate(tokens(3), GREEDY.maxTokens(2));
    }
    assertThat(events).containsExactly("selection", "selection");
  }

  @Test
  void aListenerMayNotUseItsOwnSession() {
    List<String> messages = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.addListener(
          new Diary(event -> {
            if (event.equals("selection 0")) {
              for (ThrowingCallable use :
                  List.<ThrowingCallable>of(
                      () -> session.append(1),
                      () -> session.append(1, 2),
                      () -> session.generate(tokens(1), GREEDY),
                      () -> session.rewind(1),
                      () -> session.rewind(0),
                      session::fork,
                      session::logits,
                      session::close)) {
                assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not for its own listeners");
                messages.add(event);
              }
            }
          }));
      assertThat(session.generate(tokens(3), GREEDY.maxTokens(2)).ids()).hasSize(2);
    }
    assertThat(messages).hasSize(8);
  }
}
