package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Activation;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Listeners and generations keep apart: one that throws ends its own generation only, and two that
/// run at once do not mix.
class ListenerIsolationTest {
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
  void anAssertionThatFailsInALambdaIsReportedByItsClass() {
    try (Session session = model.newSession()) {
      Consumer<Activation> consumer =
          _ -> {
            throw new AssertionError("on purpose");
          };
      session.observe(Hook.Z.layer(2), consumer);
      assertThatThrownBy(() -> session.append(1))
          .isInstanceOf(ListenerException.class)
          .hasMessageStartingWith(
              "listener " + consumer.getClass().getName() + " threw at blocks.2")
          .hasCauseInstanceOf(AssertionError.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "generation start, generation start, 0",
    "prompt, prompt tokens, 0",
    "step start 1, step start, 1",
    "blocks.2.attn.hook_z 1, blocks.2.attn.hook_z, 1",
    "logits 0, logits, 0",
    "cache WRITE 1, cache change, 1",
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
}
