package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.convert.FolderConverter;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.Verification;
import dev.inferno.sampler.Candidates;
import dev.inferno.sampler.History;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Positions that are scaled by the length of the text (dynamic NTK), beyond the 24 that the model
/// is said to be trained for.
class DynamicRopeTest {
  private static final int TRAINED = 24;
  private static final String SCALING = "{\"rope_type\": \"dynamic\", \"factor\": 4.0}";
  private static final Goldens GOLDENS =
      Goldens.read(Fixtures.copied("dynamic/goldens.safetensors"));

  @TempDir private Path folder;
  private Model model;

  private static FolderVariant dynamic() throws IOException {
    return FolderVariant.of(Fixtures.copied("tiny/llama-mqa"))
        .set("max_position_embeddings", "" + TRAINED)
        .set("rope_scaling", SCALING);
  }

  @BeforeEach
  void load() throws IOException {
    model = Model.load(dynamic().write(folder));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static int[] ids(int text) {
    float[] ids = GOLDENS.floats(text + ".ids");
    return IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray();
  }

  private static Session session(Model model, int context) {
    return model.newSession(Prompts.EXACT.contextLength(context));
  }

  private static void requireGoldens(Model model, int text) {
    int[] ids = ids(text);
    int first = (int) GOLDENS.floats(text + ".first")[0];
    try (Session session = session(model, ids.length)) {
      session.append(Arrays.copyOf(ids, first));
      for (int length = first; ; length++) {
        Compare.close(
            "text %d of %d tokens".formatted(text, length),
            session.logits().copy(),
            GOLDENS.array(text + ".logits").row(length - first),
            2e-4);
        if (length == ids.length) {
          break;
        }
        session.append(ids[length]);
      }
    }
  }

  /// Also one that crosses the context, one that begins at its end, and one of several chunks.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aCachedTextEqualsThatOfTheReference(int text) {
    requireGoldens(model, text);
  }

  @Test
  void aConvertedFileComputesTheSame() throws IOException {
    Path file = folder.resolve("model.gguf");
    FolderConverter.convert(folder, file, (_, _) -> {});
    try (Model converted = Model.load(file)) {
      requireGoldens(converted, 0);
    }
  }

  @Test
  void speculationChangesNothing() {
    var options =
        GenerationOptions.defaults()
            .sampler(Sampler.chain(new OnlyFew(), SamplerStage.greedy()))
            .ignoreEndOfText()
            .maxTokens(60);
    List<Verification> verifications = new ArrayList<>();
    try (Session plain = session(model, 100);
        Session ahead = session(model, 100)) {
      ahead.addListener(
          new StepListener() {
            @Override
            public void onVerification(Verification verification) {
              verifications.add(verification);
            }
          });
      int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6};
      assertThat(ahead.generate(prompt, options.speculation(8)).ids())
          .isEqualTo(plain.generate(prompt, options).ids());
      assertThat(ahead.logits().copy()).isEqualTo(plain.logits().copy());
    }
    assertThat(verifications).anyMatch(each -> each.accepted() > 0);
  }

  /// So few tokens that a text of any model repeats itself.
  private record OnlyFew() implements SamplerStage {
    @Override
    public String name() {
      return "only-few";
    }

    @Override
    public void apply(Candidates candidates, History history) {
      candidates.keepIf((id, _) -> id >= 5 && id < 9);
    }
  }

  @Test
  void whatIsCachedMovesOnlyInAContextThatIsNotLonger() {
    try (Session session = session(model, TRAINED)) {
      session.append(Arrays.copyOf(ids(0), 20));
      session.cache().drop(3, 7);
      assertThat(session.length()).isEqualTo(16);
    }
    try (Session session = session(model, TRAINED + 1)) {
      session.append(Arrays.copyOf(ids(0), 20));
      assertThatThrownBy(() -> session.cache().drop(3, 7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "turns each position by the length of the text in contexts of more than 24, so");
      session.cache().drop(18, 20);
      assertThat(session.length()).isEqualTo(18);
    }
  }

  /// What a longer text turned passes through the model again, with it what is appended.
  @Test
  void aTextThatWasTakenBackLeavesNothing() {
    int[] ids = IntStream.range(0, 60).map(i -> 5 + i * 7 % 90).toArray();
    int[] left = Arrays.copyOf(ids, 45);
    int[] more = {8, 9, 10, 11, 12};
    int[] all = IntStream.concat(Arrays.stream(left), Arrays.stream(more)).toArray();
    try (Session session = session(model, 100);
        Session another = session(model, 100)) {
      session.append(ids);
      Session fork = session.fork();
      session.rewind(15);
      assertThat(session.logits().copy()).isEqualTo(ofPrompt(left));
      fork.cache().drop(45, 60);
      fork.append(more);
      assertThat(fork.logits().copy()).isEqualTo(ofPrompt(all));
      another.append(ids);
      another.rewind(55);
      another.append(Arrays.copyOfRange(ids, 5, 20));
      assertThat(another.logits().copy()).isEqualTo(ofPrompt(Arrays.copyOf(ids, 20)));
      fork.close();
    }
  }

  private float[] ofPrompt(int[] ids) {
    try (Session fresh = session(model, 100)) {
      fresh.append(ids);
      return fresh.logits().copy();
    }
  }

  /// Where a prompt ended, and behind it, the text was never turned by more than its own length.
  @Test
  void whatIsTakenBackToWhereAStepEndedStays() {
    int[] ids = IntStream.range(0, 30).map(i -> 5 + i * 7 % 90).toArray();
    try (Session session = session(model, 100)) {
      session.append(ids);
      session.append(40);
      float[] before = session.logits().copy();
      session.append(41);
      session.append(42, 43);
      session.rewind(3);
      assertThat(session.cachedPositions()).isEqualTo(31);
      assertThat(session.logits().copy()).isEqualTo(before);
      session.rewind(1);
      assertThat(session.cachedPositions()).isEqualTo(30);
      session.rewind(1);
      assertThat(session.cachedPositions()).isZero();
    }
    try (Session session = session(model, 100)) {
      session.append(Arrays.copyOf(ids, TRAINED));
      session.append(40, 41);
      session.rewind(10);
      assertThat(session.cachedPositions()).isEqualTo(TRAINED - 8);
    }
  }

  @Test
  void aFactorThatWouldShrinkTheContextIsMalformed() throws IOException {
    Path bad =
        dynamic()
            .set("rope_scaling", SCALING.replace("4.0", "0.5"))
            .write(folder.resolve("shrinking"));
    assertThatThrownBy(() -> Model.load(bad))
        .hasMessageContaining("rope_scaling.factor of config.json is 0.5 for 8 dimensions");
  }
}
