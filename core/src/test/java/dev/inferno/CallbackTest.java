package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.EditableRows;
import dev.inferno.observe.EditableTensor;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.InterventionException;
import dev.inferno.observe.Interventions;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interventions that are code.
class CallbackTest {
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
      session.append(3);
    }
    return captured;
  }

  private static void requireSame(Captured actual, Captured expected) {
    expected
        .arrays()
        .forEach((name, values) -> assertThat(actual.array(name)).as(name).isEqualTo(values));
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 25})
  void oneThatPutsBackWhatItFindsChangesNoBit(int length) {
    Intervention[] identities =
        Hooks.of(model).stream()
            .filter(hook -> hook.editable() && hook.rowsFirst())
            .map(hook -> hook.all().everyPosition().edit("identity", CallbackTest::putBack))
            .toArray(Intervention[]::new);
    requireSame(pass(tokens(length), identities), pass(tokens(length)));
  }

  private static void putBack(EditableRows rows) {
    EditableTensor tensor = rows.tensor();
    int[] shape = tensor.shape();
    float[] row = new float[shape[shape.length - 1]];
    for (int i = 0; i < tensor.copy().length / row.length; i++) {
      tensor.copyRow(i, row);
      tensor.setRow(i, row);
    }
    if (shape.length == 2) {
      tensor.set(0, 0, tensor.get(0, 0));
    } else {
      tensor.set(0, 0, 0, tensor.get(0, 0, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Z", "Q", "ROT_K", "RESULT", "RESID_MID", "MLP_POST", "FINAL_NORM"})
  void oneThatZeroesIsTheSameAsZero(Hook hook) {
    var point =
        switch (hook) {
          case FINAL_NORM -> hook.all().everyPosition();
          case Z, Q, ROT_K, RESULT -> hook.layer(3).head(1);
          default -> hook.layer(3);
        };
    Intervention callback =
        point.edit(
            "zero",
            rows -> {
              int[] shape = rows.tensor().shape();
              float[] zero = new float[shape[shape.length - 1]];
              for (int i = 0; i < rows.tensor().copy().length / zero.length; i++) {
                rows.tensor().setRow(i, zero);
              }
            });
    requireSame(pass(tokens(20), callback), pass(tokens(20), point.zero()));
  }

  @Test
  void itReceivesTheRowsAndHeadsThatAreMeantAndIsNamed() {
    List<String> received = new ArrayList<>();
    Intervention edit =
        Hook.Z.layers(2, 4)
            .heads(1, 3)
            .edit(
                "look",
                rows ->
                    received.add(
                        "%s %s step %d at %s heads %s of %s"
                            .formatted(
                                rows.hook(),
                                rows.layer(),
                                rows.step(),
                                Arrays.toString(rows.positions()),
                                rows.heads(),
                                rows.tensor())))
            .steps(0, 1);
    Intervention chosen = new Intervention(edit.point().positions(0, 3, 5), edit.operation());
    List<Integer> named = new ArrayList<>();
    try (Session session = model.newSession()) {
      Session.Registration first = session.intervene(edit);
      session.observe(
          Hook.Z.layer(2),
          a -> named.add(a.interventions().equals(List.of(edit)) ? a.step() : -a.step()));
      session.generate(tokens(4), GREEDY.maxTokens(3));
      first.close();
      session.rewind(session.length());
      session.intervene(chosen);
      session.generate(tokens(4), GREEDY.maxTokens(3));
    }
    assertThat(named.subList(0, 3)).containsExactly(0, 1, -2);
    assertThat(received)
        .containsExactly(
            look(2, 0, "[0, 1, 2, 3]", 4),
            look(4, 0, "[0, 1, 2, 3]", 4),
            look(2, 1, "[4]", 1),
            look(4, 1, "[4]", 1),
            look(2, 0, "[0, 3]", 2),
            look(4, 0, "[0, 3]", 2),
            look(2, 2, "[5]", 1),
            look(4, 2, "[5]", 1));
  }

  private static String look(int layer, int step, String positions, int rows) {
    return "Z OptionalInt[%d] step %d at %s heads [1, 3] of blocks.%d.attn.hook_z[%d, 2, 32]"
        .formatted(layer, step, positions, layer, rows);
  }

  @Test
  void whatItReceivedIsOfNoUseAfterwards() {
    List<EditableTensor> kept = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(Hook.RESID_PRE.layer(1).edit("keep", rows -> kept.add(rows.tensor())));
      session.append(tokens(3));
    }
    EditableTensor tensor = kept.getFirst();
    assertThatThrownBy(() -> tensor.get(0, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tensor.set(0, 0, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> tensor.setRow(0, new float[128]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks.1.hook_resid_pre");
  }

  @Test
  void oneThatThrowsEndsItsGenerationByName() {
    List<GenerationEnd> ends = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onGenerationEnd(GenerationEnd end) {
              ends.add(end);
            }
          });
      Session.Registration bad =
          session.intervene(
              Hook.RESID_POST
                  .layer(3)
                  .edit(
                      "my name",
                      _ -> {
                        throw new AssertionError("on purpose");
                      })
                  .fromStep(2));
      assertThatThrownBy(() -> session.generate(tokens(4), GREEDY.maxTokens(9)))
          .isInstanceOf(InterventionException.class)
          .hasMessage(
              "intervention 'my name' threw at blocks.3.hook_resid_post, step 2:"
                  + " java.lang.AssertionError: on purpose")
          .hasCauseInstanceOf(AssertionError.class);
      assertThat(ends.getFirst().failure()).containsInstanceOf(InterventionException.class);
      bad.close();
      assertThat(session.generate(new int[0], GREEDY.maxTokens(2)).ids()).hasSize(2);
    }
  }

  @Test
  void whatDoesNotFitTheTensorIsAnErrorOfTheCallback() {
    for (Intervention edit :
        List.of(
            Hook.EMBED.all().edit("short", rows -> rows.tensor().setRow(0, new float[127])),
            Hook.EMBED.all().edit("far", rows -> rows.tensor().setRow(3, new float[128])),
            Hook.EMBED.all().edit("wide", rows -> rows.tensor().set(0, 128, 1)),
            Hook.EMBED.all().edit("deep", rows -> rows.tensor().set(0, 0, 0, 1)))) {
      try (Session session = model.newSession()) {
        session.intervene(edit);
        assertThatThrownBy(() -> session.append(tokens(3)))
            .isInstanceOf(InterventionException.class);
        assertThat(session.length()).isZero();
      }
    }
  }

  @Test
  void aSessionKnowsWhetherAnyOfItsInterventionsIsCode() {
    try (Session session = model.newSession()) {
      session.intervene(Hook.EMBED.all().scale(2));
      session.append(1);
      assertThat(session.observation().hasCallbacks()).isFalse();
      Session.Registration callback = session.intervene(Hook.EMBED.all().edit("none", _ -> {}));
      session.append(1);
      assertThat(session.observation().hasCallbacks()).isTrue();
      callback.close();
      session.append(1);
      assertThat(session.observation().hasCallbacks()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SCORES", "PATTERN"})
  void rowsOfAttentionAreRefused(Hook hook) {
    assertThatThrownBy(() -> hook.layer(1).edit("mine", _ -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the callback 'mine' cannot change rows of attention")
        .hasMessageContaining(hook.name(1));
  }

  @Test
  void itHasNoNeuronsAndNoJson() {
    Intervention edit = Hook.MLP_OUT.layer(1).edit("mine", _ -> {});
    assertThatThrownBy(() -> edit.neurons(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'mine' receives whole rows");
    assertThatThrownBy(() -> Interventions.toJson(List.of(edit)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the callback 'mine' is code and cannot be written as JSON");
    assertThat(edit).hasToString("change blocks.1.hook_mlp_out by the callback 'mine'");
  }

  @Test
  void explainSaysThatACallbackMakesItsSessionPassAlone() {
    try (Session session = model.newSession()) {
      ObservationPlan plan = ObservationPlan.of(Hook.EMBED.all().everyPosition());
      GenerationOptions options = GenerationOptions.defaults().maxTokens(3);
      assertThat(session.explain(plan, 5, options).notes()).isEmpty();
      session.intervene(Hook.Z.layer(1).edit("mine", _ -> {}));
      Explanation explanation = session.explain(plan, 5, options);
      assertThat(explanation.notes())
          .singleElement()
          .asString()
          .startsWith("the callback 'mine' at blocks.1.attn.hook_z");
      assertThat(explanation.toString()).contains("pass through the model alone");
      assertThat(explanation.bytes()).isEqualTo(7 * 4L * model.info().width());
      assertThat(session.explain(plan, 5, options.maxTokens(600).contextShift(4)).bytes())
          .isEqualTo(604 * 4L * model.info().width());
    }
  }
}
