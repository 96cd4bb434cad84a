package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Activation;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.GenerationStart;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.PromptTokens;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.observe.TextPiece;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.StageView;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The events of a generation: which, in what order, and what becomes of one whose listener throws
/// or stops it.
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

  /// Writes down every event and hands it to somebody, who may throw or stop.
  private static class Diary implements StepListener {
    final List<String> events = new ArrayList<>();
    final List<Object> payloads = new ArrayList<>();
    private final Consumer<String> reader;

    Diary() {
      this(_ -> {});
    }

    Diary(Consumer<String> reader) {
      this.reader = reader;
    }

    private void add(String event, Object payload) {
      events.add(event);
      payloads.add(payload);
      reader.accept(event);
    }

    <T> List<T> of(Class<T> type) {
      return payloads.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public ObservationPlan plan(ModelInfo info) {
      return ObservationPlan.of(Hook.EMBED.all(), Hook.Z.layer(2), Hook.LOGITS.all());
    }

    @Override
    public void onGenerationStart(GenerationStart start) {
      add("generation start", start);
    }

    @Override
    public void onPromptTokens(PromptTokens prompt) {
      add("prompt", prompt);
    }

    @Override
    public void onStepStart(StepStart start) {
      add("step start " + start.step(), start);
    }

    @Override
    public void onActivation(Activation activation) {
      add(activation.name() + " " + activation.step(), activation);
    }

    @Override
    public void onSamplerStage(StageView stage) {
      add("stage " + stage.name(), stage);
    }

    @Override
    public void onDistribution(CandidatesView distribution) {
      add("distribution", distribution);
    }

    @Override
    public void onDraw(Draw draw) {
      add("draw " + draw.index(), draw);
    }

    @Override
    public void onSelection(Selection selection) {
      add("selection " + selection.step(), selection);
    }

    @Override
    public void onText(TextPiece piece) {
      add("text " + piece.step(), piece);
    }

    @Override
    public void onStepEnd(StepEnd end) {
      add("step end " + end.step(), end);
    }

    @Override
    public void onGenerationEnd(GenerationEnd end) {
      add("generation end", end);
    }
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
      expected.addAll(
          List.of(
              "step start " + step,
              "hook_embed " + step,
              "blocks.2.attn.hook_z " + step,
              "logits " + step));
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
      assertThat(selection.text()).isEqualTo(model.tokenizer().piece(selection.id()));
      assertThat(selection.position()).isEqualTo(diary.of(StepStart.class).getFirst().rows() + i);
      assertThat(selection.forced()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "generation start, generation start, 0",
    "prompt, prompt tokens, 0",
    "step start 1, step start, 1",
    "blocks.2.attn.hook_z 1, blocks.2.attn.hook_z, 1",
    "logits 0, logits, 0",
    "stage greedy, sampler stage greedy, 0",
    "distribution, distribution, 0",
    "draw 1, draw, 1",
    "selection 1, selection, 1",
    "text 1, text, 1",
    "step end 1, step end, 1",
    "generation end, generation end, 2"
  })
  void aListenerThatThrowsEndsItsGenerationByName(String event, String where, int step) {
    try (Session session = model.newSession()) {
      List<Integer> expected = session.generate(tokens(3), GREEDY.maxTokens(3)).ids();
      session.rewind(session.length());
      var diary = new Diary();
      Session.Registration thrower = session.addListener(new Thrower(event));
      session.addListener(diary);
      assertThatThrownBy(() -> session.generate(tokens(3), GREEDY.maxTokens(3)))
          .isInstanceOf(ListenerException.class)
          .hasMessage(
              "listener %s threw at %s, step %d: java.lang.IllegalStateException: on purpose"
                  .formatted(Thrower.class.getName(), where, step))
          .hasCauseInstanceOf(IllegalStateException.class);

      assertThat(diary.events).filteredOn("generation end"::equals).hasSize(1);
      assertThat(diary.events).last().isEqualTo("generation end");
      GenerationEnd end = diary.of(GenerationEnd.class).getFirst();
      if (event.equals("generation end")) {
        assertThat(end.reason()).contains(EndReason.LENGTH);
      } else {
        assertThat(end.reason()).isEmpty();
        assertThat(end.failure()).containsInstanceOf(ListenerException.class);
      }

      thrower.close();
      session.rewind(session.length());
      assertThat(session.generate(tokens(3), GREEDY.maxTokens(3)).ids()).isEqualTo(expected);
    }
  }

  /// Throws at one event, and once more when the generation ends.
  private static final class Thrower extends Diary {
    Thrower(String event) {
      super(now -> {
        if (now.equals(event)) {
          throw new IllegalStateException("on purpose");
        }
      });
    }
  }

  @Test
  void aListenerThatThrowsAgainAtTheEndDoesNotHideWhatItThrewFirst() {
    try (Session session = model.newSession()) {
      session.addListener(
          new Diary(event -> {
            if (event.equals("selection 0") || event.equals("generation end")) {
              throw new IllegalStateException(event);
            }
          }));
      assertThatThrownBy(() -> session.generate(tokens(3), GREEDY))
          .hasMessageContaining("threw at selection, step 0")
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }
  }

  @Test
  void whatThrowsInOneSessionLeavesAnotherAlone() throws Exception {
    var barrier = new CyclicBarrier(2);
    try (Session failing = model.newSession();
        Session other = model.newSession();
        Session alone = model.newSession()) {
      List<Integer> expected = alone.generate(tokens(4), GREEDY.maxTokens(8)).ids();
      failing.addListener(
          new Diary(event -> {
            if (event.equals("step start 2")) {
              await(barrier);
              throw new IllegalStateException("on purpose");
            }
          }));
      other.addListener(
          new Diary(event -> {
            if (event.equals("step start 3")) {
              await(barrier);
            }
          }));
      var failed = new FutureTask<>(() -> failing.generate(tokens(4), GREEDY.maxTokens(8)));
      Thread.ofPlatform().start(failed);
      assertThat(other.generate(tokens(4), GREEDY.maxTokens(8)).ids()).isEqualTo(expected);
      assertThatThrownBy(failed::get).hasCauseInstanceOf(ListenerException.class);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void generationsOnTwoThreadsDoNotMix() throws Exception {
    var barrier = new CyclicBarrier(2);
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      int[] prompt = tokens(10 * seed);
      GenerationOptions options =
          GenerationOptions.defaults().seed(seed).maxTokens(6).ignoreEndOfText();
      var alone = new Captured("all");
      Generation expected;
      try (Session session = model.newSession()) {
        session.addListener(alone);
        expected = session.generate(prompt, options);
      }
      tasks.add(
          new FutureTask<>(() -> {
            Thread own = Thread.currentThread();
            var beside = new Captured("all");
            try (Session session = model.newSession()) {
              session.addListener(
                  new Diary(event -> {
                    assertThat(Thread.currentThread()).isEqualTo(own);
                    if (event.startsWith("step start")) {
                      await(barrier);
                    }
                  }));
              session.addListener(beside);
              Generation generation = session.generate(prompt, options);
              assertThat(generation.ids()).isEqualTo(expected.ids());
              assertThat(generation.text()).isEqualTo(expected.text());
            }
            assertThat(beside.arrays().keySet()).isEqualTo(alone.arrays().keySet());
            alone
                .arrays()
                .forEach(
                    (name, values) -> assertThat(beside.array(name)).as(name).isEqualTo(values));
            return true;
          }));
    }
    tasks.forEach(task -> Thread.ofPlatform().start(task));
    for (FutureTask<Boolean> task : tasks) {
      assertThat(task.get(20, TimeUnit.SECONDS)).isTrue();
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
