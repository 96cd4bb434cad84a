package dev.inferno.internal.models;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.MixtureOfExperts;
import dev.inferno.internal.nn.SwiGlu;
import java.util.ArrayList;
import java.util.List;

/// Makes mixtures of experts of the tensors `ffn_gate_inp` and `ffn_*_exps`.
final class Mixtures {
  private Mixtures() {}

  /// The mixture of a block.
  ///
  /// @param renormalised whether the shares of the chosen experts are scaled to sum to 1
  static MixtureOfExperts read(String name, boolean renormalised, Blueprint blueprint) {
    Sizes sizes = blueprint.sizes();
    Tensors tensors = blueprint.tensors();
    Kernels kernels = blueprint.kernels();
    int count = sizes.experts();
    int used = sizes.expertsUsed();
    int width = sizes.width();
    int inner = sizes.feedForward();
    Linear router = tensors.linear(name + "ffn_gate_inp", count, width);
    List<Weight> gates = tensors.experts(name + "ffn_gate_exps.weight", count, used, inner, width);
    List<Weight> ups = tensors.experts(name + "ffn_up_exps.weight", count, used, inner, width);
    List<Weight> downs = tensors.experts(name + "ffn_down_exps.weight", count, used, width, inner);
    List<SwiGlu> experts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Weight gateUp = Weights.stack(gates.get(i), ups.get(i));
      experts.add(new SwiGlu(unbiased(gateUp, kernels), unbiased(downs.get(i), kernels), kernels));
    }
    return new MixtureOfExperts(
        router, List.copyOf(experts), new MixtureOfExperts.Routing(used, renormalised), kernels);
  }

  private static Linear unbiased(Weight weight, Kernels kernels) {
    return new Linear(weight, new float[0], kernels);
  }
}
