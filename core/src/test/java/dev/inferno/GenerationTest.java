package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgmlType;
import dev.inferno.sampler.Candidates;
import dev.inferno.sampler.History;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a generation ends, and what text it gives.
class GenerationTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy());
  private static final String CAPITAL = "The capital of France is";

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private Generation generate(String prompt, GenerationOptions options) {
    List<String> pieces = new ArrayList<>();
    try (Session session = model.newSession()) {
      Generation generation = session.generate(prompt, options, pieces::add);
      assertThat(pieces).doesNotContain("");
      assertThat(String.join("", pieces)).as("what was streamed").isEqualTo(generation.text());
      return generation;
    }
  }

  /// Chooses these tokens one after the other.
  private static Sampler always(int... ids) {
    return Sampler.chain(
        new SamplerStage() {
          @Override
          public String name() {
            return "always";
          }

          @Override
          public void apply(Candidates candidates, History history) {
            int next = ids[(int) history.generated()];
            candidates.keepIf((id, _) -> id == next);
          }
        });
  }

  @Test
  void asManyTokensAsWereAskedFor() {
    for (int n : new int[] {0, 1, 5}) {
      Generation generation = generate(CAPITAL, GREEDY.maxTokens(n));
      assertThat(generation.ids()).hasSize(n);
      assertThat(generation.end()).isEqualTo(EndReason.LENGTH);
      assertThat(generation.decodeSteps()).isEqualTo(Math.max(0, n - 1));
      assertThat(generation.prefillNanos()).isPositive();
      assertThat(generation.promptIds()).hasSize(6).first().isEqualTo(2043);
    }
  }

  @Test
  void aTokenThatEndsTheTextEndsTheGenerationAndIsNotPartOfIt() {
    Generation generation = generate(CAPITAL, GREEDY.maxTokens(100));
    assertThat(generation.end()).isEqualTo(EndReason.EOS);
    assertThat(generation.ids()).hasSize(30).doesNotContain(2043);
    assertThat(generation.text()).startsWith(" Paris.").doesNotContain("<|");
  }

  @Test
  void theEndOfTheTextCanBeIgnored() {
    Generation generation = generate(CAPITAL, GREEDY.maxTokens(40).ignoreEndOfText());
    assertThat(generation.end()).isEqualTo(EndReason.LENGTH);
    assertThat(generation.ids()).hasSize(40).contains(2043);
    assertThat(generation.text()).contains("<|endoftext|>");
  }

  @ParameterizedTest
  @CsvSource({
    "'ris. The', ' Pa'", // across tokens
    "' Paris', ''",
    "'.', ' Paris'",
    "'Paris. The capital of France is Paris', ' '",
    "'of', ' Paris. The capital '"
  })
  void theTextEndsBeforeAStopString(String stop, String text) {
    Generation all = generate(CAPITAL, GREEDY.maxTokens(100));
    assertThat(all.text()).startsWith(text + stop);
    Generation generation = generate(CAPITAL, GREEDY.maxTokens(100).stopAt("nowhere", stop));
    assertThat(generation.end()).isEqualTo(EndReason.STOP);
    assertThat(generation.text()).isEqualTo(text);
    int sampled = generation.ids().size(); // every token up to the one that completed it
    assertThat(generation.ids()).isEqualTo(all.ids().subList(0, sampled));
    assertThat(decoded(generation.ids())).contains(stop);
    assertThat(decoded(generation.ids().subList(0, sampled - 1))).doesNotContain(stop);
  }

  private String decoded(List<Integer> ids) {
    return model.tokenizer().decode(ids.stream().mapToInt(Integer::intValue).toArray());
  }

  @Test
  void theFirstOfSeveralStopStringsCounts() {
    Generation generation =
        generate(
            CAPITAL, GREEDY.maxTokens(100).stopAt("France", "capital", "The cap", "e capital"));
    assertThat(generation.text()).isEqualTo(" Paris. ");
  }

  @Test
  void whatOnlyBeganLikeAStopStringIsGivenInTheEnd() {
    Generation all = generate(CAPITAL, GREEDY.maxTokens(3));
    Generation generation = generate(CAPITAL, GREEDY.maxTokens(3).stopAt(" Paris. The end"));
    assertThat(generation.end()).isEqualTo(EndReason.LENGTH);
    assertThat(generation.text()).isEqualTo(all.text());
  }

  @Test
  void aFullContextEndsIt() {
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(10))) {
      Generation generation = session.generate(CAPITAL, GREEDY);
      assertThat(generation.end()).isEqualTo(EndReason.CONTEXT);
      assertThat(generation.ids()).hasSize(4);
      assertThat(generation.decodeSteps()).as("the last one is not passed on").isEqualTo(3);
      assertThat(session.length()).isEqualTo(10);
      assertThat(session.generate(new int[0], GREEDY).end()).isEqualTo(EndReason.CONTEXT);
    }
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(6))) {
      assertThat(session.generate(CAPITAL, GREEDY).ids()).isEmpty(); // the prompt fits exactly
    }
  }

  @Test
  void aPromptThatDoesNotFitIsRefusedWithTheNumbers() {
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(8))) {
      session.append(1, 2, 3);
      for (Runnable use :
          List.<Runnable>of(
              () -> session.generate(CAPITAL + " not", GREEDY),
              () -> session.append(1, 2, 3, 4, 5, 6))) {
        assertThatThrownBy(use::run)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageMatching(
                "6 more tokens do not fit: the context has room for 8, of which 3 are taken");
      }
      assertThat(session.tokens()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void idsOutsideTheVocabularyAndEmptyPromptsAreRefused() {
    try (Session session = model.newSession()) {
      for (int id : new int[] {-1, 2048, Integer.MAX_VALUE}) {
        String message =
            "token id " + id + " is not in the vocabulary, which has the ids 0 to 2047";
        assertThatThrownBy(() -> session.append(id)).hasMessage(message);
        assertThatThrownBy(() -> session.append(5, id))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
        assertThatThrownBy(() -> session.generate(new int[] {5, id}, GREEDY)).hasMessage(message);
      }
      assertThatThrownBy(() -> session.generate(new int[0], GREEDY))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no tokens");
      assertThat(session.length()).isZero();
      assertThat(session.generate("", GREEDY.maxTokens(1)).promptIds()).containsExactly(2043);
    }
  }

  @Test
  void optionsCheckTheirRanges() {
    assertThatThrownBy(() -> GREEDY.maxTokens(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> GREEDY.stopAt("a", "")).hasMessageContaining("empty");
    assertThatThrownBy(() -> SessionOptions.defaults().contextLength(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> SessionOptions.defaults().threads(0)).hasMessageContaining("threads");
    assertThatThrownBy(() -> model.newSession(SessionOptions.defaults().threads(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 4")
        .hasMessageContaining("inferno.threads")
        .hasMessageContaining("5");
  }

  @Test
  void theReportedSeedGivesTheSameTokensAgain() {
    GenerationOptions options = GenerationOptions.defaults().maxTokens(12);
    String prompt = "In my opinion, the best movie is";
    Generation first = generate(prompt, options);
    Generation second = generate(prompt, options);
    assertThat(first.seed()).isNotEqualTo(second.seed());
    assertThat(generate(prompt, options.seed(first.seed())).ids()).isEqualTo(first.ids());
    assertThat(generate(prompt, options.seed(7)).seed()).isEqualTo(7);
    var texts = new java.util.HashSet<String>();
    for (int seed = 0; seed < 10; seed++) {
      texts.add(generate(prompt, options.seed(seed)).text());
    }
    assertThat(texts).hasSizeGreaterThan(3);
  }

  @Test
  void aPromptBeginsAsTheModelAsksButDoesNotEnd(@TempDir Path folder) throws IOException {
    Path file =
        GgufVariant.of(Fixtures.copied("arch/llama/model-f32.gguf"))
            .set("tokenizer.ggml.add_bos_token", "bool", true)
            .set("tokenizer.ggml.add_eos_token", "bool", true)
            .write(folder.resolve("eos.gguf"));
    try (Model model = Model.load(file);
        Session session = model.newSession()) {
      int[] both = model.tokenizer().encode("abc").ids();
      List<Integer> prompt =
          session.generate("abc", GenerationOptions.defaults().maxTokens(1)).promptIds();
      assertThat(both).startsWith(1).endsWith(2);
      assertThat(prompt).isEqualTo(Arrays.stream(both).limit(both.length - 1).boxed().toList());
    }
  }

  @Test
  void aTokenThatTheTokenizerLacksHasNoText(@TempDir Path folder) throws IOException {
    GgufVariant wider = GgufVariant.of(Fixtures.copied("arch/qwen2/model-f32.gguf"));
    long vocabulary;
    long width;
    try (Model model = TinyModels.load("qwen2")) {
      vocabulary = model.info().vocabulary();
      width = model.info().width();
    }
    Path file =
        wider
            .tensor("token_embd.weight", GgmlType.F32, width, vocabulary + 8)
            .write(folder.resolve("wider.gguf"));
    try (Model model = Model.load(file);
        Session session = model.newSession()) {
      int unknown = (int) vocabulary + 3;
      Generation generation =
          session.generate(
              new int[] {1}, GenerationOptions.defaults().maxTokens(1).forced(unknown));
      assertThat(generation.ids()).containsExactly(unknown);
      assertThat(generation.text()).isEmpty();
    }
  }

  @Test
  void penaltiesSeeAllThatTheSessionHolds() {
    Sampler fresh = Sampler.chain(SamplerStage.presencePenalty(1000), SamplerStage.greedy());
    try (Session session = model.newSession()) {
      session.append(model.tokenizer().encode("Paris. The capital").ids());
      int[] before = session.tokens();
      Generation generation =
          session.generate(" of France is", GREEDY.sampler(fresh).ignoreEndOfText().maxTokens(20));
      assertThat(generation.ids()).doesNotHaveDuplicates();
      assertThat(generation.ids()).doesNotContainAnyElementsOf(generation.promptIds());
      assertThat(generation.ids())
          .doesNotContainAnyElementsOf(Arrays.stream(before).boxed().toList());
    }
  }

  @Test
  void aPieceOfTextIsNeverHalfACharacter() {
    String text = "naïve 𝔘𝔫 日本 🔥👩‍🚀!";
    int[] ids =
        model
            .tokenizer()
            .encode(text, new dev.inferno.tokenizer.EncodeOptions(false, false, false))
            .ids();
    assertThat(ids.length).isGreaterThan(text.codePointCount(0, text.length()));
    List<String> pieces = new ArrayList<>();
    try (Session session = model.newSession()) {
      Generation generation =
          session.generate(
              new int[] {1},
              GREEDY.sampler(always(ids)).maxTokens(ids.length).ignoreEndOfText(),
              pieces::add);
      assertThat(generation.text()).isEqualTo(text);
    }
    for (String piece : pieces) {
      assertThat(piece).doesNotContain("\uFFFD");
      assertThat(Character.isLowSurrogate(piece.charAt(0))).isFalse();
      assertThat(Character.isHighSurrogate(piece.charAt(piece.length() - 1))).isFalse();
    }
  }

  @Test
  void halfACharacterAtTheEndBecomesAReplacementCharacter() {
    int[] ids =
        model
            .tokenizer()
            .encode("a𝔘", new dev.inferno.tokenizer.EncodeOptions(false, false, false))
            .ids();
    assertThat(ids).hasSizeGreaterThan(2);
    Generation generation =
        generate("x", GREEDY.sampler(always(ids)).maxTokens(ids.length - 1).ignoreEndOfText());
    assertThat(generation.text()).isEqualTo("a\uFFFD");
    assertThat(generation.ids())
        .isEqualTo(Arrays.stream(ids).limit(ids.length - 1L).boxed().toList());
  }

  @Test
  void specialTokensInAPromptAreUnderstoodOrPlainText() {
    String prompt = "<|user|>Hi<|end|>";
    int user = model.tokenizer().idOf("<|user|>").orElseThrow();
    assertThat(generate(prompt, GREEDY.maxTokens(0)).promptIds()).contains(user);
    assertThat(generate(prompt, GREEDY.maxTokens(0).plainPrompt()).promptIds())
        .doesNotContain(user);
  }
}
