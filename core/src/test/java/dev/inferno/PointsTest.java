package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Hook;
import dev.inferno.observe.Point;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a plan asks for is what is delivered: those points, those rows, once.
class PointsTest {
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

  @ParameterizedTest
  @ValueSource(ints = {3, 30})
  void everyPointFiresOncePerLayerAndForward(int promptLength) {
    var fired = new TreeMap<String, Integer>();
    try (Session session = model.newSession()) {
      for (Hook hook : Hooks.of(model)) {
        session.observe(hook.all(), a -> fired.merge(a.name() + " " + a.step(), 1, Integer::sum));
      }
      session.generate(Prompts.tokens(promptLength), GREEDY.maxTokens(3));
    }
    assertThat(fired)
        .hasSize(Hooks.events(model) * 3); // the prompt, and the steps of two generated tokens
    assertThat(fired.values()).containsOnly(1);
  }

  @Test
  void aPromptOfThreeChunksFiresThreeTimesAndReachesEveryPositionOnce() throws IOException {
    try (Model llama = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = llama.newSession(Prompts.EXACT.contextLength(1100))) {
      List<Integer> positions = new ArrayList<>();
      List<Integer> keys = new ArrayList<>();
      int[] prompt = Arrays.stream(Prompts.tokens(1030)).map(id -> id % 300).toArray();
      session.observe(
          Hook.PATTERN.layer(1).head(0),
          a -> {
            Arrays.stream(a.positions()).forEach(positions::add);
            keys.add(a.tensor().shape()[2]);
            int last = a.rows() - 1;
            double sum = 0;
            for (int key = 0; key <= a.positions()[last]; key++) {
              sum += a.tensor().get(0, last, key);
            }
            assertThat(sum).isCloseTo(1, within(1e-4));
            assertThat(a.firstKey()).isZero();
          });
      List<Integer> logitRows = new ArrayList<>();
      session.observe(Hook.LOGITS.all(), a -> logitRows.add(a.firstPosition()));
      session.append(prompt);

      assertThat(positions).isEqualTo(IntStream.range(0, 1030).boxed().toList());
      assertThat(keys).containsExactly(512, 1024, 1030);
      assertThat(logitRows).containsExactly(1029);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 16, 17, 64, 65, 130})
  void logitsOfEveryPositionComeInOrderAtMostSixtyFourAtATime(int length) {
    List<Seen> seen = Seen.pass(model, Prompts.tokens(length), Hook.LOGITS.all().everyPosition());
    assertThat(seen).hasSize((length + 63) / 64);
    assertThat(seen.stream().flatMap(event -> event.positions().stream()))
        .isEqualTo(IntStream.range(0, length).boxed().toList());
    for (Seen event : seen) {
      assertThat(event.shape()).containsExactly(event.positions().size(), 2048);
    }
  }

  @Test
  void oneHeadOfOneLayerIsAllThatIsDelivered() {
    int[] prompt = Prompts.tokens(20);
    List<Seen> one = Seen.pass(model, prompt, Hook.PATTERN.layer(3).head(1));
    List<Seen> all = Seen.pass(model, prompt, Hook.PATTERN.layer(3));
    assertThat(one).hasSize(1);
    assertThat(one.getFirst().name()).isEqualTo("blocks.3.attn.hook_pattern");
    assertThat(one.getFirst().shape()).containsExactly(1, 20, 20);
    assertThat(one.getFirst().heads()).containsExactly(1);
    assertThat(one.getFirst().values())
        .isEqualTo(all.getFirst().values().subList(20 * 20, 2 * 20 * 20));
  }

  @Test
  void aPatternHasRowsThatSumToOneAndSeesNoLaterPosition() {
    for (int length : new int[] {9, 70}) {
      Seen pattern = Seen.pass(model, Prompts.tokens(length), Hook.PATTERN.layer(2)).getFirst();
      assertThat(pattern.shape()).containsExactly(4, length, length);
      float[] values = pattern.floats();
      for (int row = 0; row < 4 * length; row++) {
        double sum = 0;
        for (int key = 0; key < length; key++) {
          float value = values[row * length + key];
          assertThat(value).isBetween(0f, 1f);
          if (key > row % length) {
            assertThat(value).isZero();
          }
          sum += value;
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
      }
    }
  }

  @Test
  void aPatternOfLaterTokensHoldsNothingOfEarlierOnes() {
    List<Seen> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.observe(Hook.PATTERN.allLayers(), a -> seen.add(Seen.of(a)));
      session.append(Prompts.tokens(9));
      session.rewind(9);
      session.append(Prompts.tokens(5)); // where the room of nine is used again
    }
    Seen last = seen.getLast();
    assertThat(last.shape()).containsExactly(4, 5, 5);
    for (int row = 0; row < 4 * 5; row++) {
      for (int key = row % 5 + 1; key < 5; key++) {
        assertThat(last.values().get(row * 5 + key)).as("row %d, key %d", row, key).isZero();
      }
    }
  }

  static List<Hook> hooks() throws IOException {
    return Hooks.ofTheTinyModel();
  }

  @ParameterizedTest
  @MethodSource("hooks")
  void chosenRowsAreTheSameRowsOfAll(Hook hook) {
    int[] prompt = Prompts.tokens(21);
    Point point = hook.perLayer() ? hook.layer(7) : hook.all();
    Seen all = Seen.pass(model, prompt, point.everyPosition()).getFirst();
    for (List<Integer> chosen : List.of(List.of(0, 4, 19), List.of(20), List.of(5, 20))) {
      int[] positions = chosen.stream().mapToInt(Integer::intValue).toArray();
      Seen some = Seen.pass(model, prompt, point.positions(positions)).getFirst();
      assertThat(some.positions()).isEqualTo(chosen);
      Compare.close(hook + " " + chosen, some.floats(), rows(hook, all, positions), 1e-4);
    }
    assertThat(Seen.pass(model, prompt, point.lastPosition()).getFirst().positions())
        .containsExactly(20);
    assertThat(Seen.pass(model, prompt, point.onlyPrompt()).getFirst().positions()).hasSize(21);
    assertThat(Seen.pass(model, prompt, point.onlyGenerated())).isEmpty();
    assertThat(Seen.pass(model, prompt, point.positions(100))).isEmpty();
  }

  /// Chosen rows of a tensor `[T, ...]`, or of scores or a pattern `[H, T, K]`.
  private static float[] rows(Hook hook, Seen all, int[] positions) {
    int rows = all.positions().size();
    int outer = hook.rowsFirst() ? 1 : all.shape().getFirst();
    float[] values = all.floats();
    int size = values.length / outer / rows;
    float[] chosen = new float[outer * positions.length * size];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < positions.length; i++) {
        System.arraycopy(
            values,
            (o * rows + positions[i]) * size,
            chosen,
            (o * positions.length + i) * size,
            size);
      }
    }
    return chosen;
  }

  @Test
  void promptAndGeneratedPositionsAreToldApart() {
    List<Integer> prompt = new ArrayList<>();
    List<Integer> generated = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.observe(
          Hook.RESID_MID.layer(0).onlyPrompt(),
          a -> prompt.add(a.firstPosition() + 100 * a.rows()));
      session.observe(
          Hook.RESID_MID.layer(0).onlyGenerated(), a -> generated.add(a.firstPosition()));
      session.generate(Prompts.tokens(5), GREEDY.maxTokens(3));
      session.generate(
          Prompts.tokens(2), GREEDY.maxTokens(2)); // a pass over one generated and two given
    }
    assertThat(prompt).containsExactly(500, 208);
    assertThat(generated).containsExactly(5, 6, 7, 10);
  }

  @Test
  void severalListenersSeeTheSame() {
    var first = new Captured("all");
    var second = new Captured("all");
    try (Session session = model.newSession()) {
      session.addListener(first);
      session.addListener(second);
      session.append(Prompts.tokens(18));
    }
    assertThat(first.arrays().keySet())
        .isEqualTo(second.arrays().keySet())
        .hasSize(Hooks.events(model));
    first
        .arrays()
        .forEach((name, values) -> assertThat(second.array(name)).as(name).isEqualTo(values));
  }
}
