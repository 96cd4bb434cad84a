package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.StepListener;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Hooks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What {@link BitEqualityTest} shows of the models that are copied, for every one of the fixtures
/// and with more around it: tokens and logits depend on nothing but the text and the weights,
/// whoever watches, however many threads there are, whatever is done to a text beside it.
@Tag("models")
class ArchitecturesBitEqualityTest {
  private static final int SHORT = 7; // of the decode class, at most 16 rows
  private static final int LONG = 50; // of the prefill class; a GPT-2 here has 64 positions
  private static final int STEPS = 3;

  static List<String> models() throws IOException {
    return FixtureModels.folders();
  }

  private static int[] tokens(Model model, int seed, int count) {
    return new Random(seed).ints(count, 0, model.info().vocabulary()).toArray();
  }

  @ParameterizedTest
  @MethodSource("models")
  void aGenerationHasTheSameTokensAndLogitsWatchedAndUnwatchedOnAnyNumberOfThreads(String name)
      throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {1, SHORT, LONG}) {
        int[] prompt = tokens(model, length, length);
        var seen = new Captured("all");
        Result expected = generate(model, prompt, 1, List.of());
        generate(model, prompt, 1, List.of(seen));
        for (int threads = 1; threads <= 4; threads++) {
          var captured = new Captured("all");
          for (List<StepListener> listeners :
              List.of(
                  List.<StepListener>of(),
                  List.<StepListener>of(new StepListener() {}),
                  List.<StepListener>of(captured))) {
            Result result = generate(model, prompt, threads, listeners);
            String what = "%d tokens, %d threads, %s".formatted(length, threads, listeners);
            assertThat(result.ids).as(what).isEqualTo(expected.ids);
            assertThat(result.logits).as(what).isEqualTo(expected.logits);
          }
          requireSame(captured, seen);
        }
      }
    }
  }

  /// What a generation chose, and the logits behind the last but one of it.
  private static final class Result {
    final List<Integer> ids;
    final float[] logits;

    Result(List<Integer> ids, float[] logits) {
      this.ids = ids;
      this.logits = logits;
    }
  }

  private static Result generate(
      Model model, int[] prompt, int threads, List<StepListener> listeners) {
    try (Session session = model.newSession(SessionOptions.defaults().threads(threads))) {
      listeners.forEach(session::addListener);
      GenerationOptions sampled =
          GenerationOptions.defaults().seed(4).ignoreEndOfText().maxTokens(STEPS + 1);
      List<Integer> ids = session.generate(prompt, sampled).ids();
      session.rewind(1); // the last one never passed through the model
      return new Result(ids, session.logits().copy());
    }
  }

  private static void requireSame(Captured actual, Captured expected) {
    assertThat(actual.arrays().keySet()).isEqualTo(expected.arrays().keySet()).isNotEmpty();
    expected
        .arrays()
        .forEach((point, values) -> assertThat(actual.array(point)).as(point).isEqualTo(values));
  }

  /// What is done to the text beside.
  private enum Beside {
    NOTHING,
    WATCHED,
    IDENTITY_EDITS,
    CHANGED;

    SideBySide.Text text(SideBySide texts, Model model) {
      return switch (this) {
        case NOTHING -> texts.unwatched();
        case WATCHED -> texts.watchedBy(new Captured("all"));
        case IDENTITY_EDITS -> texts.editedBy(scaled(model, 1), new Captured("hook_embed"));
        case CHANGED -> texts.editedBy(scaled(model, 0.5f), new Captured("all"));
      };
    }

    private static List<Intervention> scaled(Model model, float factor) {
      return Hooks.of(model).stream()
          .filter(Hook::editable)
          .map(hook -> hook.all().everyPosition().scale(factor))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aTextIsTheSameAloneAndBesideOneThatIsWatchedOrChanged(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        int[] prompt = tokens(model, 1, length);
        var alone = new SideBySide(model, KeyValueType.F16, 1);
        var expectedSeen = new Captured("all");
        List<float[]> expected = pass(alone, prompt, alone.watchedBy(expectedSeen));
        for (Beside beside : Beside.values()) {
          for (int besideLength : new int[] {SHORT, LONG}) {
            for (int threads = 1; threads <= 4; threads++) {
              boolean watched = threads % 2 == 0;
              String what =
                  "%d tokens, watched: %s, beside %d with %s, %d threads"
                      .formatted(length, watched, besideLength, beside, threads);
              var both = new SideBySide(model, KeyValueType.F16, threads);
              var seen = new Captured("all");
              SideBySide.Text text = watched ? both.watchedBy(seen) : both.unwatched();
              SideBySide.Text other = beside.text(both, model);
              int[] otherPrompt = tokens(model, 2, besideLength);
              assertThat(pass(both, prompt, text, otherPrompt, other))
                  .as(what)
                  .usingElementComparator(Arrays::compare)
                  .isEqualTo(expected);
              if (watched) {
                requireSame(seen, expectedSeen);
              }
            }
          }
        }
      }
    }
  }

  /// The logits of a text behind its prompt and behind some steps, alone.
  private static List<float[]> pass(SideBySide alone, int[] prompt, SideBySide.Text text) {
    List<float[]> logits = new ArrayList<>();
    alone.forward(prompt);
    for (int step = 0; step < STEPS; step++) {
      logits.add(text.logits());
      alone.forward(best(text));
    }
    logits.add(text.logits());
    return logits;
  }

  /// The same beside another.
  private static List<float[]> pass(
      SideBySide both,
      int[] prompt,
      SideBySide.Text text,
      int[] otherPrompt,
      SideBySide.Text other) {
    List<float[]> logits = new ArrayList<>();
    both.forward(prompt, otherPrompt);
    for (int step = 0; step < STEPS; step++) {
      logits.add(text.logits());
      both.forward(best(text), best(other));
    }
    logits.add(text.logits());
    return logits;
  }

  private static int[] best(SideBySide.Text text) {
    return new int[] {Compare.argmax(text.logits())};
  }
}
