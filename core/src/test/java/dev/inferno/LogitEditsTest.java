package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgufFile;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplingException;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Edits of the logits decide what is sampled from.
class LogitEditsTest {
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

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 2000).toArray();
  }

  private static float[] logits(Model model, Intervention... interventions) {
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      session.append(tokens(9));
      return session.logits().copy();
    }
  }

  private List<Integer> generate(GenerationOptions options, Intervention... interventions) {
    try (Session session = model.newSession()) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      return session.generate(tokens(9), options).ids();
    }
  }

  @Test
  void aBiasMovesItsLogitByExactlyItAndTheChoiceFollows() {
    Intervention bias = Hook.LOGITS.all().add(40).neurons(17);
    float[] expected = logits(model);
    expected[17] += 40;
    assertThat(logits(model, bias)).isEqualTo(expected);
    assertThat(generate(GREEDY.maxTokens(3), bias)).containsExactly(17, 17, 17);
    Intervention inThePrompt = Hook.LOGITS.all().add(40).neurons(17).steps(0, 0);
    List<Integer> ids = generate(GREEDY.maxTokens(3), inThePrompt);
    assertThat(ids.getFirst()).isEqualTo(17);
    assertThat(ids.subList(1, 3)).doesNotContain(17);
  }

  @Test
  void listenersSeeWhatIsSampledFromAndWhoChangedIt() {
    Intervention before = Hook.UNEMBED_OUT.all().scale(0.5f);
    Intervention behind = Hook.LOGITS.all().clamp(-1, 1).neurons(1, 2, 3).fromStep(1);
    List<float[]> seen = new ArrayList<>();
    List<List<Intervention>> named = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(before);
      session.intervene(behind);
      session.observe(Hook.UNEMBED_OUT.all(), a -> named.add(a.interventions()));
      session.observe(
          Hook.LOGITS.all(),
          a -> {
            named.add(a.interventions());
            seen.add(a.tensor().copy());
          });
      session.generate(tokens(9), GREEDY.maxTokens(2));
      assertThat(session.values()).isEqualTo(seen.get(1));
    }
    assertThat(named).containsExactly(List.of(before), List.of(), List.of(before), List.of(behind));
    assertThat(seen.get(1)).isNotEqualTo(seen.get(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void maskedTokensAreNeverChosen(boolean watched) {
    int[] even = IntStream.range(0, model.info().vocabulary()).filter(id -> id % 2 == 0).toArray();
    try (Session session = model.newSession()) {
      session.intervene(Hook.LOGITS.all().mask(even));
      if (watched) {
        session.addListener(new Captured("logits"));
      }
      GenerationOptions options =
          GenerationOptions.defaults().sampler(Sampler.chain()).seed(5).ignoreEndOfText();
      assertThat(session.generate(tokens(5), options.maxTokens(40)).ids())
          .hasSize(40)
          .allMatch(id -> id % 2 == 1);
    }
  }

  @Test
  void aMaskLeavesASoftmaxOverTheRest() {
    int[] masked = {3, 500, 1999};
    float[] logits = logits(model);
    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      sum += Arrays.binarySearch(masked, id) < 0 ? Math.exp(logits[id]) : 0;
    }
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.intervene(Hook.LOGITS.all().mask(masked));
      session.append(tokens(9));
      for (int id = 0; id < logits.length; id++) {
        double expected = Arrays.binarySearch(masked, id) < 0 ? Math.exp(logits[id]) / sum : 0;
        assertThat(session.logits().probability(id)).isCloseTo(expected, within(1e-6 * expected));
      }
    }
  }

  @Test
  void beforeTheCapAnEditIsCappedAndBehindItNot() throws IOException {
    Path path = Fixtures.copied("arch/gemma2/model-f32.gguf");
    float cap = (float) GgufFile.open(path).real("gemma2.final_logit_softcapping").orElseThrow();
    try (Model gemma = Model.load(path)) {
      int[] prompt = {3, 1, 4};
      var captured = new Captured("unembed.hook_out,logits");
      try (Session session = gemma.newSession(Prompts.EXACT)) {
        session.intervene(Hook.UNEMBED_OUT.all().set(1e6f).neurons(5));
        session.intervene(Hook.LOGITS.all().set(1e6f).neurons(6));
        session.addListener(captured);
        session.append(prompt);
        assertThat(session.logits().get(5)).isEqualTo(cap);
        assertThat(session.logits().get(6)).isEqualTo(1e6f);
      }
      int last = 2 * gemma.info().vocabulary();
      assertThat(captured.array("unembed.hook_out")[last + 5]).isEqualTo(1e6f);
      assertThat(captured.array("unembed.hook_out")[last + 6]).isLessThan(1000);
    }
  }

  @Test
  void anEditMakesNoFurtherRowsWanted() {
    List<Integer> rows = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(Hook.LOGITS.all().everyPosition().add(1).neurons(4));
      session.intervene(Hook.UNEMBED_OUT.all().everyPosition().add(1).neurons(4));
      session.observe(Hook.LOGITS.all(), a -> rows.add(a.rows()));
      session.observe(Hook.UNEMBED_IN.all(), a -> rows.add(a.rows()));
      session.append(tokens(30));
    }
    assertThat(rows).containsExactly(1, 1);
  }

  @Test
  void rowsOfEveryTileAreMet() {
    int vocabulary = model.info().vocabulary();
    Intervention all = Hook.LOGITS.all().everyPosition().add(2).neurons(4);
    Intervention one = Hook.LOGITS.all().positions(70).mask(9);
    List<List<Intervention>> named = new ArrayList<>();
    var plain = new Captured("logits");
    var edited = new Captured("logits");
    try (Session session = model.newSession()) {
      session.addListener(plain);
      session.append(tokens(150));
    }
    try (Session session = model.newSession()) {
      session.intervene(all);
      session.intervene(one);
      session.addListener(edited);
      session.observe(Hook.LOGITS.all().everyPosition(), a -> named.add(a.interventions()));
      session.append(tokens(150));
    }
    float[] expected = plain.array("logits").clone();
    for (int row = 0; row < 150; row++) {
      expected[row * vocabulary + 4] += 2;
    }
    expected[70 * vocabulary + 9] = Float.NEGATIVE_INFINITY;
    assertThat(edited.array("logits")).isEqualTo(expected);
    assertThat(named).containsExactly(List.of(all), List.of(all, one), List.of(all));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowWithNothingToChooseIsAnErrorOfTheSampler(boolean watched) {
    Intervention odd =
        Hook.LOGITS.all().mask(IntStream.range(0, 2048).filter(id -> id % 2 == 1).toArray());
    Intervention even =
        Hook.LOGITS.all().mask(IntStream.range(0, 2048).filter(id -> id % 2 == 0).toArray());
    Intervention notANumber =
        Hook.LOGITS.all().edit("spoil", rows -> rows.tensor().set(0, 7, Float.NaN));
    assertThat(model.info().vocabulary()).isEqualTo(2048);
    for (boolean masked : new boolean[] {true, false}) {
      try (Session session = model.newSession()) {
        if (masked) {
          session.intervene(odd);
          session.intervene(even);
        } else {
          session.intervene(notANumber);
        }
        if (watched) {
          session.addListener(new Captured("logits"));
        }
        assertThatThrownBy(() -> session.generate(tokens(5), GREEDY))
            .isInstanceOf(SamplingException.class)
            .hasMessageContaining(masked ? "no candidate is left" : "NaN");
      }
    }
  }

  @Test
  void aMaskThatCannotBeIsRefused() {
    assertThatThrownBy(() -> Hook.UNEMBED_OUT.all().mask(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tokens are masked at logits, not at unembed.hook_out at the last position");
    assertThatThrownBy(() -> Hook.LOGITS.all().mask())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a mask must name the ids of tokens");
    assertThatThrownBy(() -> Hook.LOGITS.all().mask(-1)).hasMessageContaining("at least 0");
    int vocabulary = model.info().vocabulary();
    try (Session session = model.newSession()) {
      Intervention all = Hook.LOGITS.all().mask(IntStream.range(0, vocabulary).toArray());
      assertThatThrownBy(() -> session.intervene(all))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("with all %d tokens masked none is left", vocabulary);
      assertThatThrownBy(() -> session.intervene(Hook.LOGITS.all().mask(vocabulary)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("neuron %d is beyond", vocabulary);
    }
  }
}
