package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cancelling and closing, from any thread and at any time.
class CloseTest {
  private static final GenerationOptions ENDLESS =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(500);
  private static final int[] PROMPT = {2043, 403, 406};

  @TempDir Path folder;

  private static Model model() throws IOException {
    return Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  private static Thread run(Runnable work) {
    return Thread.ofPlatform().start(work);
  }

  private static void join(Thread thread) {
    try {
      assertThat(thread.join(java.time.Duration.ofSeconds(20))).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anotherThreadCancels() throws IOException {
    try (Model model = model();
        Session session = model.newSession()) {
      session.cancel(); // nothing runs: nothing happens
      var diary = new Diary();
      session.addListener(diary);
      session.observe(
          Hook.RESID_PRE.layer(5),
          a -> {
            if (a.step() == 3) {
              join(run(session::cancel));
            }
          });
      Generation generation = session.generate(PROMPT, ENDLESS);
      assertThat(generation.end()).isEqualTo(EndReason.CANCELLED);
      assertThat(generation.ids()).hasSize(3);
      assertThat(generation.text()).isNotEmpty();
      assertThat(diary.events).last().isEqualTo("generation end");
      assertThat(diary.of(GenerationEnd.class).getFirst().reason()).contains(EndReason.CANCELLED);
      assertThat(session.generate(new int[0], ENDLESS.maxTokens(2)).ids()).hasSize(2);
    }
  }

  @Test
  void anInterruptCancelsAndStaysSet() throws IOException {
    try (Model model = model();
        Session session = model.newSession()) {
      session.observe(
          Hook.RESID_PRE.layer(5),
          a -> {
            if (a.step() == 3) {
              Thread.currentThread().interrupt();
            }
          });
      Generation generation = session.generate(PROMPT, ENDLESS);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(generation.end()).isEqualTo(EndReason.CANCELLED);
      assertThat(generation.ids()).hasSize(3);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void closingAModelCancelsAndAwaitsWhatRuns() throws Exception {
    Model model = model();
    var running = new CountDownLatch(1);
    Session session = model.newSession();
    Thread closer = Thread.currentThread();
    session.observe(
        Hook.RESID_PRE.layer(5),
        a -> {
          if (a.step() == 2) {
            running.countDown();
            awaitUntil(() -> isClosing(model) && closer.getState() == Thread.State.WAITING);
          }
        });
    var generation = new FutureTask<>(() -> session.generate(PROMPT, ENDLESS));
    run(generation);
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    model.close();
    session.rewind(0); // is not at work any more
    assertThat(generation.get(20, TimeUnit.SECONDS).end()).isEqualTo(EndReason.CANCELLED);
    assertThat(generation.get().ids()).hasSize(2);
    assertClosed(model, session);
    session.close();
  }

  private static void awaitUntil(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && System.nanoTime() - start < 5_000_000_000L) {
      Thread.onSpinWait();
    }
  }

  private static boolean isClosing(Model model) {
    try (Session session = model.newSession()) {
      return session.length() > 0;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static void assertClosed(Model model, Session session) {
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            model::newSession,
            () -> session.append(1),
            () -> session.append(1, 2),
            () -> session.generate("a", ENDLESS))) {
      assertThatThrownBy(use)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed")
          .hasMessageContaining(model.info().name());
    }
  }

  @Test
  void aModelClosedFromACallbackIsFreedWhenTheGenerationEnds() throws IOException {
    Model model = model();
    try (Session session = model.newSession()) {
      session.observe(
          Hook.RESID_PRE.layer(5),
          a -> {
            if (a.step() == 2) {
              model.close();
              assertThat(a.tensor().get(0, 0)).isFinite();
            }
          });
      Generation generation = session.generate(PROMPT, ENDLESS);
      assertThat(generation.end()).isEqualTo(EndReason.CANCELLED);
      assertThat(generation.ids()).hasSize(2);
      assertClosed(model, session);
    }
    model.close();
  }

  @Test
  void aClosedModelLeavesItsFileAlone() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.isReadable(maps), "the system lists what is mapped");
    Path file =
        Files.copy(
            Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"),
            folder.resolve("mapped.gguf"));

    Model model = Model.load(file, LoadOptions.defaults().inFileLayout());
    assertThat(Files.readString(maps)).contains(file.toString());
    model.close();
    assertThat(Files.readString(maps)).doesNotContain(file.toString());

    Model another = Model.load(file, LoadOptions.defaults().inFileLayout());
    try (Session session = another.newSession()) {
      session.observe(Hook.EMBED.all(), _ -> another.close());
      assertThat(session.generate(PROMPT, ENDLESS).end()).isEqualTo(EndReason.CANCELLED);
    }
    assertThat(Files.readString(maps)).doesNotContain(file.toString());
  }

  @Test
  void closingTwiceDoesNothing() throws IOException {
    Model model = model();
    Session session = model.newSession();
    session.append(1);
    session.close();
    session.close();
    model.close();
    model.close();
    assertThat(model.info().layers()).isEqualTo(8);
    assertThat(model.tokenizer().encode("a").ids()).isNotEmpty();
  }

  @Test
  void aClosedSessionCannotBeUsed() throws IOException {
    try (Model model = model()) {
      Session session = model.newSession();
      session.append(PROMPT);
      session.close();
      assertThat(session.cacheBytes()).isZero();
      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> session.append(1),
              () -> session.append(1, 2),
              () -> session.generate("a", ENDLESS),
              session::logits,
              session::fork,
              () -> session.rewind(1))) {
        assertThatThrownBy(use)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      }
    }
  }

  @Test
  void aSessionIsForOneThreadAtATime() throws IOException {
    try (Model model = model();
        Session session = model.newSession()) {
      var refused = new AtomicReference<Throwable>();
      session.observe(
          Hook.EMBED.all(),
          a -> {
            if (a.step() == 1) {
              join(
                  run(() -> {
                    for (ThrowingCallable use :
                        List.<ThrowingCallable>of(
                            () -> session.append(1),
                            () -> session.generate("a", ENDLESS),
                            session::logits,
                            session::fork,
                            () -> session.rewind(1),
                            session::close)) {
                      assertThatThrownBy(use)
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("one thread at a time")
                          .satisfies(refused::set);
                    }
                  }));
            }
          });
      assertThat(session.generate(PROMPT, ENDLESS.maxTokens(4)).ids()).hasSize(4);
      assertThat(refused.get()).isNotNull();
    }
  }

  @Test
  void manyThreadsShareAModel() throws Exception {
    try (Model model = model()) {
      List<Integer> expected;
      try (Session session = model.newSession()) {
        expected = session.generate(PROMPT, ENDLESS.maxTokens(20)).ids();
      }
      List<FutureTask<List<Integer>>> tasks =
          java.util.stream.IntStream.range(0, 5)
              .mapToObj(_ ->
                  new FutureTask<>(() -> {
                    try (Session session = model.newSession()) {
                      return session.generate(PROMPT, ENDLESS.maxTokens(20)).ids();
                    }
                  }))
              .toList();
      tasks.forEach(CloseTest::run);
      for (FutureTask<List<Integer>> task : tasks) {
        assertThat(task.get(20, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    }
  }
}
