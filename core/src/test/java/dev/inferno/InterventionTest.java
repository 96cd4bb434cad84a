package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Point;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An intervention changes what it declares and nothing else, in the prompt and in every step.
class InterventionTest {
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

  private Captured pass(int[] prompt, Intervention... interventions) {
    var captured = new Captured("all");
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      session.addListener(captured);
      session.append(prompt);
    }
    return captured;
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 25})
  void anEditThatChangesNothingChangesNothing(int length) {
    Captured expected = pass(tokens(length));
    Intervention[] identities =
        Hooks.of(model).stream()
            .filter(Hook::editable)
            .flatMap(hook ->
                hook.rowsFirst()
                    ? java.util.stream.Stream.of(
                        hook.all().scale(1), hook.all().add(new float[width(hook)]))
                    : java.util.stream.Stream.of(hook.all().scale(1)))
            .toArray(Intervention[]::new);
    Captured edited = pass(tokens(length), identities);
    expected
        .arrays()
        .forEach((name, values) -> assertThat(edited.array(name)).as(name).isEqualTo(values));
  }

  private int width(Hook hook) {
    return switch (hook.axes()) {
      case SCALAR -> 1;
      case QUERIES, KEYS, VALUES, HEADS -> model.info().headSize();
      case NEURONS -> model.info().feedForward();
      case VOCABULARY -> model.info().vocabulary();
      default -> model.info().width();
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 25})
  void theResidualStreamIsTheSumOfEverythingThatWasAdded(int length) {
    Captured captured = pass(tokens(length));
    float[] sum = captured.array("hook_embed").clone();
    for (int layer = 0; layer < model.info().layers(); layer++) {
      assertThat(captured.array(Hook.RESID_PRE.name(layer)))
          .as("before block %d", layer)
          .isEqualTo(sum);
      add(sum, captured.array(Hook.ATTN_OUT.name(layer)));
      assertThat(captured.array(Hook.RESID_MID.name(layer)))
          .as("in block %d", layer)
          .isEqualTo(sum);
      add(sum, captured.array(Hook.MLP_OUT.name(layer)));
      assertThat(captured.array(Hook.RESID_POST.name(layer)))
          .as("after block %d", layer)
          .isEqualTo(sum);
    }
  }

  private static void add(float[] sum, float[] values) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  /// The points where a vector can be added that the tiny model has.
  static List<Hook> rowHooks() throws IOException {
    try (Model tiny = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      return Hooks.of(tiny).stream().filter(hook -> hook.editable() && hook.rowsFirst()).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("rowHooks")
  void zeroScaleAndAddActAtThePositionsAndHeadsTheyName(Hook hook) {
    int[] prompt = tokens(20);
    Point point = hook.perLayer() ? hook.layer(3) : hook.all();
    String name = hook.name(3);
    float[] original = pass(prompt).array(name);
    int width = original.length / 20;
    List<Integer> places = new ArrayList<>(); // of the numbers that are meant
    Point meant = point.positions(0, 18, 19);
    for (int position : new int[] {0, 18, 19}) {
      if (hook.perHead() || hook.perKeyValueHead()) {
        int[] heads = hook.perHead() ? new int[] {1, 3} : new int[] {1};
        int size = width(hook);
        meant = point.positions(0, 18, 19).heads(heads);
        for (int head : heads) {
          IntStream.range(0, size).forEach(i -> places.add(position * width + head * size + i));
        }
      } else {
        IntStream.range(0, width).forEach(i -> places.add(position * width + i));
      }
    }
    float[] vector = rising(hook.perHead() || hook.perKeyValueHead() ? width(hook) : width);

    float[] zeroed = original.clone();
    float[] scaled = original.clone();
    float[] moved = original.clone();
    for (int place : places) {
      zeroed[place] = 0;
      scaled[place] *= -1.5f;
      moved[place] += vector[place % vector.length] * 2;
    }
    assertThat(pass(prompt, meant.zero()).array(name)).isEqualTo(zeroed);
    assertThat(pass(prompt, meant.scale(-1.5f)).array(name)).isEqualTo(scaled);
    assertThat(pass(prompt, meant.add(vector, 2)).array(name)).isEqualTo(moved);
  }

  private static float[] rising(int length) {
    float[] vector = new float[length];
    for (int i = 0; i < length; i++) {
      vector[i] = i / 100f;
    }
    return vector;
  }

  @Test
  void whatComesEarlierStaysAsItWas() {
    int[] prompt = tokens(20);
    Captured before = pass(prompt);
    Captured after = pass(prompt, Hook.RESID_POST.layer(4).positions(10).zero());
    before
        .arrays()
        .forEach((name, values) -> {
          boolean later =
              name.matches(
                  "(blocks\\.(5|6|7)|ln_final|unembed|logits).*|blocks\\.4\\.hook_resid_post");
          if (later) {
            assertThat(after.array(name)).as(name).isNotEqualTo(values);
          } else {
            assertThat(after.array(name)).as(name).isEqualTo(values);
          }
        });
    int vocabulary = model.info().vocabulary(); // an earlier position cannot see it
    assertThat(Arrays.copyOf(after.array("logits"), 10 * vocabulary))
        .isEqualTo(Arrays.copyOf(before.array("logits"), 10 * vocabulary));
  }

  @Test
  void headsWriteWhatAttentionAdds() {
    int[] prompt = tokens(9);
    float[] whole = pass(prompt).array(Hook.ATTN_OUT.name(0));
    float[] sum = new float[whole.length];
    for (int head = 0; head < model.info().heads(); head++) {
      float[] without =
          pass(prompt, Hook.Z.layer(0).head(head).zero()).array(Hook.ATTN_OUT.name(0));
      for (int i = 0; i < sum.length; i++) {
        sum[i] += whole[i] - without[i];
      }
    }
    Compare.close("the sum of what each head writes", sum, whole, 1e-4);
    assertThat(pass(prompt, Hook.Z.layer(0).zero()).array(Hook.ATTN_OUT.name(0))).containsOnly(0f);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 25})
  void whatAHeadWritesHasTheSameBitsAloneAsAmongAll(int length) {
    int width = model.info().width();
    float[] all = pass(tokens(length)).array(Hook.RESULT.name(2));
    List<float[]> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.observe(Hook.RESULT.layer(2).heads(1), a -> seen.add(a.tensor().copy()));
      session.append(tokens(length));
    }
    for (int row = 0; row < length; row++) {
      int from = (row * model.info().heads() + 1) * width;
      assertThat(Arrays.copyOfRange(seen.getFirst(), row * width, (row + 1) * width))
          .isEqualTo(Arrays.copyOfRange(all, from, from + width));
    }
  }

  @Test
  void aHeadWhoseResultIsChangedIsSummedWithThoseThatNobodyNames() {
    Intervention edit = Hook.RESULT.layer(2).head(3).scale(-2);
    float[] expected = pass(tokens(9), edit).array("logits");
    int vocabulary = model.info().vocabulary();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.intervene(edit);
      session.append(tokens(9));
      assertThat(session.logits().copy())
          .isEqualTo(Arrays.copyOfRange(expected, 8 * vocabulary, 9 * vocabulary));
    }
  }

  @Test
  void aVectorMaySpanAllHeadsOrOne() {
    float[] whole = rising(128);
    float[] z = pass(tokens(1)).array(Hook.Z.name(2));
    float[] moved = pass(tokens(1), Hook.Z.layer(2).heads(0, 2).add(whole)).array(Hook.Z.name(2));
    for (int i = 0; i < 128; i++) {
      assertThat(moved[i]).isEqualTo(i / 32 % 2 == 0 ? z[i] + whole[i] : z[i]);
    }
  }

  @Test
  void editsActInCachedStepsAsInOnePass() {
    Intervention[] edits = {
      Hook.Z.layer(5).head(3).zero(),
      Hook.RESID_POST.layer(2).scale(1.25f),
      Hook.MLP_OUT.allLayers().positions(2, 7).zero()
    };
    int[] ids = tokens(12);
    float[] whole = pass(ids, edits).array("logits");
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Intervention edit : edits) {
        session.intervene(edit);
      }
      for (int i = 0; i < ids.length; i++) {
        session.append(ids[i]);
        int from = i * model.info().vocabulary();
        assertThat(session.logits().copy())
            .as("position %d", i)
            .isEqualTo(Arrays.copyOfRange(whole, from, from + model.info().vocabulary()));
      }
    }
  }

  @Test
  void thePromptOrWhatIsGeneratedCanBeLeftAlone() {
    Map<String, Boolean> zero = new TreeMap<>();
    Map<String, List<Intervention>> named = new TreeMap<>();
    Intervention generated = Hook.ATTN_OUT.layer(1).zero().onlyGenerated();
    Intervention prompt = Hook.MLP_OUT.layer(1).zero().onlyPrompt();
    try (Session session = model.newSession()) {
      session.intervene(generated);
      session.intervene(prompt);
      for (Hook hook : List.of(Hook.ATTN_OUT, Hook.MLP_OUT, Hook.RESID_POST)) {
        session.observe(
            hook.layer(1),
            a -> {
              zero.put(a.step() + " " + hook, a.tensor().norm() == 0);
              named.put(a.step() + " " + hook, a.interventions());
            });
      }
      session.generate(tokens(5), GREEDY.maxTokens(2));
    }
    assertThat(zero)
        .isEqualTo(
            Map.of(
                "0 ATTN_OUT", false,
                "1 ATTN_OUT", true,
                "0 MLP_OUT", true,
                "1 MLP_OUT", false,
                "0 RESID_POST", false,
                "1 RESID_POST", false));
    assertThat(named)
        .isEqualTo(
            Map.of(
                "0 ATTN_OUT", List.of(),
                "1 ATTN_OUT", List.of(generated),
                "0 MLP_OUT", List.of(prompt),
                "1 MLP_OUT", List.of(),
                "0 RESID_POST", List.of(),
                "1 RESID_POST", List.of()));
  }

  @Test
  void severalActInTheOrderTheyWereRegisteredUntilTheyAreTakenBack() throws Exception {
    float[] one = new float[128];
    Arrays.fill(one, 1);
    Point point = Hook.RESID_PRE.layer(2);
    float[] x = pass(tokens(1)).array(point.toString());
    List<float[]> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.observe(point, a -> seen.add(a.tensor().copy()));
      session.intervene(point.scale(2));
      Session.Registration add = session.intervene(point.add(one));
      Session.Registration again = session.intervene(point.scale(2));
      session.append(tokens(1)); // (2 x + 1) 2
      again.close();
      again.close();
      session.rewind(1);
      session.append(tokens(1)); // 2 x + 1: the later of two equal ones was taken back
      add.close();
      session.rewind(1);
      session.append(tokens(1)); // 2 x
    }
    for (int i = 0; i < 128; i++) {
      assertThat(seen.get(0)[i]).isEqualTo((2 * x[i] + 1) * 2);
      assertThat(seen.get(1)[i]).isEqualTo(2 * x[i] + 1);
      assertThat(seen.get(2)[i]).isEqualTo(2 * x[i]);
    }
  }

  @Test
  void whatCannotBeChangedIsRefusedWithWhatCan() {
    assertThatThrownBy(() -> Hook.EXPERT_INDICES.layer(0).zero())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mlp.hook_expert_indices can be watched but not changed")
        .hasMessageContaining("blocks.*.attn.hook_z");
    assertThatThrownBy(() -> Hook.EMBED.all().scale(Float.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Hook.EMBED.all().add(new float[] {1, Float.POSITIVE_INFINITY}))
        .hasMessageContaining("vector[1]");
    try (Session session = model.newSession()) {
      assertThatThrownBy(() -> session.intervene(Hook.EMBED.all().add(new float[127])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("127 numbers")
          .hasMessageContaining("128");
      assertThatThrownBy(() -> session.intervene(Hook.Z.layer(0).add(new float[64])))
          .hasMessageContaining("64 numbers")
          .hasMessageContaining("a head has 32 and all heads 128");
      assertThatThrownBy(() -> session.intervene(Hook.Z.layer(8).zero()))
          .hasMessageContaining("8 layers");
    }
  }
}
