package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;
import java.util.List;
import java.util.Optional;

/// A feed-forward made of many, of which each row passes through a few: a router scores the
/// experts, the softmax over all of them says how much each counts, the best are taken, and their
/// outputs are summed by share, the best first; that of an expert which every row passes through
/// comes on top. <https://arxiv.org/abs/2401.04088>; {@link Routing} knows other ways to choose.
///
/// @param router `[experts, width]`
public record MixtureOfExperts(
    Linear router,
    List<? extends Expert> experts,
    Routing routing,
    Optional<SharedExpert> shared,
    Kernels kernels)
    implements FeedForward {

  /// Feeds every row of `x` forward into `out`. Expert by expert, so that its weights are read once
  /// for all rows that chose it; a row's result does not depend on the others.
  @Override
  public void apply(int layer, Rows x, Rows out, State state, Probe probe) {
    MixtureScratch mixture = state.mixture;
    probe.at(Hook.MLP_IN, layer, x);
    router.apply(x, mixture.routerLogits);
    probe.at(Hook.ROUTER_LOGITS, layer, mixture.routerLogits);
    mixture.resize(x);
    share(x.rows(), mixture);
    probe.at(Hook.ROUTER_PROBS, layer, mixture.routerProbabilities);
    for (int row = 0; row < x.rows(); row++) {
      routing.choose(row, experts.size(), mixture);
    }
    if (probe.wants(Hook.EXPERT_INDICES, layer)) {
      probe.at(Hook.EXPERT_INDICES, layer, mixture.indices(x));
    }
    probe.at(Hook.EXPERT_WEIGHTS, layer, mixture.weights);

    boolean shown = probe.wants(Hook.EXPERT_POST, layer);
    for (int expert = 0; expert < experts.size(); expert++) {
      if (gather(expert, x, x.width(), 0, x.width(), mixture.input, mixture)) {
        Rows inner = experts.get(expert).inner(mixture.input, mixture.gateUp, mixture.hidden);
        if (shown) {
          scatter(inner, mixture.expertPost, mixture);
        } else {
          finish(expert, inner, mixture);
        }
      }
    }
    if (shown) {
      probe.at(Hook.EXPERT_POST, layer, mixture.expertPost);
      finishAll(x, mixture);
    }
    probe.at(Hook.EXPERT_OUT, layer, mixture.expertOut);
    sum(x, out, mixture);
    if (shared.isPresent()) {
      Rows more = shared.get().apply(x, state);
      probe.at(Hook.SHARED_EXPERT_OUT, layer, more);
      kernels.add(out.data(), 0, more.data(), 0, x.rows() * x.width());
    }
    probe.at(Hook.MLP_RAW_OUT, layer, out);
  }

  @Override
  public List<Linear> downs() {
    return experts.stream().map(Expert::down).toList();
  }

  @Override
  public State prepare(State state) {
    return shared.isEmpty() ? state : state.withSharedExpert(shared.get().newScratch());
  }

  private void share(int rows, MixtureScratch mixture) {
    int count = experts.size();
    float[] shares = mixture.routerProbabilities.data();
    System.arraycopy(mixture.routerLogits.data(), 0, shares, 0, rows * count);
    for (int row = 0; row < rows; row++) {
      routing.share(shares, row * count, count, kernels);
    }
  }

  /// Finds the places of the rows that chose an expert, and gathers those rows.
  ///
  /// @param place the distance between two places of a row in `from`, 0 if all have the same values
  /// @return whether there are any
  private boolean gather(
      int expert, Rows from, int rowWidth, int place, int size, Rows to, MixtureScratch mixture) {
    int used = routing.used();
    int rows = 0;
    int longRows = 0;
    int all = from.rows() * used;
    for (int i = 0; i < all; i++) {
      if (mixture.chosen[i] == expert) {
        mixture.places[rows++] = i;
        longRows += i / used < from.longRows() ? 1 : 0;
      }
    }
    mixture.placesCount = rows;
    to.resize(rows, longRows);
    for (int i = 0; i < rows; i++) {
      int at = mixture.places[i] / used * rowWidth + mixture.places[i] % used * place;
      System.arraycopy(from.data(), at, to.data(), i * size, size);
    }
    return rows > 0;
  }

  /// Puts the rows of an expert at their places.
  private static void scatter(Rows rows, Rows to, MixtureScratch mixture) {
    for (int i = 0; i < mixture.placesCount; i++) {
      System.arraycopy(
          rows.data(), i * rows.width(), to.data(), mixture.places[i] * rows.width(), rows.width());
    }
  }

  /// From the inner neurons of an expert's rows to what it gives, weighted.
  private void finish(int expert, Rows inner, MixtureScratch mixture) {
    experts.get(expert).down().apply(inner, mixture.output);
    int width = mixture.output.width();
    scatter(mixture.output, mixture.expertOut, mixture);
    for (int i = 0; i < mixture.placesCount; i++) {
      int place = mixture.places[i];
      float weight = mixture.weights.data()[place];
      kernels.scale(mixture.expertOut.data(), place * width, weight, width);
    }
  }

  /// The same for all experts, from the inner neurons that were shown.
  private void finishAll(Rows x, MixtureScratch mixture) {
    Rows post = mixture.expertPost.resize(x.rows(), x.longRows());
    int size = mixture.hidden.width();
    for (int expert = 0; expert < experts.size(); expert++) {
      if (gather(expert, post, post.width(), size, size, mixture.hidden, mixture)) {
        finish(expert, mixture.hidden, mixture);
      }
    }
  }

  private void sum(Rows x, Rows out, MixtureScratch mixture) {
    out.resize(x.rows(), x.longRows());
    int used = routing.used();
    int width = x.width();
    for (int row = 0; row < x.rows(); row++) {
      int from = row * used * width;
      System.arraycopy(mixture.expertOut.data(), from, out.data(), row * width, width);
      for (int rank = 1; rank < used; rank++) {
        int at = from + rank * width;
        kernels.add(out.data(), row * width, mixture.expertOut.data(), at, width);
      }
    }
  }
}
