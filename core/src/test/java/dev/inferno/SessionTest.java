package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.CacheChange;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A session is a text: what is appended or generated continues it, what is taken back is gone, a
/// fork has the same past, and the cache is as large as the text.
class SessionTest {
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

  private float[] logitsOf(int[] tokens) {
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.append(tokens);
      return session.logits().copy();
    }
  }

  @Test
  void laterTurnsComputeOnlyWhatIsNewAndEqualOnePassOverEverything() {
    List<StepStart> steps = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(
          new StepListener() {
            @Override
            public void onStepStart(StepStart start) {
              steps.add(start);
            }
          });
      List<Integer> all = new ArrayList<>();
      Generation first = session.generate("Once upon a time", GREEDY.maxTokens(3));
      all.addAll(first.promptIds());
      all.addAll(first.ids());
      Generation second = session.generate(" She", GREEDY.maxTokens(2));
      all.addAll(second.promptIds());
      all.addAll(second.ids());

      assertThat(first.promptIds()).hasSize(5); // with the token that begins a text
      assertThat(second.promptIds()).doesNotContain(2043);
      assertThat(session.tokens()).isEqualTo(all.stream().mapToInt(Integer::intValue).toArray());
      int turn = second.promptIds().size();
      assertThat(steps)
          .containsExactly(
              new StepStart(0, 0, 5),
              new StepStart(1, 5, 1),
              new StepStart(2, 6, 1),
              new StepStart(0, 7, 1 + turn), // the last token of the first turn as well
              new StepStart(1, 8 + turn, 1));
      Compare.close("logits", session.logits().copy(), logitsOf(session.tokens()), 1e-4);
    }
  }

  @Test
  void aGenerationMayGoOnWithoutAPrompt() {
    try (Session session = model.newSession(Prompts.EXACT);
        Session other = model.newSession(Prompts.EXACT)) {
      List<Integer> expected = session.generate(tokens(4), GREEDY.maxTokens(6)).ids();
      other.append(tokens(4));
      List<Integer> ids = new ArrayList<>(other.generate(new int[0], GREEDY.maxTokens(2)).ids());
      ids.addAll(other.generate(new int[0], GREEDY.maxTokens(4)).ids());
      assertThat(ids).isEqualTo(expected);
    }
  }

  @Test
  void theUsersOwnLoopGivesWhatGenerateGives() {
    try (Session session = model.newSession(Prompts.EXACT);
        Session other = model.newSession(Prompts.EXACT)) {
      List<Integer> expected = session.generate(tokens(4), GREEDY.maxTokens(6)).ids();
      other.append(tokens(4));
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        ids.add(other.logits().argmax());
        other.append(ids.getLast());
      }
      assertThat(ids).isEqualTo(expected);
    }
  }

  @Test
  void logitsAreThoseOfTheLastToken() {
    try (Session session = model.newSession(Prompts.EXACT)) {
      assertThatThrownBy(session::logits)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no token");
      session.append();
      assertThatThrownBy(session::logits).isInstanceOf(IllegalStateException.class);
      session.append(tokens(3));
      Logits logits = session.logits();
      assertThat(logits.size()).isEqualTo(2048);
      assertThat(logits.argmax()).isEqualTo(Compare.argmax(logits.copy()));
      double sum = 0;
      for (int id = 0; id < logits.size(); id++) {
        sum += logits.probability(id);
      }
      assertThat(sum).isBetween(0.9999, 1.0001);
      assertThatThrownBy(() -> logits.get(2048)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> logits.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void whatIsTakenBackIsGone() {
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.append(tokens(20));
      session.append(1999);
      float[] logits = session.logits().copy();
      session.append(5, 6, 7);
      session.rewind(3);
      assertThat(session.length()).isEqualTo(21);
      assertThat(session.logits().copy()).isEqualTo(logits);
      session.rewind(0);
      assertThat(session.logits().copy()).isEqualTo(logits);
      session.rewind(16);
      assertThat(session.tokens()).isEqualTo(tokens(5));
      Compare.close("logits", session.logits().copy(), logitsOf(tokens(5)), 1e-4);
      session.rewind(5);
      assertThat(session.length()).isZero();
      assertThat(session.cacheBytes()).isZero();
      assertThatThrownBy(session::logits).isInstanceOf(IllegalStateException.class);
      session.append(tokens(5));
      assertThat(session.logits().copy()).isEqualTo(logitsOf(tokens(5)));
      assertThatThrownBy(() -> session.rewind(6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("cannot take back 6 tokens; the session holds 5");
      assertThatThrownBy(() -> session.rewind(-1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aForkHasTheSamePastAndAFutureOfItsOwn() {
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.append(tokens(70));
      session.observe(Hook.EMBED.all(), _ -> fail());
      try (Session fork = session.fork()) {
        assertThat(fork.model()).isSameAs(model);
        assertThat(fork.tokens()).isEqualTo(tokens(70));
        assertThat(fork.contextLength()).isEqualTo(session.contextLength());
        fork.append(3, 4); // its listeners did not come along
        fork.rewind(1);
        assertThat(session.length()).isEqualTo(70);
        assertThat(fork.tokens()).endsWith(3).hasSize(71);
      }
      assertThat(session.tokens()).isEqualTo(tokens(70));
    }
  }

  @Test
  void forksWorkOnDifferentThreadsAtOnce() throws Exception {
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.append(tokens(50)); // within a page
      List<float[]> expected = new ArrayList<>();
      for (int id = 0; id < 3; id++) {
        try (Session alone = session.fork()) {
          expected.add(continued(alone, id));
        }
      }
      for (int round = 0; round < 5; round++) {
        List<FutureTask<float[]>> tasks = new ArrayList<>();
        for (int id = 0; id < 3; id++) {
          int first = id;
          Session fork = session.fork();
          tasks.add(
              new FutureTask<>(() -> {
                try (fork) {
                  return continued(fork, first);
                }
              }));
        }
        tasks.forEach(task -> Thread.ofPlatform().start(task));
        for (int id = 0; id < 3; id++) {
          assertThat(tasks.get(id).get(20, TimeUnit.SECONDS)).isEqualTo(expected.get(id));
        }
      }
    }
  }

  private static float[] continued(Session session, int first) {
    for (int i = 0; i < 20; i++) {
      session.append(first + i);
    }
    return session.logits().copy();
  }

  private static void fail() {
    throw new AssertionError("a fork has no listeners");
  }

  @Test
  void pagesOfTheCacheAreAllocatedAsTheyFill() {
    long perPage = 8L * 64 * (64 + 64) * Float.BYTES; // layers, positions, keys and values
    for (KeyValueType type : KeyValueType.values()) {
      long page =
          switch (type) {
            case F32 -> perPage;
            case F16 -> perPage / 2;
            case Q8_0 -> perPage / 4 + perPage / 4 * 2 / 32; // a scale of two bytes for 32 numbers
          };
      try (Session session = model.newSession(SessionOptions.defaults().keyValueType(type))) {
        assertThat(session.cacheBytes()).isZero();
        session.append(1);
        assertThat(session.cacheBytes()).as("%s", type).isEqualTo(page);
        session.append(tokens(63));
        assertThat(session.cacheBytes()).isEqualTo(page);
        session.append(1);
        assertThat(session.cacheBytes()).isEqualTo(2 * page);
        session.rewind(2);
        assertThat(session.cacheBytes()).isEqualTo(page);
        session.append(tokens(200));
        assertThat(session.cacheBytes()).isEqualTo(5 * page);
      }
    }
  }

  @Test
  void halfPrecisionIsTheDefaultAndNearlyExact() {
    try (Session half = model.newSession();
        Session exact = model.newSession(Prompts.EXACT)) {
      half.append(tokens(70));
      exact.append(tokens(70));
      assertThat(half.cacheBytes()).isEqualTo(exact.cacheBytes() / 2);
      assertThat(half.logits().copy()).isNotEqualTo(exact.logits().copy());
      Compare.close("logits", half.logits().copy(), exact.logits().copy(), 0.05);
    }
  }

  @Test
  void aCancelledAppendLeavesTheSessionAsItWas() {
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.append(tokens(5));
      float[] logits = session.logits().copy();
      Session.Registration canceller =
          session.observe(Hook.RESID_MID.layer(2), _ -> session.cancel());
      assertThatThrownBy(() -> session.append(7, 8, 9)).isInstanceOf(CancellationException.class);
      assertThatThrownBy(() -> session.append(7)).isInstanceOf(CancellationException.class);
      canceller.close();
      assertThat(session.tokens()).isEqualTo(tokens(5));
      assertThat(session.logits().copy()).isEqualTo(logits);
      session.append(7, 8, 9);
      Compare.close("logits", session.logits().copy(), logitsOf(session.tokens()), 1e-4);
    }
  }

  @Test
  void aPromptCancelledBetweenItsChunksIsTakenBackWhole() throws IOException {
    try (Model llama = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = llama.newSession(Prompts.EXACT.contextLength(2000))) {
      int[] prompt = Arrays.stream(tokens(1100)).map(id -> id % 300).toArray();
      session.append(1, 2);
      Session.Registration canceller =
          session.observe(Hook.EMBED.all().positions(1000), _ -> session.cancel());
      assertThatThrownBy(() -> session.append(prompt)).isInstanceOf(CancellationException.class);
      canceller.close();
      assertThat(session.tokens()).containsExactly(1, 2);
      session.append(3);
      try (Session other = llama.newSession(Prompts.EXACT)) {
        other.append(1, 2);
        other.append(3);
        assertThat(session.logits().copy()).isEqualTo(other.logits().copy());
      }
    }
  }

  @Test
  void anInterruptedThreadComputesNothing() {
    try (Session session = model.newSession()) {
      session.append(tokens(3));
      session.rewind(1);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> session.append(1)).isInstanceOf(CancellationException.class);
      assertThatThrownBy(session::logits).isInstanceOf(CancellationException.class);
      assertThat(session.generate(tokens(2), GREEDY).end()).isEqualTo(EndReason.CANCELLED);
      assertThat(Thread.interrupted()).as("the status is kept").isTrue();
      session.append(1);
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void tokensAreCopies() {
    try (Session session = model.newSession()) {
      int[] prompt = tokens(3);
      session.append(prompt);
      prompt[0] = 0;
      session.tokens()[1] = 0;
      assertThat(session.tokens()).isEqualTo(tokens(3));
    }
  }

  @Test
  void anAppendThatAListenerEndsTellsWhichPositionsItDropped() {
    List<CacheChange> changes = new ArrayList<>();
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(1024))) {
      session.addListener(
          new StepListener() {
            @Override
            public void onCacheChange(CacheChange change) {
              changes.add(change);
              if (changes.size() == 1) {
                throw new IllegalStateException("on purpose");
              }
            }
          });
      assertThatThrownBy(() -> session.append(tokens(700))).isInstanceOf(ListenerException.class);
      assertThat(session.length()).isZero();
    }
    assertThat(changes)
        .containsExactly(
            new CacheChange(CacheChange.Kind.WRITE, 0, 0, 512, 0),
            new CacheChange(CacheChange.Kind.DROP, 0, 0, 512, 0));
  }
}
