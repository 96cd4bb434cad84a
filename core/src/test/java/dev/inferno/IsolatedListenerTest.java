package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A listener that is isolated loses its own place when it throws, and nobody else's.
class IsolatedListenerTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(3);
  private static final int[] PROMPT = {11, 48, 85};

  private static final Logger LOGGER = Logger.getLogger("dev.inferno");

  private final List<LogRecord> logged = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
  }

  @AfterEach
  void close() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
    model.close();
  }

  /// Throws at one event, and at every one after it.
  private static final class Thrower extends Diary {
    Thrower(String event, Runnable thrower) {
      super(
          new Consumer<>() {
            private boolean broken;

            @Override
            public void accept(String now) {
              broken |= now.equals(event);
              if (broken) {
                thrower.run();
              }
            }
          });
    }

    Thrower(String event) {
      this(
          event,
          () -> {
            throw new IllegalStateException("on purpose");
          });
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
  void itIsDetachedAndNamedAndTheGenerationGoesOn(String event, String where, int step) {
    try (Session plain = model.newSession();
        Session session = model.newSession()) {
      var undisturbed = new Diary();
      plain.addListener(undisturbed);
      List<Integer> expected = plain.generate(PROMPT, GREEDY).ids();

      var before = new Diary();
      var thrower = new Thrower(event);
      var after = new Diary();
      session.addListener(before);
      Session.Registration registration = session.addListener(thrower, ListenerErrors.ISOLATE);
      session.addListener(after);
      assertThat(registration.failure()).isEmpty();
      assertThat(session.generate(PROMPT, GREEDY).ids()).isEqualTo(expected);

      assertThat(before.events).isEqualTo(undisturbed.events);
      assertThat(after.events).isEqualTo(undisturbed.events);
      assertThat(after.of(GenerationEnd.class).getFirst().reason()).contains(EndReason.LENGTH);
      assertThat(thrower.events)
          .isEqualTo(undisturbed.events.subList(0, undisturbed.events.indexOf(event) + 1));

      String message =
          "listener %s threw at %s, step %d: java.lang.IllegalStateException: on purpose"
              .formatted(Thrower.class.getName(), where, step);
      assertThat(registration.failure())
          .hasValueSatisfying(failure ->
              assertThat(failure)
                  .hasMessage(message)
                  .hasCauseInstanceOf(IllegalStateException.class));
      assertThat(logged).hasSize(1);
      assertThat(logged.getFirst().getLevel()).isEqualTo(Level.WARNING);
      assertThat(logged.getFirst().getMessage()).contains("detached");
      assertThat(logged.getFirst().getThrown()).isSameAs(registration.failure().orElseThrow());

      session.generate(PROMPT, GREEDY);
      assertThat(thrower.events).endsWith(event);
      assertThat(logged).hasSize(1);
      registration.close();
      assertThat(registration.failure()).isPresent();
    }
  }

  @Test
  void itsPlanCostsNothingFromTheNextStepOn() {
    try (Session session = model.newSession()) {
      var thrower = new Thrower("selection 0");
      session.addListener(thrower, ListenerErrors.ISOLATE);
      session.generate(PROMPT, GREEDY.maxTokens(1));
      assertThat(session.observation().listening()).isTrue();
      session.append(5);
      assertThat(session.observation().listening()).isFalse();
      for (Hook hook : Hook.values()) {
        assertThat(session.observation().wants(hook, hook.perLayer() ? 2 : -1)).isFalse();
      }
    }
  }

  @Test
  void itsBudgetNoLongerRefusesAGeneration() {
    try (Session session = model.newSession()) {
      var thrower =
          new Diary(
              _ -> {
                throw new IllegalStateException("on purpose");
              }) {
            @Override
            public ObservationPlan plan(ModelInfo info) {
              return super.plan(info).within(200_000);
            }
          };
      session.addListener(thrower, ListenerErrors.ISOLATE);
      assertThatThrownBy(() -> session.generate(PROMPT, GREEDY.maxTokens(100)))
          .hasMessageContaining("its budget is 200000");
      session.generate(PROMPT, GREEDY);
      assertThat(session.generate(PROMPT, GREEDY.maxTokens(100)).ids()).hasSize(100);
    }
  }

  @Test
  void inAnOwnLoopTooAndWithAnAssertionThatFails() {
    try (Session session = model.newSession()) {
      var thrower =
          new Thrower(
              "blocks.2.attn.hook_z 0",
              () -> {
                throw new AssertionError("on purpose");
              });
      Session.Registration registration = session.addListener(thrower, ListenerErrors.ISOLATE);
      session.append(PROMPT);
      session.append(5);
      assertThat(thrower.events)
          .containsExactly("step start 0", "hook_embed 0", "blocks.2.attn.hook_z 0");
      assertThat(registration.failure().orElseThrow()).hasCauseInstanceOf(AssertionError.class);
    }
  }

  @Test
  void oneRegisteredTwiceIsDetachedWhereItWasIsolated() {
    try (Session session = model.newSession()) {
      var thrower = new Thrower("selection 1");
      Session.Registration isolated = session.addListener(thrower, ListenerErrors.ISOLATE);
      Session.Registration other = session.addListener(thrower);
      assertThatThrownBy(() -> session.generate(PROMPT, GREEDY))
          .isInstanceOf(ListenerException.class);
      assertThat(isolated.failure()).isPresent();
      assertThat(other.failure()).isEmpty();
    }
  }

  @Test
  void anErrorOfTheVirtualMachineIsNotKeptFromTheCaller() {
    try (Session session = model.newSession()) {
      var error = new OutOfMemoryError("on purpose");
      Session.Registration registration =
          session.addListener(
              new Thrower(
                  "selection 1",
                  () -> {
                    throw error;
                  }),
              ListenerErrors.ISOLATE);
      assertThatThrownBy(() -> session.generate(PROMPT, GREEDY)).isSameAs(error);
      assertThat(registration.failure()).isEmpty();
      assertThat(logged).isEmpty();
    }
  }

  @Test
  void whatIsImpossibleInItsPlanIsRefusedAllTheSame() {
    try (Session session = model.newSession()) {
      assertThatThrownBy(() ->
              session.addListener(
                  new PointListener(Hook.Z.layer(99), _ -> {}), ListenerErrors.ISOLATE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("8 layers");
    }
  }
}
