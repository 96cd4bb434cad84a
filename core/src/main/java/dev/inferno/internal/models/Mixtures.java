package dev.inferno.internal.models;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.nn.Expert;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.MixtureOfExperts;
import dev.inferno.internal.nn.Routing;
import dev.inferno.internal.nn.SharedExpert;
import dev.inferno.internal.nn.SwiGlu;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes mixtures of experts of the tensors `ffn_gate_inp` and `ffn_*_exps`, and of `ffn_*_shexp`
/// if there is an expert that every row passes through.
final class Mixtures {
  private static final String SHARED_COUNT = "expert_shared_count";
  private static final String SHARED_WIDTH = "expert_shared_feed_forward_length";

  private Mixtures() {}

  /// The mixture of a block.
  ///
  /// @param renormalised whether the shares of the chosen experts are scaled to sum to 1
  static MixtureOfExperts read(String name, boolean renormalised, Blueprint blueprint) {
    return read(name, Routing.softmax(blueprint.sizes().expertsUsed(), renormalised), blueprint);
  }

  /// The mixture of a block.
  static MixtureOfExperts read(String name, Routing routing, Blueprint blueprint) {
    return read(name, routing, SwiGlu::new, blueprint);
  }

  /// What an expert is made of: gate and up in one map, and down.
  interface Kind {
    Expert of(Linear gateUp, Linear down, Kernels kernels);
  }

  /// The mixture of a block with experts of another kind.
  static MixtureOfExperts read(String name, Routing routing, Kind kind, Blueprint blueprint) {
    Sizes sizes = blueprint.sizes();
    Tensors tensors = blueprint.tensors();
    Kernels kernels = blueprint.kernels();
    int count = sizes.experts();
    int used = sizes.expertsUsed();
    int width = sizes.width();
    int inner = sizes.feedForward();
    Linear router = tensors.linear(name + "ffn_gate_inp", count, width);
    List<Linear> gateUps = gateUps(name, blueprint);
    List<Linear> downs = tensors.expertMaps(name + "ffn_down_exps", count, used, width, inner);
    List<Expert> experts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      experts.add(kind.of(gateUps.get(i), downs.get(i), kernels));
    }
    return new MixtureOfExperts(
        router, List.copyOf(experts), routing, shared(name, blueprint), kernels);
  }

  /// Gate and up of each expert in one product: from one tensor that has them one above the other,
  /// or from two.
  private static List<Linear> gateUps(String name, Blueprint blueprint) {
    Sizes sizes = blueprint.sizes();
    Tensors tensors = blueprint.tensors();
    int count = sizes.experts();
    int used = sizes.expertsUsed();
    int width = sizes.width();
    int inner = sizes.feedForward();
    String fused = name + "ffn_gate_up_exps";
    if (tensors.has(fused + ".weight")) {
      return tensors.expertMaps(fused, count, used, 2 * inner, width);
    }
    List<Linear> gates = tensors.expertMaps(name + "ffn_gate_exps", count, used, inner, width);
    List<Linear> ups = tensors.expertMaps(name + "ffn_up_exps", count, used, inner, width);
    List<Linear> both = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      both.add(Linear.stack(blueprint.kernels(), gates.get(i), ups.get(i)));
    }
    return both;
  }

  /// Whether mixtures have an expert that every row passes through: the metadata says so, or the
  /// last layer shows it.
  static boolean hasShared(Blueprint blueprint) {
    MetadataKeys keys = blueprint.tensors().keys();
    return keys.has(SHARED_COUNT)
        ? keys.count(SHARED_COUNT, 0, 1024) > 0
        : keys.has(SHARED_WIDTH) || lastLayerHas("ffn_gate_shexp.weight", blueprint);
  }

  private static boolean lastLayerHas(String name, Blueprint blueprint) {
    return blueprint.tensors().has("blk.%d.%s".formatted(blueprint.sizes().layers() - 1, name));
  }

  /// The expert that every row passes through, with a gate if the last layer has one.
  private static Optional<SharedExpert> shared(String name, Blueprint blueprint) {
    Tensors tensors = blueprint.tensors();
    Kernels kernels = blueprint.kernels();
    if (!hasShared(blueprint)) {
      return Optional.empty();
    }
    int width = blueprint.sizes().width();
    MetadataKeys keys = tensors.keys();
    int size =
        keys.has(SHARED_COUNT) // of experts like the others, side by side
            ? keys.count(SHARED_COUNT, 1, 1024) * blueprint.sizes().feedForward()
            : keys.count(keys.has(SHARED_WIDTH) ? SHARED_WIDTH : "feed_forward_length", 1, 1 << 20);
    keys.requireModest(keys.has(SHARED_COUNT) ? SHARED_COUNT : SHARED_WIDTH, 2L * size);
    Linear gateUp =
        Linear.stack(
            kernels,
            tensors.linear(name + "ffn_gate_shexp", size, width),
            tensors.linear(name + "ffn_up_shexp", size, width));
    Linear down = tensors.linear(name + "ffn_down_shexp", width, size);
    String gate = "ffn_gate_inp_shexp.weight";
    boolean gated = lastLayerHas(gate, blueprint);
    return Optional.of(
        new SharedExpert(
            new SwiGlu(gateUp, down, kernels),
            gated ? Optional.of(tensors.row(name + gate, width)) : Optional.empty(),
            kernels));
  }
}
