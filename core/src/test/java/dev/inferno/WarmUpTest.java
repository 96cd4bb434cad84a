package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.MalformedModelException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What loading does in the background.
class WarmUpTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(8);

  @TempDir Path folder;

  private static Path file() {
    return Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf");
  }

  private static void joinAll() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("inferno-warm-up")) {
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.join(Duration.ofSeconds(30))).as("it ended").isTrue();
      }
    }
  }

  @Test
  void resultsAreThoseWithoutIt() throws IOException {
    List<Generation> generations = new ArrayList<>();
    List<float[]> logits = new ArrayList<>();
    for (LoadOptions options :
        List.of(LoadOptions.defaults(), LoadOptions.defaults().withoutWarmUp())) {
      try (Model model = Model.load(file(), options);
          Session session = model.newSession()) {
        generations.add(session.generate(new int[] {2043, 403, 406}, GREEDY));
        logits.add(session.logits().copy());
      }
    }
    assertThat(generations.get(0).ids()).isEqualTo(generations.get(1).ids());
    assertThat(logits.get(0)).isEqualTo(logits.get(1));
  }

  @Test
  void itEndsByItselfWhenTheModelIsNotUsed() throws Exception {
    try (Model model = Model.load(file())) {
      joinAll();
      assertThat(model.info().layers()).isPositive();
    }
  }

  @Test
  void aModelMayBeClosedInTheMidstOfIt() throws Exception {
    var failures = new ArrayList<Throwable>();
    var before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, failure) -> {
      synchronized (failures) {
        failures.add(failure);
      }
    });
    try {
      for (int i = 0; i < 50; i++) {
        Model.load(file()).close();
      }
      joinAll();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void itEndsWhenLoadingFails() throws Exception {
    byte[] bytes = Files.readAllBytes(file());
    Path cut = folder.resolve("cut.gguf");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> Model.load(cut)).isInstanceOf(MalformedModelException.class);
    joinAll();
  }
}
