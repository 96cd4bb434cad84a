package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a plan says is checked before the run.
class PlansTest {
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

  @Test
  void aPlanBeyondItsBudgetIsRefusedWithTheNumberBeforeTheRun() {
    ObservationPlan plan = ObservationPlan.of(Hook.LOGITS.all(), Hook.Z.layer(0).head(1));
    long bytes = model.explain(plan, 5, 3, SessionOptions.defaults()).bytes();
    assertThat(bytes).isEqualTo(3 * 2048 * 4 + 7 * 32 * 4);
    var events = new ArrayList<String>();
    for (long budget : new long[] {bytes, bytes - 1}) {
      try (Session session = model.newSession()) {
        session.addListener(
            new StepListener() {
              @Override
              public String name() {
                return "the curious one";
              }

              @Override
              public ObservationPlan plan(ModelInfo info) {
                return plan.within(budget);
              }

              @Override
              public void onActivation(Activation activation) {
                events.add(activation.name());
              }
            });
        if (budget == bytes) {
          session.generate(Prompts.tokens(5), GREEDY.maxTokens(3));
          assertThat(events).hasSize(6);
          events.clear();
        } else {
          assertThatThrownBy(() -> session.generate(Prompts.tokens(5), GREEDY.maxTokens(3)))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("the curious one would deliver " + bytes + " bytes")
              .hasMessageContaining("its budget is " + (bytes - 1))
              .hasMessageContaining("logits");
          assertThat(events).isEmpty();
          assertThat(session.length()).isZero();
          session.generate(Prompts.tokens(5), GREEDY.maxTokens(2)); // which delivers less
        }
      }
    }
  }

  @Test
  void aPlanThatAsksForWhatThereIsNotIsRefusedWithWhatIsPossible() {
    try (Session session = model.newSession()) {
      assertRefused(
          session,
          Hook.RESID_POST.layer(8),
          "blocks.8.hook_resid_post",
          "8 layers, counted from 0");
      assertRefused(session, Hook.PATTERN.layer(0).head(4), "heads [4]", "4 heads, counted from 0");
      assertRefused(
          session, Hook.EMBED.all().positions(512), "[512]", "512 positions, counted from 0");
      session.append(1);
      assertThat(session.length()).isEqualTo(1);
    }
    try (Session session = model.newSession(SessionOptions.defaults().contextLength(8))) {
      assertRefused(session, Hook.EMBED.all().positions(8), "[8]", "8 positions, counted from 0");
    }
    assertThatThrownBy(() -> ObservationPlan.parse("blocks.9.hook_resid_pre", model.info()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'blocks.9.hook_resid_pre'")
        .hasMessageContaining("the model has 8, counted from 0");
    assertThatThrownBy(() -> Hook.EMBED.layer(0)).hasMessageContaining("hook_embed");
    assertThatThrownBy(() -> Hook.RESID_PRE.layer(0).head(0)).hasMessageContaining("no heads");
    assertThatThrownBy(() -> Hook.Z.layer(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> Hook.Z.layers()).hasMessageContaining("no layer");
    assertThatThrownBy(() -> Hook.LOGITS.top(0)).hasMessageContaining("0");
  }

  private static void assertRefused(Session session, Point point, String... messages) {
    assertThatThrownBy(() -> session.observe(point, _ -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(messages);
  }

  @Test
  void whatIsImpossibleButOptionalIsLeftOut() {
    List<Seen> seen =
        Seen.pass(
            model,
            Prompts.tokens(3),
            Hook.RESID_POST.layer(99).orNothing(),
            Hook.Z.layer(0).head(77).orNothing(),
            Hook.RESID_POST.layer(0).orNothing());
    assertThat(seen).extracting(Seen::name).containsExactly("blocks.0.hook_resid_post");
  }

  @Test
  void namesWithStarsAndNamesOfOtherToolsAreUnderstood() {
    ModelInfo info = model.info();
    assertThat(ObservationPlan.parse("blocks.*.attn.hook_z", info).points())
        .containsExactly(Hook.Z.layers(0, 1, 2, 3, 4, 5, 6, 7));
    assertThat(ObservationPlan.parse("l_out-3, kq_soft_max-0,result_norm", info).points())
        .containsExactly(Hook.RESID_POST.layer(3), Hook.PATTERN.layer(0), Hook.FINAL_NORM.all());
    assertThat(ObservationPlan.parse("all", info).points()).hasSize(Hook.values().length);
    assertThat(ObservationPlan.parse("blocks.2.*", info).points())
        .hasSize((int) Arrays.stream(Hook.values()).filter(Hook::perLayer).count());
    assertThatThrownBy(() -> ObservationPlan.parse("blocks.1.attn.hook.z", info))
        .hasMessageContaining("'blocks.1.attn.hook.z'");
  }

  @Test
  void aListenerBeyondItsBudgetIsRefusedInTheMiddleOfAGenerationToo() {
    var refused = new ArrayList<String>();
    var granted = new ArrayList<String>();
    try (Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public void onStepEnd(StepEnd end) {
              if (end.step() != 1) {
                return;
              }
              // Two more steps pass a token each.
              long row = 4L * model.info().width();
              session.addListener(new Curious(2 * row, granted));
              try {
                session.addListener(new Curious(2 * row - 1, granted));
              } catch (IllegalArgumentException e) {
                refused.add(e.getMessage());
              }
            }
          });
      session.generate(Prompts.tokens(5), GREEDY.maxTokens(4));
    }
    assertThat(granted).hasSize(2);
    assertThat(refused).singleElement().asString().contains("its budget is");
  }

  @Test
  void anAppendBeyondABudgetIsRefusedAndLeavesTheSessionAsItWas() {
    var seen = new ArrayList<String>();
    try (Session session = model.newSession()) {
      session.addListener(new Curious(4L * model.info().width() * 3, seen));
      session.append(Prompts.tokens(3));
      assertThatThrownBy(() -> session.append(Prompts.tokens(4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("its budget is");
      assertThat(session.length()).isEqualTo(3);
      session.append(1);
    }
    assertThat(seen).hasSize(2);
  }

  @Test
  void aBudgetCountsTheRowThatIsPassedAgainAfterARewind() {
    long row = 4L * model.info().width();
    try (Session session = model.newSession()) {
      session.append(Prompts.tokens(5));
      session.rewind(1);
      session.addListener(new Curious(row * 2, new ArrayList<>()));
      assertThatThrownBy(() -> session.generate(new int[0], GREEDY.maxTokens(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("in 1 given and 3 generated tokens");
    }
  }

  /// Asks for every row of one point.
  private record Curious(long budget, List<String> seen) implements StepListener {
    @Override
    public ObservationPlan plan(ModelInfo info) {
      return ObservationPlan.of(Hook.EMBED.all().everyPosition()).within(budget);
    }

    @Override
    public void onActivation(Activation activation) {
      seen.add(activation.name());
    }
  }

  @Test
  void pointsThatFewArchitecturesHaveAreImpossibleInOthersAndSayWhy() {
    Explanation explanation =
        model.explain(
            ObservationPlan.of(Hook.SINK.layer(0), Hook.SHARED_EXPERT_OUT.layer(0)),
            5,
            1,
            SessionOptions.defaults());
    assertThat(explanation.points())
        .allMatch(cost -> cost.verdict() == Explanation.Verdict.IMPOSSIBLE)
        .extracting(Explanation.PointCost::reason)
        .containsExactly(
            "the architecture llama has no learned attention sinks",
            "the architecture llama has no expert that every row passes through");
  }

  @Test
  void aPointMeansTheLayersThatHaveIt() throws IOException {
    try (Model mixture = FixtureModels.load("tiny/deepseek3-moe")) { // layer 0 has no experts
      Explanation explanation =
          mixture.explain(
              ObservationPlan.of(
                  Hook.EXPERT_OUT.layer(0),
                  Hook.MLP_POST.layer(1),
                  Hook.EXPERT_POST.allLayers(),
                  Hook.EXPERT_POST.layers(0, 1),
                  Hook.MLP_POST.allLayers(),
                  Hook.MLP_OUT.allLayers()),
              1,
              1,
              SessionOptions.defaults());
      assertThat(explanation.points())
          .extracting(Explanation.PointCost::reason)
          .containsExactly(
              "layer 0 is no mixture of experts",
              "layer 1 has experts in place of one feed-forward",
              "",
              "",
              "",
              "");
      assertThat(explanation.points())
          .extracting(Explanation.PointCost::bytes)
          .containsExactly(
              0L, 0L, 4L * 3 * 16, 4L * 3 * 16, 4L * 80, 2 * 4L * 32); // floats of a row
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "blocks.55.hook_resid_post | there is no such layer; the model has 8, counted from 0",
        "blocks.1.hook_resid_pots | points of similar names are blocks.*.hook_resid_post,",
        "logit | points of similar names are logits,",
      })
  void aNameThatMeansNoPointGetsTheLikelyOnes(String name, String message) {
    assertThatThrownBy(() -> ObservationPlan.parse(name, model.info()))
        .hasMessageStartingWith("'%s' is not a point of this model: ".formatted(name))
        .hasMessageContaining(message);
  }
}
