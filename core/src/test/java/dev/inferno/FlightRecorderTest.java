package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Hook;
import dev.inferno.observe.ListenerException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
  private static final Path FILE = Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf");
  private static final List<String> EVENTS =
      List.of(
          "dev.inferno.Load",
          "dev.inferno.Prefill",
          "dev.inferno.DecodeStep",
          "dev.inferno.Generation");
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();

  @TempDir private Path folder;
  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(FILE);
  }

  @AfterEach
  void close() {
    model.close();
  }

  /// What a recording with these events enabled holds of ours, in the order of time.
  private List<RecordedEvent> record(List<String> enabled, Runnable work) {
    try (var recording = new Recording()) {
      enabled.forEach(name -> recording.enable(name).withoutThreshold());
      recording.start();
      work.run();
      recording.stop();
      Path file = folder.resolve("test.jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().startsWith("dev.inferno."))
          .sorted(java.util.Comparator.comparing(RecordedEvent::getStartTime))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Generation generate(Session session) {
    session.append(7);
    return session.generate(new int[] {11, 48, 85}, GREEDY.maxTokens(4));
  }

  @Test
  void aGenerationIsRecordedWithItsParts() {
    try (Session session = model.newSession()) {
      var generation = new Generation[1];
      List<RecordedEvent> events = record(EVENTS, () -> generation[0] = generate(session));
      assertThat(events)
          .extracting(event -> event.getEventType().getName())
          .containsExactly(
              "dev.inferno.Generation",
              "dev.inferno.Prefill",
              "dev.inferno.DecodeStep",
              "dev.inferno.DecodeStep",
              "dev.inferno.DecodeStep");
      assertThat(events)
          .allSatisfy(event -> {
            assertThat(event.getString("model")).isEqualTo(model.info().name());
            assertThat(event.getStackTrace()).isNull();
            assertThat(event.getDuration()).isPositive();
          });

      RecordedEvent whole = events.get(0);
      assertThat(whole.getInt("promptTokens")).isEqualTo(3);
      assertThat(whole.getInt("generatedTokens")).isEqualTo(4);
      assertThat(whole.getDuration("prefillNanos").toNanos())
          .isEqualTo(generation[0].prefillNanos());
      assertThat(whole.getDuration("decodeNanos").toNanos()).isEqualTo(generation[0].decodeNanos());
      assertThat(whole.getDouble("tokensPerSecond"))
          .isCloseTo(generation[0].decodeTokensPerSecond(), within(1e-6));
      assertThat(whole.getString("reason")).isEqualTo("LENGTH");

      RecordedEvent prefill = events.get(1);
      assertThat(prefill.getInt("firstPosition")).isEqualTo(1);
      assertThat(prefill.getInt("tokens")).isEqualTo(3);
      assertThat(prefill.getDuration("forwardNanos").toNanos())
          .isEqualTo(generation[0].prefillNanos());
      assertThat(prefill.getDouble("tokensPerSecond")).isPositive();

      for (int step = 1; step <= 3; step++) {
        RecordedEvent decode = events.get(1 + step);
        assertThat(decode.getInt("step")).isEqualTo(step);
        assertThat(decode.getInt("position")).isEqualTo(3 + step);
        assertThat(decode.getDuration("forwardNanos")).isPositive();
        assertThat(decode.getDuration("samplingNanos")).isPositive();
        assertThat(decode.getDouble("tokensPerSecond")).isPositive();
      }
    }
  }

  @Test
  void aLoadIsRecorded() {
    List<RecordedEvent> events =
        record(
            EVENTS,
            () -> {
              try {
                Model.load(FILE).close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(events).hasSize(1);
    RecordedEvent load = events.getFirst();
    assertThat(load.getEventType().getName()).isEqualTo("dev.inferno.Load");
    assertThat(load.getString("model")).isEqualTo(model.info().name());
    assertThat(load.getString("architecture")).isEqualTo("llama");
    assertThat(load.getString("quantization")).isEqualTo(model.info().quantization());
    assertThat(load.getLong("sizeBytes")).isEqualTo(model.info().sizeBytes());
    assertThat(load.getLong("parameters")).isEqualTo(model.info().parameters());
  }

  @Test
  void onlyWhatARecordingEnablesIsRecorded() {
    try (Session session = model.newSession()) {
      assertThat(record(List.of(), () -> generate(session))).isEmpty();
      assertThat(record(List.of("dev.inferno.Prefill"), () -> generate(session)))
          .extracting(event -> event.getEventType().getName())
          .containsExactly("dev.inferno.Prefill");
    }
  }

  @Test
  void aGenerationThatFailsIsRecordedAsFailed() {
    try (Session session = model.newSession()) {
      session.observe(
          Hook.LOGITS.all(),
          activation -> {
            if (activation.step() == 1) {
              throw new IllegalStateException("on purpose");
            }
          });
      List<RecordedEvent> events =
          record(
              List.of("dev.inferno.Generation", "dev.inferno.DecodeStep"),
              () ->
                  assertThatThrownBy(() -> session.generate(new int[] {11}, GREEDY.maxTokens(4)))
                      .isInstanceOf(ListenerException.class));
      assertThat(events).hasSize(1);
      assertThat(events.getFirst().getString("reason")).isEqualTo("FAILED");
      assertThat(events.getFirst().getInt("generatedTokens")).isEqualTo(1);
    }
  }
}
