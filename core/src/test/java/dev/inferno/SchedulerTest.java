package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.GenerationStart;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Generations that share forward passes are those that each would be alone.
@Timeout(60)
class SchedulerTest {
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

  private static int[] tokens(int seed, int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11 * seed) % 300).toArray();
  }

  static Stream<String> architectures() {
    return TinyModels.BESIDE_LLAMA.stream();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void generationsAndWhatIsSeenOfThemAreTheSameTogetherAndAlone(String name) throws Exception {
    try (Model many = TinyModels.load(name)) {
      requireSameTogetherAndAlone(many, List.of(3, 40, 1, 17));
    }
  }

  @Test
  void eightPromptsOfAllLengthsAreTheSameTogetherAndAlone() throws Exception {
    assertThat(requireSameTogetherAndAlone(model, List.of(1, 16, 17, 63, 64, 65, 200, 5)))
        .as("how many sessions shared a pass")
        .anyMatch(count -> count > 1);
  }

  /// @return how many sessions shared each pass
  private static List<Integer> requireSameTogetherAndAlone(Model model, List<Integer> lengths)
      throws Exception {
    List<Generation> expected = new ArrayList<>();
    List<Captured> seenAlone = new ArrayList<>();
    List<Session> sessions = new ArrayList<>();
    List<Captured> seen = new ArrayList<>();
    List<Future<Generation>> futures = new ArrayList<>();
    for (int i = 0; i < lengths.size(); i++) {
      var captured = new Captured(plan(i));
      try (Session session = model.newSession()) {
        session.addListener(captured);
        expected.add(session.generate(tokens(i, lengths.get(i)), options(i)));
      }
      seenAlone.add(captured);
    }
    List<Integer> sharedBy = new CopyOnWriteArrayList<>();
    var allAreThere = new CyclicBarrier(lengths.size());
    for (int i = 0; i < lengths.size(); i++) {
      sessions.add(model.newSession());
      seen.add(new Captured(plan(i)));
      var crowd =
          new StepListener() {
            @Override
            public void onGenerationStart(GenerationStart start) {
              await(allAreThere);
            }

            @Override
            public void onStepEnd(StepEnd end) {
              sharedBy.add(end.sessions());
            }
          };
      futures.add(
          model
              .scheduler()
              .submit(sessions.get(i), tokens(i, lengths.get(i)), options(i), seen.get(i), crowd));
    }
    for (int i = 0; i < lengths.size(); i++) {
      assertThat(futures.get(i).get().ids()).as("session %d", i).isEqualTo(expected.get(i).ids());
      Captured alone = seenAlone.get(i);
      assertThat(List.copyOf(seen.get(i).arrays().keySet()))
          .as("events of session %d, in order", i)
          .isEqualTo(List.copyOf(alone.arrays().keySet()));
      for (String point : alone.arrays().keySet()) {
        assertThat(seen.get(i).array(point))
            .as("session %d, %s", i, point)
            .isEqualTo(alone.array(point));
      }
      sessions.get(i).close();
    }
    return sharedBy;
  }

  private static GenerationOptions options(int i) {
    return i % 2 == 0
        ? GREEDY.maxTokens(20)
        : GenerationOptions.defaults().seed(i).ignoreEndOfText().maxTokens(20);
  }

  /// Different plans, one of them empty but for the logits.
  private static String plan(int i) {
    return List.of("all", "logits", "blocks.0.attn.hook_pattern,blocks.1.hook_resid_post")
        .get(i % 3);
  }

  @Test
  void aSlowListenerHoldsUpItsOwnGenerationOnly() throws Exception {
    try (Session slow = model.newSession();
        Session quick = model.newSession()) {
      var quickIsDone = new CountDownLatch(1);
      List<Integer> expected = alone(tokens(1, 5));
      Future<Generation> late =
          model
              .scheduler()
              .submit(
                  slow,
                  tokens(1, 5),
                  GREEDY.maxTokens(12),
                  new Diary(event -> {
                    if (event.equals("step end 2")) {
                      await(quickIsDone);
                    }
                  }));
      assertThat(model.scheduler().submit(quick, tokens(1, 5), GREEDY.maxTokens(12)).get().ids())
          .isEqualTo(expected);
      quickIsDone.countDown();
      assertThat(late.get().ids()).isEqualTo(expected);
    }
  }

  private List<Integer> alone(int[] prompt) {
    try (Session session = model.newSession()) {
      return session.generate(prompt, GREEDY.maxTokens(12)).ids();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aListenerThatThrowsInsideASharedPassEndsItsGenerationOnly() throws Exception {
    try (Session failing = model.newSession();
        Session other = model.newSession()) {
      var bothAreThere = new CyclicBarrier(2);
      List<Integer> expected = alone(tokens(2, 5));
      Future<Generation> failed =
          model
              .scheduler()
              .submit(
                  failing,
                  tokens(1, 5),
                  GREEDY.maxTokens(12),
                  new Diary(event -> {
                    if (event.equals("step start 1")) {
                      await(bothAreThere);
                    } else if (event.equals("blocks.2.attn.hook_z 3")) {
                      throw new IllegalStateException("on purpose");
                    }
                  }));
      Future<Generation> fine =
          model
              .scheduler()
              .submit(
                  other,
                  tokens(2, 5),
                  GREEDY.maxTokens(12),
                  new Diary(event -> {
                    if (event.equals("step start 1")) {
                      await(bothAreThere);
                    }
                  }));
      assertThat(fine.get().ids()).isEqualTo(expected);
      assertThatThrownBy(failed::get)
          .hasCauseInstanceOf(ListenerException.class)
          .hasMessageContaining("threw at blocks.2.attn.hook_z, step 3");
      assertThat(failing.generate(tokens(2, 5), GREEDY.maxTokens(1)).ids()).hasSize(1);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anEditedAndAnUneditedLaneOfOneTextRunSideBySide() throws Exception {
    try (Session plain = model.newSession()) {
      plain.append(tokens(3, 30));
      try (Session edited = plain.fork();
          Session alone = plain.fork()) {
        edited.intervene(Hook.MLP_OUT.layer(1).zero());
        alone.intervene(Hook.MLP_OUT.layer(1).zero());
        List<Integer> changed = alone.generate(tokens(4, 2), GREEDY.maxTokens(12)).ids();
        Future<Generation> lane =
            model.scheduler().submit(edited, tokens(4, 2), GREEDY.maxTokens(12));
        Future<Generation> other =
            model.scheduler().submit(plain, tokens(4, 2), GREEDY.maxTokens(12));
        assertThat(lane.get().ids()).isEqualTo(changed).isNotEqualTo(other.get().ids());
      }
    }
  }

  @Test
  void aSessionWithACallbackPassesAloneOnItsOwnThread() throws Exception {
    try (Session session = model.newSession();
        Session other = model.newSession()) {
      List<Thread> threads = new CopyOnWriteArrayList<>();
      session.intervene(Hook.Z.layer(1).edit("who", rows -> threads.add(Thread.currentThread())));
      List<StepEnd> ends = new CopyOnWriteArrayList<>();
      var watcher =
          new StepListener() {
            @Override
            public void onStepEnd(StepEnd end) {
              threads.add(Thread.currentThread());
              ends.add(end);
            }
          };
      Future<Generation> future =
          model.scheduler().submit(session, tokens(1, 5), GREEDY.maxTokens(12), watcher);
      Future<Generation> beside =
          model.scheduler().submit(other, tokens(1, 5), GREEDY.maxTokens(12));
      assertThat(future.get().ids()).isEqualTo(alone(tokens(1, 5))).isEqualTo(beside.get().ids());
      assertThat(threads).hasSize(24).containsOnly(threads.getFirst());
      assertThat(ends).allMatch(end -> end.sessions() == 1);
    }
  }

  @Test
  void oneThatIsCancelledGivesWhatItHasAndTheOthersGoOn() throws Exception {
    try (Session cancelled = model.newSession();
        Session other = model.newSession()) {
      Future<Generation> some =
          model
              .scheduler()
              .submit(
                  cancelled,
                  tokens(1, 5),
                  GREEDY.maxTokens(200),
                  new Diary(event -> {
                    if (event.equals("step end 3")) {
                      cancelled.cancel();
                    }
                  }));
      Future<Generation> all = model.scheduler().submit(other, tokens(1, 5), GREEDY.maxTokens(12));
      assertThat(some.get().end()).isEqualTo(EndReason.CANCELLED);
      assertThat(some.get().ids()).isEqualTo(alone(tokens(1, 5)).subList(0, 4));
      assertThat(all.get().ids()).isEqualTo(alone(tokens(1, 5)));
    }
  }

  @Test
  void aFutureThatIsCancelledFreesItsSessionAndLeavesOthersAlone() throws Exception {
    try (Session other = model.newSession()) {
      Session session = model.newSession();
      var begun = new CountDownLatch(1);
      var ended = new CountDownLatch(1);
      Future<Generation> future =
          model
              .scheduler()
              .submit(
                  session,
                  tokens(1, 5),
                  GREEDY.maxTokens(250),
                  new Diary(event -> {
                    if (event.equals("step start 2")) {
                      begun.countDown();
                    } else if (event.equals("generation end")) {
                      ended.countDown();
                    }
                  }));
      Future<Generation> all = model.scheduler().submit(other, tokens(1, 5), GREEDY.maxTokens(12));
      await(begun);
      assertThat(future.cancel(true)).isTrue();
      assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
      await(ended);
      assertThat(all.get().ids()).isEqualTo(alone(tokens(1, 5)));
    } // the model closes only when the session's thread has left it
  }

  @Test
  void closingTheModelEndsAllGenerations() throws Exception {
    List<Future<Generation>> futures = new ArrayList<>();
    var begun = new CountDownLatch(4);
    for (int i = 0; i < 4; i++) {
      futures.add(
          model
              .scheduler()
              .submit(
                  model.newSession(),
                  tokens(i, 5),
                  GREEDY.maxTokens(250),
                  new Diary(event -> {
                    if (event.equals("step end 2")) {
                      begun.countDown();
                    }
                  })));
    }
    await(begun);
    model.close();
    for (Future<Generation> future : futures) {
      assertThat(future.get().end()).isEqualTo(EndReason.CANCELLED);
    }
  }

  @Test
  void whatIsWrongWithTheArgumentsIsThrownAtOnce() throws Exception {
    Scheduler scheduler = model.scheduler();
    try (Session session = model.newSession();
        Model another = TinyModels.load("qwen2");
        Session stranger = another.newSession()) {
      assertThatThrownBy(() -> scheduler.submit(session, new int[0], GREEDY))
          .hasMessageContaining("the prompt has no tokens");
      assertThatThrownBy(() -> scheduler.submit(stranger, tokens(1, 1), GREEDY))
          .hasMessageContaining("the session belongs to");
      assertThatThrownBy(() ->
              scheduler.submit(
                  session, tokens(1, 1), GREEDY, new Captured("blocks.0.mlp.hook_router_logits")))
          .isInstanceOf(IllegalArgumentException.class);

      var isAsked = new CountDownLatch(1);
      Future<Generation> future =
          scheduler.submit(
              session,
              tokens(1, 5),
              GREEDY.maxTokens(1),
              new Diary(event -> {
                if (event.equals("step start 0")) {
                  await(isAsked);
                }
              }));
      assertThatThrownBy(() -> scheduler.submit(session, tokens(1, 5), GREEDY))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the session is at work");
      isAsked.countDown();
      assertThat(future.get().ids()).hasSize(1);
      assertThat(session.generate(tokens(1, 1), GREEDY.maxTokens(1)).ids())
          .as("the session is free again, and its listener gone")
          .hasSize(1);
    }
  }

  @Test
  void aSessionThatIsForgottenIsNotHeldByTheScheduler() throws Exception {
    var session = new WeakReference<>(generated());
    for (int i = 0; session.get() != null && i < 1000; i++) {
      System.gc(); // and again, until the thread of its generation is gone, too
    }
    assertThat(session.get()).isNull();
  }

  private Session generated() throws Exception {
    Session session = model.newSession();
    model.scheduler().submit(session, tokens(1, 5), GREEDY.maxTokens(2)).get();
    return session;
  }
}
