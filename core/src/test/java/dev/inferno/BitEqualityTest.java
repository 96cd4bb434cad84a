package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A row's result depends on its segment and the weights only: not on the number of threads, on
/// texts beside it, on who watches, on a detour by fork or rewind. To the last bit.
class BitEqualityTest {
  private static final int SHORT = 7; // of the decode class, at most 16 rows
  private static final int LONG = 71; // of the prefill class, more than a page of keys

  static List<Arguments> modelsAndCaches() {
    List<Arguments> all = new ArrayList<>();
    for (String model :
        List.of(
            "arch/llama/model-f32.gguf",
            "arch/llama-bias/model-f32.gguf",
            "quant/llama-256/model-Q4_K_M.gguf",
            "models/inferno-tiny/inferno-tiny-q8_0.gguf")) {
      for (KeyValueType type : KeyValueType.values()) {
        all.add(Arguments.of(model, type));
      }
    }
    for (String model : TinyModels.BESIDE_LLAMA) {
      all.add(Arguments.of(model, KeyValueType.F16));
    }
    return all;
  }

  private static Model load(String model) throws IOException {
    return TinyModels.BESIDE_LLAMA.contains(model)
        ? TinyModels.load(model)
        : Model.load(Fixtures.copied(model));
  }

  private static int[] tokens(Model model, int seed, int count) {
    return new Random(seed).ints(count, 0, model.info().vocabulary()).toArray();
  }

  /// The logits behind a prompt and behind two steps after it.
  private static List<float[]> alone(Model model, KeyValueType type, int[] prompt) {
    var alone = new SideBySide(model, type, 1);
    SideBySide.Text text = alone.unwatched();
    List<float[]> logits = new ArrayList<>();
    alone.forward(prompt);
    logits.add(text.logits());
    for (int step = 0; step < 2; step++) {
      alone.forward(best(text));
      logits.add(text.logits());
    }
    return logits;
  }

  private static int[] best(SideBySide.Text text) {
    return new int[] {Compare.argmax(text.logits())};
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void aTextHasTheSameLogitsAloneAndBesideAnotherOnAnyNumberOfThreads(
      String file, KeyValueType type) throws IOException {
    try (Model model = load(file)) {
      for (int[] lengths : new int[][] {{SHORT, SHORT}, {LONG, SHORT}, {SHORT, LONG}, {LONG, 30}}) {
        int[] first = tokens(model, 1, lengths[0]);
        int[] second = tokens(model, 2, lengths[1]);
        List<float[]> firstAlone = alone(model, type, first);
        List<float[]> secondAlone = alone(model, type, second);
        for (int threads = 1; threads <= 4; threads++) {
          for (boolean watched : new boolean[] {false, true}) {
            String what =
                "%s, %d and %d tokens, %d threads, watched: %s"
                    .formatted(type, lengths[0], lengths[1], threads, watched);
            var both = new SideBySide(model, type, threads);
            SideBySide.Text one = watched ? both.watchedBy(new Captured("all")) : both.unwatched();
            SideBySide.Text other = both.unwatched();
            both.forward(first, second);
            assertThat(one.logits()).as(what).isEqualTo(firstAlone.get(0));
            assertThat(other.logits()).as(what).isEqualTo(secondAlone.get(0));
            for (int step = 1; step <= 2; step++) {
              both.forward(best(one), best(other));
              assertThat(one.logits())
                  .as("%s, step %d", what, step)
                  .isEqualTo(firstAlone.get(step));
              assertThat(other.logits())
                  .as("%s, step %d", what, step)
                  .isEqualTo(secondAlone.get(step));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void whatAListenerSeesIsTheSameAloneAndBesideAnother(String file, KeyValueType type)
      throws IOException {
    try (Model model = load(file)) {
      for (int length : new int[] {SHORT, LONG}) {
        int[] prompt = tokens(model, 3, length);
        var expected = new Captured("all");
        var alone = new SideBySide(model, type, 1);
        alone.watchedBy(expected);
        alone.forward(prompt);

        var seen = new Captured("all");
        var seenOfOther = new Captured("all");
        var both = new SideBySide(model, type, 4);
        both.watchedBy(seenOfOther);
        both.watchedBy(seen);
        both.forward(tokens(model, 4, LONG), prompt);
        requireSame(seen, expected);
        assertThat(seenOfOther.arrays()).hasSameSizeAs(expected.arrays());
      }
    }
  }

  private static void requireSame(Captured actual, Captured expected) {
    assertThat(actual.arrays().keySet()).isEqualTo(expected.arrays().keySet()).isNotEmpty();
    actual
        .arrays()
        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.array(name)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void aSessionGivesTheSameLogitsOnAnyNumberOfThreadsWatchedAndUnwatched(
      String file, KeyValueType type) throws IOException {
    try (Model model = load(file)) {
      for (int length : new int[] {1, SHORT, LONG}) {
        int[] prompt = tokens(model, 5, length);
        List<float[]> expected = alone(model, type, prompt);
        for (int threads = 1; threads <= 4; threads++) {
          for (boolean watched : new boolean[] {false, true}) {
            var options = SessionOptions.defaults().keyValueType(type).threads(threads);
            try (Session session = model.newSession(options)) {
              if (watched) {
                session.addListener(new Captured("all"));
              }
              session.append(prompt);
              for (float[] logits : expected) {
                assertThat(session.logits().copy())
                    .as("%d tokens, %d threads, watched: %s", length, threads, watched)
                    .isEqualTo(logits);
                session.append(session.logits().argmax());
              }
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void forksContinueAsTheOneTheyCameFromWould(String file, KeyValueType type) throws IOException {
    try (Model model = load(file);
        Session session = model.newSession(SessionOptions.defaults().keyValueType(type));
        Session untouched = model.newSession(SessionOptions.defaults().keyValueType(type))) {
      int[] prompt = tokens(model, 6, LONG);
      int[] ours = tokens(model, 7, 56); // beyond the page that both begin in
      int[] theirs = tokens(model, 8, 56);
      session.append(prompt);
      untouched.append(prompt);
      try (Session fork = session.fork()) {
        assertThat(fork.logits().copy()).isEqualTo(session.logits().copy());
        for (int i = 0; i < ours.length; i++) {
          session.append(ours[i]);
          fork.append(theirs[i]);
          untouched.append(ours[i]);
          assertThat(session.logits().copy()).isEqualTo(untouched.logits().copy());
        }
        assertThat(fork.tokens()).startsWith(prompt).endsWith(theirs);
        untouched.rewind(ours.length);
        for (int id : theirs) {
          untouched.append(id);
        }
        assertThat(fork.logits().copy()).isEqualTo(untouched.logits().copy());
      }
      session.append(1); // the fork is closed, what it shared is not
      session.rewind(57);
      session.append(theirs[0]);
      untouched.rewind(theirs.length);
      untouched.append(theirs[0]);
      assertThat(session.logits().copy()).isEqualTo(untouched.logits().copy());
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void aTextIsTheSameHoweverItIsCutWithinAClass(String file, KeyValueType type) throws IOException {
    try (Model model = load(file);
        Session session = model.newSession(SessionOptions.defaults().keyValueType(type))) {
      int[] text = tokens(model, 9, 100);
      Map<Integer, float[]> expected = new TreeMap<>();
      for (int i = 0; i < 40; i++) { // one by one
        session.append(text[i]);
        expected.put(i, session.logits().copy());
      }
      for (int rows : new int[] {2, 5, 16}) {
        session.rewind(session.length());
        for (int from = 0; from + rows <= 40; from += rows) {
          session.append(Arrays.copyOfRange(text, from, from + rows));
          assertThat(session.logits().copy())
              .as("%d rows from %d", rows, from)
              .isEqualTo(expected.get(from + rows - 1));
        }
      }
      session.rewind(session.length());
      session.append(text);
      float[] whole = session.logits().copy();
      session.rewind(100);
      session.append(Arrays.copyOf(text, 30));
      session.append(Arrays.copyOfRange(text, 30, 83));
      session.append(Arrays.copyOfRange(text, 83, 100));
      assertThat(session.logits().copy()).as("three long pieces").isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndCaches")
  void whatIsTakenBackAndAppendedAgainHasTheSameLogits(String file, KeyValueType type)
      throws IOException {
    try (Model model = load(file);
        Session session = model.newSession(SessionOptions.defaults().keyValueType(type))) {
      int[] text = tokens(model, 10, 100);
      session.append(Arrays.copyOf(text, LONG));
      Map<Integer, float[]> expected = new TreeMap<>();
      for (int i = LONG; i < text.length; i++) {
        session.append(text[i]);
        expected.put(i, session.logits().copy());
      }
      for (int back : new int[] {1, 2, text.length - LONG}) {
        session.rewind(back);
        for (int i = text.length - back; i < text.length; i++) {
          session.append(text[i]);
          assertThat(session.logits().copy())
              .as("token %d after taking back %d", i, back)
              .isEqualTo(expected.get(i));
        }
      }
      session.rewind(1);
      session.logits(); // that of a last token of the decode class is computed again
      session.append(text[99]);
      assertThat(session.logits().copy()).isEqualTo(expected.get(99));
    }
  }

  @Test
  void theTeamOfTheseTestsHasFourThreads() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession(SessionOptions.defaults().threads(4))) {
      assertThat(session.length()).isZero();
    }
  }
}
