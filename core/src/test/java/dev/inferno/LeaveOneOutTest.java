package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Hook;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LeaveOneOutTest {
  private static final int TARGET = 77;

  private static int[] tokens(int length) {
    return new Random(length).ints(length, 0, 384).toArray();
  }

  private static int[] without(int[] tokens, int position) {
    return IntStream.range(0, tokens.length)
        .filter(i -> i != position)
        .map(i -> tokens[i])
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "qwen3", "gemma2", "gpt2", "mistral", "mixtral"})
  void eachChangeIsThatOfARunOnTheShortenedText(String name) throws IOException {
    for (int length : new int[] {2, 9, 40}) { // 40 tokens are of both classes of kernel
      int[] tokens = tokens(length);
      try (Model model = TinyModels.load(name);
          Session session = model.newSession(Prompts.EXACT)) {
        session.append(tokens);
        LeaveOneOut result = LeaveOneOut.of(session, TARGET);
        assertThat(result.target()).isEqualTo(TARGET);
        assertThat(result.logit()).isEqualTo(session.logits().get(TARGET));
        assertThat(result.without()).hasSize(length);
        for (LeaveOneOut.Without each : result.without()) {
          int i = each.position();
          assertThat(each.token()).isEqualTo(tokens[i]);
          assertThat(each.logitChange()).isEqualTo(each.logit() - result.logit());
          assertThat(each.logProbabilityChange())
              .isEqualTo(each.logProbability() - result.logProbability());
          try (Session scratch = model.newSession(Prompts.EXACT)) {
            scratch.append(without(tokens, i));
            Logits logits = scratch.logits();
            String what = "%d tokens without number %d".formatted(length, i);
            boolean sameClasses = length <= 16 || i == 0;
            double tolerance = sameClasses ? 0 : 1e-4;
            assertThat(each.logit()).as(what).isCloseTo(logits.get(TARGET), within(tolerance));
            assertThat(each.logProbability())
                .as(what)
                .isCloseTo(logits.get(TARGET) - logits.logSumExp(), within(tolerance));
          }
        }
      }
    }
  }

  @Test
  void theSessionStaysAsItIsAndTheProgressIsTold() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      session.append(tokens(5));
      float[] before = session.logits().copy();
      List<String> progress = new ArrayList<>();
      LeaveOneOut.of(session, TARGET, (done, of) -> progress.add(done + " of " + of));
      assertThat(progress).containsExactly("1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5");
      assertThat(session.tokens()).isEqualTo(tokens(5));
      assertThat(session.logits().copy()).isEqualTo(before);
      session.append(1);
      assertThat(session.length()).isEqualTo(6);
    }
  }

  @Test
  void listenersAndInterventionsOfTheSessionDoNotAct() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      session.append(tokens(5));
      LeaveOneOut expected = LeaveOneOut.of(session, TARGET);
      session.intervene(Hook.EMBED.all().zero());
      session.addListener(
          new StepListener() {
            @Override
            public void onStepEnd(StepEnd event) {
              throw new AssertionError("a step: " + event);
            }
          });
      assertThat(LeaveOneOut.of(session, TARGET)).isEqualTo(expected);
    }
  }

  @Test
  void itIsCancelledThroughTheSession() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      session.append(tokens(5));
      session.cancel(); // nothing runs yet: without effect
      List<Integer> progress = new ArrayList<>();
      assertThatThrownBy(() ->
              LeaveOneOut.of(
                  session,
                  TARGET,
                  (done, _) -> {
                    progress.add(done);
                    if (done == 2) {
                      session.cancel();
                    }
                  }))
          .isInstanceOf(CancellationException.class)
          .hasMessage("leaving out tokens was cancelled");
      assertThat(progress).containsExactly(1, 2);
      assertThat(LeaveOneOut.of(session, TARGET).without()).hasSize(5); // it works on
    }
  }

  @Test
  void interruptionEndsIt() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      session.append(tokens(5));
      assertThatThrownBy(
              () -> LeaveOneOut.of(session, TARGET, (_, _) -> Thread.currentThread().interrupt()))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      assertThatThrownBy(() -> LeaveOneOut.of(session, TARGET))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a text of at least 2 tokens is needed to leave one out, but it has 0");
      session.append(1);
      assertThatThrownBy(() -> LeaveOneOut.of(session, TARGET))
          .isInstanceOf(IllegalArgumentException.class);
      session.append(2);
      assertThatThrownBy(() -> LeaveOneOut.of(session, 384))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> LeaveOneOut.of(session, -1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
