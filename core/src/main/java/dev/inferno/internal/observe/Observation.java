package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// All that listeners and interventions of one session want, as a table from point and layer to
/// what happens there. Changes act from the next step on, when {@link #beginStep} makes the table
/// anew. For one thread at a time.
public final class Observation implements Observer {
  private static final List<Edit> NO_EDITS = List.of();
  private static final List<Watch> NO_WATCHES = List.of();

  private final ModelInfo model;
  private final Attention.Heads sizes;
  private final int context;
  private final List<Registered<Listening>> listeners = new ArrayList<>();
  private final List<Registered<Intervention>> interventions = new ArrayList<>();
  private boolean stale;

  private record Listening(StepListener listener, List<Point> points) {}

  private static final class Registered<T> {
    final T item;

    Registered(T item) {
      this.item = item;
    }
  }

  // The compiled table; a row has an entry per layer, and one before them for points outside the
  // blocks.
  private final Map<Hook, Site[]> sites = new EnumMap<>(Hook.class);
  private boolean anySite;
  private final List<Watch> rowWatches =
      new ArrayList<>(); // those that ask for rows behind the last attention
  private StepListener[] active = new StepListener[0];
  private int step;

  /// What happens at one point of one layer.
  private static final class Site {
    List<Edit> edits = NO_EDITS;
    List<Watch> watches = NO_WATCHES;
    @Nullable Capture capture;
    boolean fired;
  }

  /// An observation of nothing.
  ///
  /// @param context how many positions the session has room for
  public Observation(ModelInfo model, Attention.Heads sizes, int context) {
    this.model = model;
    this.context = context;
    this.sizes = sizes;
    for (Hook hook : Hook.values()) {
      sites.put(hook, new Site[model.layers() + 1]);
    }
  }

  /// Adds a listener; its plan is checked now and acts from the next step.
  ///
  /// @return takes it back
  /// @throws IllegalArgumentException if the plan asks for what is impossible
  public Runnable add(StepListener listener) {
    var granted = new ArrayList<Point>();
    for (Point point : listener.plan(model).points()) {
      String reason = Explainer.impossible(point, model, context);
      if (reason.isEmpty()) {
        granted.add(point);
      } else if (!point.optional()) {
        throw new IllegalArgumentException(
            "the plan of %s asks for %s: %s".formatted(listener.name(), point, reason));
      }
    }
    return register(listeners, new Listening(listener, granted));
  }

  /// Adds an intervention.
  ///
  /// @return takes it back
  /// @throws IllegalArgumentException if it does not fit the model
  public Runnable add(Intervention intervention) {
    String reason = Explainer.impossible(intervention, model, sizes, context);
    if (!reason.isEmpty()) {
      throw new IllegalArgumentException("cannot " + intervention + ": " + reason);
    }
    return register(interventions, intervention);
  }

  private <T> Runnable register(List<Registered<T>> registered, T item) {
    var entry = new Registered<>(item); // equal items are told apart by their entries
    registered.add(entry);
    stale = true;
    return () -> stale |= registered.remove(entry);
  }

  /// Whether any listener is there.
  public boolean listening() {
    return active.length > 0;
  }

  /// A step begins, or a generation whose first step it will be: what was added or removed acts
  /// from here on.
  public void beginStep(int step) {
    this.step = step;
    if (stale) {
      compile();
      stale = false;
    }
    forgetFired(); // of a pass that was given up
  }

  private void forgetFired() {
    if (anySite) {
      for (Site[] row : sites.values()) {
        for (Site site : row) {
          if (site != null) {
            site.fired = false;
          }
        }
      }
    }
  }

  private void compile() {
    anySite = false;
    rowWatches.clear();
    for (Site[] row : sites.values()) {
      Arrays.fill(row, null);
    }
    active = listeners.stream().map(entry -> entry.item.listener()).toArray(StepListener[]::new);
    for (Registered<Intervention> entry : interventions) {
      Intervention intervention = entry.item;
      Point point = intervention.point();
      for (int layer : layers(point)) {
        Site site = site(point.hook(), layer);
        site.edits =
            with(site.edits, new Edit(intervention, layer, heads(point), sizes.valueSize()));
      }
    }
    for (Registered<Listening> entry : listeners) {
      Listening listening = entry.item;
      for (Point point : listening.points()) {
        var watch = new Watch(listening.listener(), point, heads(point), sizes.valueSize());
        boolean behindTheLast = false;
        for (int layer : layers(point)) {
          Site site = site(point.hook(), layer);
          site.watches = with(site.watches, watch);
          if (point.hook() == Hook.PATTERN) {
            site.capture = new Capture(site.watches);
          }
          behindTheLast |= isBehindLastAttention(point.hook(), layer);
        }
        if (behindTheLast) {
          rowWatches.add(watch);
        }
      }
    }
  }

  private boolean isBehindLastAttention(Hook hook, int layer) {
    return switch (hook) {
      case FINAL_NORM, LOGITS -> true;
      case MLP_OUT, RESID_POST -> layer == model.layers() - 1;
      case EMBED, RESID_PRE, PATTERN, Z, ATTN_OUT, RESID_MID -> false;
    };
  }

  private Site site(Hook hook, int layer) {
    anySite = true;
    Site[] row = row(hook);
    if (row[layer + 1] == null) {
      row[layer + 1] = new Site();
    }
    return row[layer + 1];
  }

  @SuppressWarnings("NullAway") // the constructor fills the map for every hook
  private Site[] row(Hook hook) {
    return sites.get(hook);
  }

  private static <T> List<T> with(List<T> list, T item) {
    var longer = new ArrayList<>(list);
    longer.add(item);
    return List.copyOf(longer);
  }

  private int[] layers(Point point) {
    if (!point.hook().perLayer()) {
      return new int[] {-1};
    }
    if (point.layers().isEmpty()) {
      return IntStream.range(0, model.layers()).toArray();
    }
    return point.layers().stream().mapToInt(Integer::intValue).toArray();
  }

  private int[] heads(Point point) {
    if (!point.hook().perHead()) {
      return new int[0];
    }
    if (point.heads().isEmpty()) {
      return IntStream.range(0, model.heads()).toArray();
    }
    return point.heads().stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public boolean wants(Hook hook, int layer) {
    return anySite && row(hook)[layer + 1] != null;
  }

  @Override
  public boolean wantsRow(Segment segment, int position) {
    return anyWants(rowWatches, segment, position);
  }

  @Override
  public boolean wantsLogits(Segment segment, int position) {
    Site site = row(Hook.LOGITS)[0];
    return site != null && anyWants(site.watches, segment, position);
  }

  private static boolean anyWants(List<Watch> watches, Segment segment, int position) {
    for (int i = 0; i < watches.size(); i++) {
      if (watches.get(i).wants(segment, position)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void at(Hook hook, int layer, Rows rows, Segment segment) {
    Site site = row(hook)[layer + 1];
    site.fired = true;
    if (hook == Hook.PATTERN) {
      for (Watch watch : site.watches) {
        guarded(
            watch.listener, hook.name(layer), () -> watch.deliverCaptured(layer, step, segment));
      }
      return;
    }
    List<Intervention> touched = List.of();
    for (Edit edit : site.edits) {
      if (edit.apply(rows, segment, step)) {
        touched = with(touched, edit.intervention);
      }
    }
    List<Intervention> interventions = touched;
    for (Watch watch : site.watches) {
      guarded(
          watch.listener,
          hook.name(layer),
          () ->
              watch.deliver(
                  layer,
                  step,
                  rows.data(),
                  rows.width(),
                  segment,
                  0,
                  0,
                  segment.count(),
                  interventions));
    }
  }

  @Override
  public void logits(Rows logits, int firstRow, Segment segment, int from, int to) {
    Site site = row(Hook.LOGITS)[0];
    site.fired = true;
    for (Watch watch : site.watches) {
      guarded(
          watch.listener,
          Hook.LOGITS.name(-1),
          () ->
              watch.deliver(
                  -1, step, logits.data(), logits.width(), segment, firstRow, from, to, List.of()));
    }
  }

  @Override
  public @Nullable PatternSink patternSink(int layer, Segment segment) {
    Site site = anySite ? row(Hook.PATTERN)[layer + 1] : null;
    if (site == null || site.capture == null) {
      return null;
    }
    site.capture.begin(segment);
    return site.capture;
  }

  /// A forward pass is over: every point that somebody wants must have been reached.
  ///
  /// @throws IllegalStateException if one was not, which is a fault of the model's code
  public void endForward(Segment segment) {
    if (!anySite) {
      return;
    }
    for (Hook hook : Hook.values()) {
      Site[] row = row(hook);
      for (int layer = -1; layer < model.layers(); layer++) {
        Site site = row[layer + 1];
        boolean due = site != null && (hook != Hook.LOGITS || segment.count() > 0);
        if (due && !site.fired) {
          throw new IllegalStateException(hook.name(layer) + " was asked for but never reached");
        }
      }
    }
    forgetFired();
  }

  /// Tells every listener of an event of the token level.
  ///
  /// @throws ListenerException if one throws
  public void tell(String event, Consumer<StepListener> call) {
    for (StepListener listener : active) {
      guarded(listener, event, () -> call.accept(listener));
    }
  }

  /// The same for an event that every listener hears, whatever the others throw.
  ///
  /// @throws ListenerException if one throws; what others throw after it is suppressed
  public void tellAll(String event, Consumer<StepListener> call) {
    @Nullable ListenerException thrown = null;
    for (StepListener listener : active) {
      try {
        guarded(listener, event, () -> call.accept(listener));
      } catch (ListenerException e) {
        if (thrown == null) {
          thrown = e;
        } else {
          thrown.addSuppressed(e);
        }
      }
    }
    if (thrown != null) {
      throw thrown;
    }
  }

  private void guarded(StepListener listener, String where, Runnable call) {
    try {
      call.run();
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) { // an assertion that fails in a listener, too
      throw new ListenerException(
          "listener %s threw at %s, step %d: %s".formatted(listener.name(), where, step, e), e);
    }
  }

  /// Takes the rows of a layer's pattern for all who watch it.
  private static final class Capture implements PatternSink {
    private final List<Watch> watches;

    Capture(List<Watch> watches) {
      this.watches = watches;
    }

    void begin(Segment segment) {
      for (Watch watch : watches) {
        watch.beginCapture(segment);
      }
    }

    @Override
    public boolean wants(int head, int row) {
      for (int i = 0; i < watches.size(); i++) {
        if (watches.get(i).captures(head, row)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void row(int head, int row, float[] probabilities, int at, int keys) {
      for (int i = 0; i < watches.size(); i++) {
        if (watches.get(i).captures(head, row)) {
          watches.get(i).capture(head, row, probabilities, at, keys);
        }
      }
    }
  }
}
