package dev.inferno.internal.observe;

import dev.inferno.ModelInfo;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.Condition;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All that listeners and interventions of one session want, as a table from point and layer to
/// what happens there. Changes act from the next step on, when {@link #beginStep} makes the table
/// anew. For one thread at a time.
public final class Observation implements Observer {
  private final Anatomy anatomy;
  private final ModelInfo model;
  private final int context;
  private final List<Listening> listeners = new ArrayList<>();
  private final List<Registered> interventions = new ArrayList<>();
  private boolean stale;

  /// An intervention; equal ones are told apart by this.
  private static final class Registered {
    final Intervention intervention;

    Registered(Intervention intervention) {
      this.intervention = intervention;
    }
  }

  // The compiled table; a row has an entry per layer, and one before them for points outside the
  // blocks.
  private final Map<Hook, Site[]> sites = new EnumMap<>(Hook.class);
  private boolean anySite;
  private final List<Watch> rowWatches =
      new ArrayList<>(); // those that ask for rows behind the last attention
  private final List<Watch> logitWatches =
      new ArrayList<>(); // those of them that ask for rows behind the final norm
  private final List<Edit> conditional =
      new ArrayList<>(); // those that depend on the choice before
  private boolean callbacks;
  private Listening[] active = new Listening[0];
  private int step;
  private @Nullable Run run; // that is under way
  private final Outbox outbox = new Outbox();

  /// An observation of nothing.
  ///
  /// @param context how many positions the session has room for
  public Observation(Anatomy anatomy, int context) {
    this.anatomy = anatomy;
    this.model = anatomy.model();
    this.context = context;
    for (Hook hook : Hook.values()) {
      sites.put(hook, new Site[model.layers() + 1]);
    }
  }

  /// Adds a listener; its plan is checked now and acts from the next step.
  ///
  /// @param errors what happens if it throws
  /// @return to be removed again, see {@link #remove}
  /// @throws IllegalArgumentException if the plan asks for what is impossible
  public Listening add(StepListener listener, ListenerErrors errors) {
    ObservationPlan plan = listener.plan(model);
    var granted = new ArrayList<Point>();
    for (Point point : plan.points()) {
      String reason = Explainer.impossible(point, anatomy, context);
      if (reason.isEmpty()) {
        granted.add(point);
      } else if (!point.optional()) {
        throw new IllegalArgumentException(
            "the plan of %s asks for %s: %s".formatted(listener.name(), point, reason));
      }
    }
    var listening =
        new Listening(listener, new ObservationPlan(granted, plan.budgetBytes()), errors);
    if (run != null) { // it acts from the next step on
      requireWithinBudget(listening, run.behind(step));
    }
    listeners.add(listening);
    stale = true;
    return listening;
  }

  /// Removes a listener; acts from the next step. One that is not there is no matter.
  public void remove(Listening listening) {
    stale |= listeners.remove(listening);
  }

  /// Adds an intervention.
  ///
  /// @return takes it back
  /// @throws IllegalArgumentException if it does not fit the model
  public Runnable add(Intervention intervention) {
    String reason = Explainer.impossible(intervention, anatomy, context);
    if (!reason.isEmpty()) {
      throw new IllegalArgumentException("cannot " + intervention + ": " + reason);
    }
    var entry = new Registered(intervention);
    interventions.add(entry);
    stale = true;
    return () -> stale |= interventions.remove(entry);
  }

  /// Whether any listener's plan has a budget.
  public boolean hasBudgets() {
    for (int i = 0; i < listeners.size(); i++) {
      if (listeners.get(i).plan().budgetBytes() < Long.MAX_VALUE) {
        return true;
      }
    }
    return false;
  }

  /// A run is about to begin, a generation or tokens that are appended.
  ///
  /// @throws IllegalArgumentException if it would deliver more to a listener than its plan's budget
  public void beginRun(Run run) {
    for (int i = 0; i < listeners.size(); i++) {
      requireWithinBudget(listeners.get(i), run);
    }
    this.run = run;
    step = 0;
  }

  /// The run is over.
  public void endRun() {
    run = null;
  }

  /// What a run passes through the model.
  ///
  /// @param first the position of the first token that has not passed through the model yet
  /// @param given how many such tokens there are
  /// @param generated how many tokens are generated at most
  /// @param dropped how many positions a context shift forgets, 0 if there is none
  public record Run(int first, int given, int generated, int dropped) {

    /// What is left of it behind a step.
    Run behind(int step) {
      return new Run(first + given + step, 0, Math.max(0, generated - step), dropped);
    }
  }

  /// What a plan costs in a run, and what the registered interventions mean for it.
  public Explanation explain(ObservationPlan plan, Run run) {
    List<String> notes = new ArrayList<>();
    for (Registered entry : interventions) {
      if (entry.intervention.operation() instanceof Intervention.Callback(String name, _)) {
        notes.add(
            "the callback '%s' at %s makes the session pass through the model alone"
                .formatted(name, entry.intervention.point()));
      }
    }
    return cost(plan, run).notes(notes);
  }

  private Explanation cost(ObservationPlan plan, Run run) {
    return Explainer.explain(
        plan, anatomy, context, run.first, run.given, run.generated, run.dropped);
  }

  private void requireWithinBudget(Listening listening, Run run) {
    ObservationPlan plan = listening.plan();
    if (plan.budgetBytes() == Long.MAX_VALUE) {
      return;
    }
    Explanation cost =
        Explainer.explain(plan, anatomy, context, run.first, run.given, run.generated, run.dropped);
    if (cost.bytes() > plan.budgetBytes()) {
      throw new IllegalArgumentException(
          "the plan of %s would deliver %d bytes in %d given and %d generated tokens, but its budget is %d; the largest part is %s"
              .formatted(
                  listening.name(),
                  cost.bytes(),
                  run.given,
                  run.generated,
                  plan.budgetBytes(),
                  cost.largest()));
    }
  }

  /// Whether any listener is there.
  public boolean listening() {
    return active.length > 0;
  }

  /// A step begins, or a generation whose first step it will be: what was added or removed acts
  /// from here on.
  public void beginStep(int step) {
    this.step = step;
    settle();
    previousChoice(Double.NaN, Double.NaN);
    forgetFired(); // of a pass that was given up
  }

  /// What was added or removed acts from here on.
  private void settle() {
    if (stale) {
      compile();
      stale = false;
    }
  }

  /// The KV cache changed in a step.
  public void cacheChanged(CacheChange.Kind kind, int first, int count, int moved) {
    if (listening()) {
      var change = new CacheChange(kind, step, first, count, moved);
      tell("cache change", listener -> listener.onCacheChange(change));
    }
  }

  /// Positions of the KV cache were dropped, in a step or between two.
  public void cacheDropped(int first, int count, int moved) {
    settle();
    cacheChanged(CacheChange.Kind.DROP, first, count, moved);
  }

  /// Whether any intervention is code of the caller's, since the latest step began. It may do
  /// anything, so that its session passes through the model alone.
  public boolean hasCallbacks() {
    return callbacks;
  }

  /// Whether there is any intervention.
  public boolean changesPoints() {
    return !interventions.isEmpty();
  }

  /// Whether any point is watched or changed, since the latest step began.
  public boolean watchesPoints() {
    return anySite;
  }

  /// Whether any intervention depends on the choice of the step before, since the latest step
  /// began.
  public boolean hasConditions() {
    return !conditional.isEmpty();
  }

  /// Settles for this step what depends on the choice of the step before. A step begins without
  /// one.
  ///
  /// @param entropy of the raw distribution that it was made from, in nats
  /// @param probability of the chosen token in it
  public void previousChoice(double entropy, double probability) {
    for (int i = 0; i < conditional.size(); i++) {
      conditional.get(i).settle(entropy, probability);
    }
  }

  private void forgetFired() {
    if (anySite) {
      for (Site[] row : sites.values()) {
        for (Site site : row) {
          if (site != null) {
            site.fired = 0;
          }
        }
      }
    }
  }

  private void compile() {
    anySite = false;
    rowWatches.clear();
    logitWatches.clear();
    conditional.clear();
    callbacks = false;
    for (Site[] row : sites.values()) {
      Arrays.fill(row, null);
    }
    active = listeners.toArray(Listening[]::new);
    for (Registered entry : interventions) {
      Intervention intervention = entry.intervention;
      Point point = intervention.point();
      int[] parts = anatomy.selected(point.hook(), point.heads());
      callbacks |= intervention.operation() instanceof Intervention.Callback;
      for (int layer : anatomy.layers(point)) {
        Site site = site(point.hook(), layer);
        var edit = new Edit(intervention, layer, parts, anatomy.size(point.hook()));
        site.add(edit);
        if (!intervention.condition().equals(Condition.ALWAYS)) {
          conditional.add(edit);
        }
      }
    }
    for (Listening listening : listeners) {
      for (Point point : listening.plan().points()) {
        Hook hook = point.hook();
        int[] parts = anatomy.selected(hook, point.heads());
        var watch = new Watch(listening, point, parts, anatomy.size(hook), outbox);
        boolean onlyWantedRows = false;
        for (int layer : anatomy.layers(point)) {
          Site site = site(hook, layer);
          site.add(watch);
          onlyWantedRows |= hook.onlyWantedRows(layer == model.layers() - 1);
        }
        if (onlyWantedRows) {
          rowWatches.add(watch);
        }
        if (hook == Hook.UNEMBED_IN || hook == Hook.UNEMBED_OUT || hook == Hook.LOGITS) {
          logitWatches.add(watch);
        }
      }
    }
  }

  private Site site(Hook hook, int layer) {
    anySite = true;
    Site[] row = row(hook);
    if (row[layer + 1] == null) {
      row[layer + 1] = new Site(hook.name(layer));
    }
    return row[layer + 1];
  }

  @SuppressWarnings("NullAway") // the constructor fills the map for every hook
  private Site[] row(Hook hook) {
    return sites.get(hook);
  }

  @Override
  public boolean wants(Hook hook, int layer) {
    return anySite && row(hook)[layer + 1] != null;
  }

  @Override
  public boolean edits(Hook hook, int layer) {
    Site site = anySite ? row(hook)[layer + 1] : null;
    return site != null && site.edits.length > 0;
  }

  @Override
  public boolean wantsAt(Hook hook, int layer, Segment segment, int position) {
    Site site = anySite ? row(hook)[layer + 1] : null;
    if (site == null) {
      return false;
    }
    for (Edit edit : site.edits) {
      if (edit.isMeant(segment, position, step)) {
        return true;
      }
    }
    for (Watch watch : site.watches) {
      if (watch.wants(segment, position)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean wantsPart(Hook hook, int layer, int part) {
    Site site = anySite ? row(hook)[layer + 1] : null;
    if (site == null) {
      return false;
    }
    for (Edit edit : site.edits) {
      if (edit.acts(part)) {
        return true;
      }
    }
    for (Watch watch : site.watches) {
      if (watch.shows(part)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean wantsRow(Segment segment, int position) {
    return anyWants(rowWatches, segment, position);
  }

  @Override
  public boolean wantsLogits(Segment segment, int position) {
    return anyWants(logitWatches, segment, position);
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
  public void at(Hook hook, int layer, Rows rows, int from, int size, Segment segment) {
    Site site = fire(hook, layer);
    boolean captured = !hook.rowsFirst(); // and changed, row by row
    List<Edit> touched = List.of();
    for (Edit edit : site.edits) {
      boolean touches =
          captured
              ? edit.touches(segment, step)
              : edit.apply(rows, from, segment, 0, 0, segment.count(), step);
      if (touches) {
        touched = with(touched, edit);
      }
    }
    for (Watch watch : site.watches) {
      if (captured) {
        deliverCaptured(watch, site, layer, segment, touched);
      } else {
        deliver(watch, site, layer, rows, from, segment, 0, 0, segment.count(), touched);
      }
    }
  }

  @Override
  public void logits(Hook hook, Rows logits, int firstRow, Segment segment, int from, int to) {
    Site site = fire(hook, -1);
    List<Edit> touched = List.of();
    for (Edit edit : site.edits) {
      if (edit.apply(logits, 0, segment, firstRow, from, to, step)) {
        touched = with(touched, edit);
      }
    }
    for (Watch watch : site.watches) {
      deliver(watch, site, -1, logits, 0, segment, firstRow, from, to, touched);
    }
  }

  private Site fire(Hook hook, int layer) {
    Site site = row(hook)[layer + 1];
    site.fired++;
    return site;
  }

  private static List<Edit> with(List<Edit> touched, Edit edit) {
    var longer = new ArrayList<>(touched);
    longer.add(edit);
    return longer;
  }

  private void deliver(
      Watch watch,
      Site site,
      int layer,
      Rows rows,
      int offset,
      Segment segment,
      int firstRow,
      int from,
      int to,
      List<Edit> touched) {
    if (watch.listening.isDetached()) {
      return;
    }
    try {
      watch.deliver(
          site.name,
          layer,
          step,
          rows.data(),
          rows.width(),
          offset,
          segment,
          firstRow,
          from,
          to,
          touched);
    } catch (Throwable e) { // an assertion that fails in a listener, too
      thrown(watch.listening, site.name, e);
    }
  }

  private void deliverCaptured(
      Watch watch, Site site, int layer, Segment segment, List<Edit> touched) {
    if (watch.listening.isDetached()) {
      return;
    }
    try {
      watch.deliverCaptured(site.name, layer, step, segment, touched);
    } catch (Throwable e) {
      thrown(watch.listening, site.name, e);
    }
  }

  @Override
  public @Nullable AttentionObserver attentionObserver(int layer, Segment segment, int firstKey) {
    if (!wants(Hook.SCORES, layer) && !wants(Hook.PATTERN, layer) && !wants(Hook.SINK, layer)) {
      return null;
    }
    Site scores = row(Hook.SCORES)[layer + 1];
    Site pattern = row(Hook.PATTERN)[layer + 1];
    Site sink = row(Hook.SINK)[layer + 1];
    int keys = segment.firstPosition() + segment.rows();
    beginCapture(scores, segment, firstKey, keys);
    beginCapture(pattern, segment, firstKey, keys);
    beginCapture(sink, segment, 0, 1);
    return new AttentionRows(scores, pattern, sink, segment, step);
  }

  private static void beginCapture(@Nullable Site site, Segment segment, int firstKey, int keys) {
    if (site != null) {
      for (Watch watch : site.watches) {
        watch.beginCapture(segment, firstKey, keys);
      }
    }
  }

  /// A forward pass is over: every point that somebody wants must have been reached, once.
  ///
  /// @throws IllegalStateException if one was not, which is a fault of the model's code
  public void endForward(Segment segment) {
    if (!anySite) {
      return;
    }
    for (Map.Entry<Hook, Site[]> row : sites.entrySet()) {
      Hook hook = row.getKey();
      boolean inTiles = hook == Hook.UNEMBED_OUT || hook == Hook.LOGITS;
      for (Site site : row.getValue()) {
        if (site == null || (inTiles && segment.count() == 0)) {
          continue;
        }
        if (site.fired == 0 || (site.fired > 1 && !inTiles)) {
          throw new IllegalStateException(
              "%s was asked for but reached %d times in a forward pass"
                  .formatted(site.name, site.fired));
        }
      }
    }
    forgetFired();
  }

  /// The next forward pass is done for several sessions: what it shows is kept until {@link
  /// #release}.
  public void hold() {
    outbox.hold();
  }

  /// Delivers what was kept, if anything was.
  ///
  /// @throws ListenerException if a listener throws; it gets no more of it
  public void release() {
    if (outbox.isHolding()) {
      for (Outbox.Held held : outbox.release()) {
        guarded(held.listening(), held.where(), held.delivery());
      }
    }
  }

  /// Forgets a shared forward pass that failed.
  public void drop() {
    outbox.release();
    forgetFired();
  }

  /// Tells every listener of an event of the token level.
  ///
  /// @throws ListenerException if one throws
  public void tell(String event, Consumer<StepListener> call) {
    for (Listening listening : active) {
      guarded(listening, event, () -> call.accept(listening.listener()));
    }
  }

  /// The same for an event that every listener hears, whatever the others throw.
  ///
  /// @throws ListenerException if one throws; what others throw after it is suppressed
  public void tellAll(String event, Consumer<StepListener> call) {
    @Nullable ListenerException thrown = null;
    for (Listening listening : active) {
      try {
        guarded(listening, event, () -> call.accept(listening.listener()));
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

  /// Calls a listener, unless it is detached.
  ///
  /// @throws ListenerException if it throws and is not isolated
  private void guarded(Listening listening, String where, Runnable call) {
    if (listening.isDetached()) { // a step that had begun when it threw goes on without it
      return;
    }
    try {
      call.run();
    } catch (Throwable e) {
      thrown(listening, where, e);
    }
  }

  /// A listener threw, or what it asked for did.
  ///
  /// @throws ListenerException if it is not isolated
  private void thrown(Listening listening, String where, Throwable e) {
    if (e instanceof VirtualMachineError error && !(e instanceof StackOverflowError)) {
      throw error;
    }
    var exception =
        new ListenerException(
            "listener %s threw at %s, step %d: %s".formatted(listening.name(), where, step, e), e);
    if (listening.errors() == ListenerErrors.END_GENERATION) {
      throw exception;
    }
    listening.detach(exception);
    remove(listening);
  }
}
