package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Selection;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.tokenizer.EncodeOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens that are given instead of chosen, and draws that are given instead of made from the seed.
class ForcedTokensTest {
  private static final GenerationOptions SEEDED =
      GenerationOptions.defaults().seed(11).maxTokens(12).ignoreEndOfText();
  private static final String PROMPT = "In my opinion, the best movie is";

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private Generation generate(GenerationOptions options) {
    try (Session session = model.newSession()) {
      return session.generate(PROMPT, options);
    }
  }

  /// The same, written down by a listener.
  private Diary watched(GenerationOptions options) {
    try (Session session = model.newSession()) {
      var diary = new Diary();
      session.addListener(diary);
      session.generate(PROMPT, options);
      return diary;
    }
  }

  private static int[] first(List<Integer> ids, int count) {
    return ids.stream().limit(count).mapToInt(Integer::intValue).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 12})
  void whatFollowsForcedTokensIsWhatWouldHaveFollowedThemIfTheyHadBeenDrawn(int count) {
    Generation drawn = generate(SEEDED);
    assertThat(drawn.ids()).hasSize(12);
    Generation forced = generate(SEEDED.forced(first(drawn.ids(), count)));
    assertThat(forced.ids()).isEqualTo(drawn.ids());
    assertThat(forced.text()).isEqualTo(drawn.text());
    assertThat(forced.end()).isEqualTo(EndReason.LENGTH);
  }

  @Test
  void theComputationOfAForcedTokenIsThatOfADrawnOne() {
    var drawn = new Captured("all");
    var forced = new Captured("all");
    List<Integer> ids;
    try (Session session = model.newSession()) {
      session.addListener(drawn);
      ids = session.generate(PROMPT, SEEDED.maxTokens(4)).ids();
    }
    try (Session session = model.newSession()) {
      session.addListener(forced);
      session.generate(PROMPT, SEEDED.maxTokens(4).forced(first(ids, 4)));
    }
    assertThat(forced.arrays().keySet()).isEqualTo(drawn.arrays().keySet());
    drawn
        .arrays()
        .forEach((name, values) -> assertThat(forced.array(name)).as(name).isEqualTo(values));
  }

  @Test
  void watchingForcedTokensChangesNothing() {
    GenerationOptions options = SEEDED.forced(900, 901).draws(0.1, 0.2, 0.3);
    assertThat(watched(options).of(Selection.class).stream().map(Selection::id))
        .isEqualTo(generate(options).ids())
        .startsWith(900, 901);
  }

  @Test
  void theSelectionSaysWhatTheModelThoughtOfAForcedToken() {
    Diary drawn = watched(SEEDED);
    int[] ids = drawn.of(Selection.class).stream().mapToInt(Selection::id).toArray();
    Diary forced = watched(SEEDED.forced(ids));
    assertThat(forced.of(Draw.class)).isEmpty();
    assertThat(forced.events)
        .isEqualTo(drawn.events.stream().filter(event -> !event.startsWith("draw")).toList());
    for (int step = 0; step < ids.length; step++) {
      Selection was = drawn.of(Selection.class).get(step);
      Selection is = forced.of(Selection.class).get(step);
      assertThat(is.forced()).isTrue();
      assertThat(was.forced()).isFalse();
      assertThat(is).usingRecursiveComparison().ignoringFields("forced", "stopper").isEqualTo(was);
    }
  }

  @Test
  void aForcedTokenThatNoStageKeptHasNoProbabilityButARankAmongTheRawLogits() {
    Diary greedy = watched(SEEDED.sampler(Sampler.greedy()).maxTokens(1));
    Selection best = greedy.of(Selection.class).getFirst();
    int other = best.id() == 900 ? 901 : 900;
    Diary forced = watched(SEEDED.sampler(Sampler.greedy()).maxTokens(1).forced(other));
    Selection selection = forced.of(Selection.class).getFirst();
    assertThat(selection.id()).isEqualTo(other);
    assertThat(selection.rank()).isGreaterThan(1);
    assertThat(selection.probability()).isZero();
    assertThat(selection.logProbability()).isNegative().isFinite();
    assertThat(selection.entropy()).isCloseTo(best.entropy(), within(0.0));
    assertThat(forced.events).contains("stage greedy", "distribution", "text 0");
  }

  @Test
  void penaltiesSeeForcedTokens() {
    Sampler fresh = Sampler.chain(SamplerStage.presencePenalty(1000), SamplerStage.greedy());
    Generation plain = generate(SEEDED.sampler(fresh).maxTokens(3));
    int second = plain.ids().get(1);
    Generation forced = generate(SEEDED.sampler(fresh).maxTokens(6).forced(second));
    assertThat(forced.ids()).startsWith(second).doesNotHaveDuplicates();
  }

  @Test
  void aForcedTokenThatEndsTheTextEndsTheGeneration() {
    int end = 2043;
    GenerationOptions options =
        GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(5).forced(900, end, 901);
    Generation ended = generate(options);
    assertThat(ended.end()).isEqualTo(EndReason.EOS);
    assertThat(ended.ids()).containsExactly(900);
    Generation ignored = generate(options.ignoreEndOfText());
    assertThat(ignored.ids()).hasSize(5).startsWith(900, end, 901);
  }

  @Test
  void forcedTokensEndAtAStopString() {
    var continuing = new EncodeOptions(false, false, false);
    int[] ids = model.tokenizer().encode(" a dog and a cat", continuing).ids();
    Generation generation = generate(SEEDED.forced(ids).stopAt("dog"));
    assertThat(generation.end()).isEqualTo(EndReason.STOP);
    assertThat(generation.text()).isEqualTo(" a ");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2048, Integer.MAX_VALUE})
  void aForcedIdOutsideTheVocabularyIsRefusedBeforeTheGeneration(int id) {
    try (Session session = model.newSession()) {
      var diary = new Diary();
      session.addListener(diary);
      assertThatThrownBy(() -> session.generate(PROMPT, SEEDED.forced(5, id)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("token id " + id + " is not in the vocabulary, which has the ids 0 to 2047");
      assertThat(diary.events).isEmpty();
      assertThat(session.length()).isZero();
    }
  }

  @Test
  void moreForcedTokensThanMayBeGeneratedAreRefusedAndThoseThatDoNotFitInTheContextAreLeftOut() {
    assertThatThrownBy(() -> generate(SEEDED.forced(5, 6, 7).maxTokens(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 tokens are forced, but at most 2 are to be generated");
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(4))) {
      Generation generation = session.generate(new int[] {1, 2}, SEEDED.forced(5, 6, 7));
      assertThat(generation.end()).isEqualTo(EndReason.CONTEXT);
      assertThat(generation.ids()).containsExactly(5, 6);
    }
  }

  @Test
  void aListenerThatStopsAtAForcedTokenEndsTheGenerationThere() {
    try (Session session = model.newSession()) {
      var diary =
          new Diary() {
            @Override
            public void onSelection(Selection selection) {
              super.onSelection(selection);
              selection.stop();
            }
          };
      session.addListener(diary);
      assertThat(session.generate(PROMPT, SEEDED.forced(5, 6, 7)).ids()).containsExactly(5);
      assertThat(diary.of(GenerationEnd.class).getFirst().reason()).contains(EndReason.LISTENER);
    }
  }

  @Test
  void givenDrawsStandInForThoseOfTheFirstTokensAndAreShown() {
    List<Draw> seeded = watched(SEEDED).of(Draw.class);
    List<Draw> given = watched(SEEDED.draws(0, 0.25, 0.999)).of(Draw.class);
    assertThat(given).hasSize(12);
    assertThat(given.stream().limit(3).map(Draw::u)).containsExactly(0.0, 0.25, 0.999);
    assertThat(given.subList(3, 12)).isEqualTo(seeded.subList(3, 12));

    double[] own = seeded.stream().mapToDouble(Draw::u).toArray();
    assertThat(generate(SEEDED.seed(99).draws(own)).ids()).isEqualTo(generate(SEEDED).ids());
    Selection lowest = watched(SEEDED.draws(0)).of(Selection.class).getFirst();
    assertThat(lowest.rank()).as("u is 0").isEqualTo(1);
  }

  @Test
  void theDrawOfAForcedTokenIsPassedOver() {
    List<Draw> draws = watched(SEEDED.forced(900, 901).draws(0.1, 0.2, 0.3)).of(Draw.class);
    assertThat(draws.getFirst()).isEqualTo(new Draw(11, 2, 0.3));
    assertThat(draws).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void aDrawOutsideItsRangeIsRefusedWithTheValue(double u) {
    assertThatThrownBy(() -> SEEDED.draws(0.5, u))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a draw must be at least 0 and below 1, but is " + u);
  }
}
