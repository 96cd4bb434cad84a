package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.cli.ReferenceArray.Step;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Passes the prompts of a reference through a model and compares point by point. For one thread.
final class ReferenceCheck {
  private static final int LISTED = 12;

  private final Model model;
  private final ReferenceFolder reference;
  private final Tolerances tolerances;
  private final SessionOptions options;
  private final Stop stop;
  private final Progress progress;

  private final Map<String, Place> places = new TreeMap<>(); // by wire name
  private final List<ReferenceArray.Outcome> outcomes = new ArrayList<>();
  private final List<GreedyOutcome> greedy = new ArrayList<>();
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> ignored = new TreeSet<>();

  /// A point of the model.
  ///
  /// @param layer -1 outside the blocks
  private record Place(Hook hook, int layer) implements Comparable<Place> {
    /// In the order in which they are computed.
    @Override
    public int compareTo(Place other) {
      return Comparator.comparingInt(Place::part)
          .thenComparingInt(Place::layer)
          .thenComparing(Place::hook)
          .compare(this, other);
    }

    private int part() {
      return hook.perLayer() ? 1 : hook.compareTo(Hook.RESID_PRE) < 0 ? 0 : 2;
    }
  }

  /// What came of a comparison.
  ///
  /// @param outcomes in the order of the computation
  /// @param greedy one for each prompt with tokens behind it
  /// @param missing what the reference lacks
  /// @param ignored arrays of the reference that were not compared, and why
  record Result(
      List<ReferenceArray.Outcome> outcomes,
      List<GreedyOutcome> greedy,
      Set<String> missing,
      Set<String> ignored) {
    /// Copies the collections, in their order.
    Result {
      outcomes = List.copyOf(outcomes);
      greedy = List.copyOf(greedy);
      missing = Collections.unmodifiableSet(new LinkedHashSet<>(missing));
      ignored = Collections.unmodifiableSet(new LinkedHashSet<>(ignored));
    }

    boolean equal() {
      return outcomes.stream().allMatch(ReferenceArray.Outcome::equal)
          && greedy.stream().allMatch(GreedyOutcome::equal);
    }
  }

  ReferenceCheck(
      Model model,
      ReferenceFolder reference,
      Tolerances tolerances,
      SessionOptions options,
      Stop stop,
      Progress progress) {
    this.model = model;
    this.reference = reference;
    this.tolerances = tolerances;
    this.options = options.keyValueType(KeyValueType.F32);
    this.stop = stop;
    this.progress = progress;
  }

  Result run() throws IOException {
    findPlaces();
    if (reference.goldens().isPresent()) {
      for (ReferenceFolder.Prompt prompt : reference.prompts()) {
        compareGoldens(prompt, reference.goldens().get());
      }
    } else {
      missing.add("goldens.safetensors");
    }
    if (reference.hooks().isPresent()) {
      compareHooks(reference.hooks().get());
    } else {
      missing.add("hooks.safetensors");
    }
    for (ReferenceFolder.Prompt prompt : reference.prompts()) {
      compareGreedy(prompt);
    }
    if (outcomes.isEmpty() && greedy.isEmpty()) {
      throw new IOException(
          "%s: there is nothing to compare: no %s".formatted(reference.name(), listed(missing)));
    }
    return new Result(outcomes, greedy, missing, ignored);
  }

  /// Names in a sentence, the first ones where they are many.
  static String listed(Set<String> names) {
    String first = names.stream().limit(LISTED).collect(Collectors.joining(", "));
    return names.size() > LISTED ? first + ", ... " + names.size() + " in all" : first;
  }

  /// The points that the model has.
  private void findPlaces() {
    for (Hook hook : Hook.values()) {
      for (int layer = 0; layer < (hook.perLayer() ? model.info().layers() : 1); layer++) {
        ObservationPlan plan = ObservationPlan.of(hook.perLayer() ? hook.layer(layer) : hook.all());
        Explanation explanation = model.explain(plan, 1, 0, options);
        if (explanation.points().getFirst().verdict() != Explanation.Verdict.IMPOSSIBLE) {
          places.put(hook.name(layer), new Place(hook, hook.perLayer() ? layer : -1));
        }
      }
    }
  }

  private void compareGoldens(ReferenceFolder.Prompt prompt, SafetensorsFile file) {
    var step = new Step(prompt.key(), 0, 0, prompt.ids().length);
    List<ReferenceArray> arrays = new ArrayList<>();
    String prefix = prompt.key() + ".";
    add(arrays, file, prefix + "embed", step, Hook.RESID_PRE, 0);
    addAttention(arrays, file, prefix + "attn", step);
    for (int layer = 0; layer < model.info().layers(); layer++) {
      add(arrays, file, prefix + "block." + layer, step, Hook.RESID_POST, layer);
    }
    add(arrays, file, prefix + "final_norm", step, Hook.FINAL_NORM, -1);
    add(arrays, file, prefix + "logits", step, Hook.LOGITS, -1);
    compare(prompt.ids(), 0, arrays);
  }

  private void compareGreedy(ReferenceFolder.Prompt prompt) throws IOException {
    if (prompt.greedy().isEmpty()) {
      missing.add(prompt.key() + ".greedy");
      return;
    }
    TokenIds tokens = prompt.greedy().get();
    greedy.add(GreedyOutcome.of(model, prompt, tokens, tolerances.logits(), options, stop));
    progress.say("compared the tokens behind %s", prompt.key());
  }

  private void add(
      List<ReferenceArray> arrays,
      SafetensorsFile file,
      String name,
      Step step,
      Hook hook,
      int layer) {
    if (file.names().contains(name)) {
      arrays.add(
          new ReferenceArray(
              name, step, hook, layer, tolerances.of(hook), file.shape(name), file.floats(name)));
    } else {
      missing.add(name);
    }
  }

  /// One array has the patterns of all layers, `[layers, heads, T, T]`.
  private void addAttention(
      List<ReferenceArray> arrays, SafetensorsFile file, String name, Step step) {
    if (!file.names().contains(name)) {
      missing.add(name);
      return;
    }
    List<Long> shape = file.shape(name);
    int layers = model.info().layers();
    if (shape.size() != 4 || shape.getFirst() != layers) {
      add(arrays, file, name, step, Hook.PATTERN, 0); // whose shape is wrong
      return;
    }
    float[] all = file.floats(name);
    int size = all.length / layers;
    for (int layer = 0; layer < layers; layer++) {
      arrays.add(
          new ReferenceArray(
              name,
              step,
              Hook.PATTERN,
              layer,
              tolerances.attention(),
              shape.subList(1, 4),
              Arrays.copyOfRange(all, layer * size, (layer + 1) * size)));
    }
  }

  private void compareHooks(SafetensorsFile file) throws IOException {
    ReferenceFolder.Prompt prompt = reference.hooked();
    int steps = reference.hookSteps();
    int length = prompt.ids().length - steps;
    List<ReferenceArray> arrays = new ArrayList<>();
    for (int number = 0; number <= steps; number++) {
      var step =
          number == 0
              ? new Step(prompt.key(), 0, 0, length)
              : new Step(prompt.key(), number, length + number - 1, 1);
      String prefix = number == 0 ? "" : "step." + number + ".";
      for (Map.Entry<String, Place> place : places.entrySet()) {
        if (file.names().contains(prefix + place.getKey())) {
          Place at = place.getValue();
          add(arrays, file, prefix + place.getKey(), step, at.hook(), at.layer());
        } else {
          missing.add(
              prefix.isEmpty() ? general(place.getKey()) : "step.*." + general(place.getKey()));
        }
      }
    }
    Set<String> compared =
        arrays.stream().map(array -> array.outcome().name()).collect(Collectors.toSet());
    file.names().stream()
        .filter(name -> !compared.contains(name))
        .forEach(name -> ignored.add(general(name)));
    compare(prompt.ids(), steps, arrays);
  }

  /// A name for all layers and steps.
  private static String general(String name) {
    return name.replaceFirst("^step\\.[0-9]+\\.", "step.*.")
        .replaceFirst("blocks\\.[0-9]+\\.", "blocks.*.");
  }

  /// Passes tokens through the model, the last ones one by one.
  private void compare(int[] ids, int steps, List<ReferenceArray> arrays) {
    if (arrays.isEmpty()) {
      return;
    }
    arrays.sort(
        Comparator.comparingInt((ReferenceArray array) -> array.step().number())
            .thenComparing(
                array -> places.getOrDefault(array.point(), new Place(array.hook(), -1))));
    var looking = new Looking(arrays);
    try (Session session = model.newSession(options)) {
      stop.during(session::cancel);
      session.addListener(looking);
      int length = ids.length - steps;
      session.append(Arrays.copyOf(ids, length));
      for (int i = length; i < ids.length; i++) {
        session.append(ids[i]);
      }
    }
    for (ReferenceArray array : arrays) {
      outcomes.add(array.outcome());
    }
    progress.say(
        "compared %d arrays, the last of %s", outcomes.size(), arrays.getLast().step().prompt());
  }

  /// Hands what is computed to the arrays that it is compared with.
  private static final class Looking implements StepListener {
    private final Map<String, ReferenceArray> arrays = new LinkedHashMap<>(); // by step and point

    Looking(List<ReferenceArray> arrays) {
      arrays.forEach(array -> this.arrays.put(key(array.step().number(), array.point()), array));
    }

    private static String key(int step, String point) {
      return step + " " + point;
    }

    @Override
    public ObservationPlan plan(ModelInfo model) {
      return new ObservationPlan(
          arrays.values().stream()
              .map(ReferenceArray::hook)
              .distinct()
              .map(hook -> Point.of(hook).everyPosition())
              .toList());
    }

    @Override
    public void onActivation(Activation activation) {
      ReferenceArray array = arrays.get(key(activation.step(), activation.name()));
      if (array != null) {
        array.compare(activation);
      }
    }
  }
}
