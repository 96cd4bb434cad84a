package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.observe.TensorView;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a listener is promised holds for every point of every architecture: it fires as often as it
/// should, its views end with the callback, what it throws and what it watches stays in its own
/// generation.
@Tag("models")
class WatchedArchitecturesTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText();
  private static final int CHUNK = 512; // tokens of a forward pass
  private static final int TILE = 64; // rows of logits of an event

  static List<String> models() throws IOException {
    return FixtureModels.names();
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 300).toArray();
  }

  /// A listener of some points.
  private record Watching(List<Point> points, Consumer<Activation> consumer)
      implements StepListener {
    @Override
    public ObservationPlan plan(ModelInfo model) {
      return new ObservationPlan(points);
    }

    @Override
    public void onActivation(Activation activation) {
      consumer.accept(activation);
    }
  }

  /// A point in every form that it can have.
  private static List<Point> everyForm(Point point) {
    List<Point> forms =
        new ArrayList<>(List.of(point, point.norm(), point.statistics(), point.top(2)));
    if (point.hook() == Hook.PATTERN || point.hook() == Hook.ROUTER_PROBS) {
      forms.add(point.entropy());
    }
    return forms;
  }

  @ParameterizedTest
  @MethodSource("models")
  void aPlanFiresOncePerPointLayerAndForwardPass(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (int length : new int[] {1, 7, 21}) {
        List<Point> plan = new ArrayList<>();
        for (Hook hook : Hooks.of(model)) {
          plan.addAll(everyForm(hook.all().everyPosition()));
        }
        requireEvents(model, plan, length);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aPromptOfSeveralForwardPassesFiresInEachOfThem(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      int length = CHUNK + 5;
      if (length < model.architecture().positions()) {
        List<Point> plan =
            Hooks.of(model).stream().map(hook -> hook.all().everyPosition()).toList();
        requireEvents(model, plan, length);
      }
    }
  }

  /// Counts the events of a prompt and of the steps of two generated tokens.
  private static void requireEvents(Model model, List<Point> plan, int length) {
    Map<String, Integer> fired = new TreeMap<>();
    Map<String, int[]> reached = new TreeMap<>(); // how often each position was
    var listener =
        new Watching(
            plan,
            a -> {
              fired.merge("step %d %s".formatted(a.step(), a.name()), 1, Integer::sum);
              int[] times = reached.computeIfAbsent(a.name(), _ -> new int[length + 2]);
              for (int position : a.positions()) {
                times[position]++;
              }
            });
    try (Session session = model.newSession(Prompts.EXACT.contextLength(length + 3))) {
      session.addListener(listener);
      session.generate(tokens(length), GREEDY.maxTokens(3));
    }

    Map<String, Integer> expected = new TreeMap<>();
    for (Point point : plan) {
      Hook hook = point.hook();
      boolean inTiles = hook == Hook.UNEMBED_OUT || hook == Hook.LOGITS;
      for (int layer : Hooks.layers(model, hook)) {
        for (int from = 0; from < length; from += CHUNK) {
          int rows = Math.min(CHUNK, length - from);
          int events = inTiles ? (rows + TILE - 1) / TILE : 1;
          expected.merge("step 0 " + hook.name(layer), events, Integer::sum);
        }
        for (int step = 1; step <= 2; step++) {
          expected.merge("step %d %s".formatted(step, hook.name(layer)), 1, Integer::sum);
        }
      }
    }
    assertThat(fired).isEqualTo(expected);
    for (Point point : plan) {
      int forms = (int) plan.stream().filter(other -> other.hook() == point.hook()).count();
      for (int layer : Hooks.layers(model, point.hook())) {
        assertThat(reached.get(point.hook().name(layer)))
            .as("%s of layer %d", point, layer)
            .containsOnly(forms);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyViewOfEveryFormIsOverWhenItsCallbackReturns(String name) throws IOException {
    List<TensorView> views = new ArrayList<>();
    List<int[]> shapes = new ArrayList<>();
    List<Point> plan = new ArrayList<>();
    try (Model model = FixtureModels.load(name);
        Session session = model.newSession()) {
      for (Hook hook : Hooks.of(model)) {
        plan.addAll(everyForm(hook.all().everyPosition()));
      }
      session.addListener(
          new Watching(
              plan,
              a -> {
                views.add(a.tensor());
                a.indices().ifPresent(views::add);
                while (shapes.size() < views.size()) {
                  shapes.add(views.get(shapes.size()).shape());
                }
                assertThat(a.tensor().copy()).isNotEmpty();
              }));
      session.append(tokens(3));
      session.append(4);
    }
    assertThat(views).hasSizeGreaterThan(plan.size()).doesNotHaveDuplicates();
    for (int i = 0; i < views.size(); i++) {
      TensorView view = views.get(i);
      int[] shape = shapes.get(i);
      requireOver(view, view::shape);
      float[] row = new float[shape[shape.length - 1]];
      requireOver(view, view::copy);
      requireOver(view, () -> view.copyRow(0, row));
      requireOver(view, view::norm);
      requireOver(
          view,
          switch (shape.length) {
            case 1 -> () -> view.get(0);
            case 2 -> () -> view.get(0, 0);
            case 3 -> () -> view.get(0, 0, 0);
            default -> () -> view.get(0, 0, 0, 0);
          });
    }
  }

  private static void requireOver(TensorView view, Runnable use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(view.name());
  }

  @ParameterizedTest
  @MethodSource("models")
  void whatThrowsAtAnyPointLeavesItsSessionAndTheModelAsTheyWere(String name) throws IOException {
    try (Model model = FixtureModels.load(name);
        Session session = model.newSession()) {
      for (int length : new int[] {7, 21}) {
        float[] expected;
        try (Session untouched = model.newSession()) {
          untouched.append(tokens(length));
          expected = untouched.logits().copy();
        }
        for (Hook hook : Hooks.of(model)) {
          int layer = Hooks.layers(model, hook).getLast();
          Consumer<Activation> thrower =
              _ -> {
                throw new IllegalStateException("on purpose");
              };
          Point point = hook.perLayer() ? hook.layer(layer) : hook.all();
          Session.Registration registration = session.observe(point, thrower);
          assertThatThrownBy(() -> session.append(tokens(length)))
              .isInstanceOf(ListenerException.class)
              .hasMessageContaining(thrower.getClass().getName())
              .hasMessageContaining("threw at %s, step ".formatted(hook.name(layer)))
              .hasCauseInstanceOf(IllegalStateException.class);
          assertThat(session.length()).isZero();
          assertThat(session.cacheBytes()).isZero();

          registration.close();
          session.append(tokens(length));
          assertThat(session.logits().copy()).as("after %s threw", hook).isEqualTo(expected);
          session.rewind(length);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void generationsWithDifferentPlansAndEditsOnTwoThreadsDoNotMix(String name) throws Exception {
    var barrier = new CyclicBarrier(2);
    try (Model model = FixtureModels.load(name)) {
      Run one = new Run(model, "blocks.*.attn.*", List.of(), 21, 1);
      Run other =
          new Run(model, "*resid*,*mlp*,ln_final*,logits", List.of(Hook.Z.layer(0).zero()), 7, 2);
      Seen oneAlone = one.generate(() -> {});
      Seen otherAlone = other.generate(() -> {});
      assertThat(oneAlone.captured().arrays().keySet())
          .doesNotContainAnyElementsOf(otherAlone.captured().arrays().keySet());

      var beside = new FutureTask<>(() -> other.generate(() -> meet(barrier)));
      Thread.ofPlatform().start(beside);
      requireSame(one.generate(() -> meet(barrier)), oneAlone);
      requireSame(beside.get(20, TimeUnit.SECONDS), otherAlone);
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void requireSame(Seen actual, Seen expected) {
    assertThat(actual.ids()).isEqualTo(expected.ids());
    assertThat(actual.captured().events()).isEqualTo(expected.captured().events());
    assertThat(actual.captured().arrays().keySet())
        .isEqualTo(expected.captured().arrays().keySet());
    actual
        .captured()
        .arrays()
        .forEach((point, values) ->
            assertThat(values).as(point).isEqualTo(expected.captured().array(point)));
  }

  private record Seen(List<Integer> ids, Captured captured) {}

  /// A generation with a plan, edits and a seed of its own.
  private record Run(
      Model model, String names, List<Intervention> edits, int promptLength, long seed) {

    Seen generate(Runnable atEachStep) {
      var captured = new Captured(names);
      try (Session session = model.newSession()) {
        edits.forEach(session::intervene);
        session.addListener(
            new StepListener() {
              @Override
              public void onStepStart(StepStart start) {
                atEachStep.run();
              }
            });
        session.addListener(captured);
        GenerationOptions options =
            GenerationOptions.defaults().seed(seed).ignoreEndOfText().maxTokens(5);
        return new Seen(session.generate(tokens(promptLength), options).ids(), captured);
      }
    }
  }
}
