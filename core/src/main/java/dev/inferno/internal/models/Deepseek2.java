package dev.inferno.internal.models;

import static dev.inferno.internal.nn.NormPoints.BEFORE_ATTENTION;
import static dev.inferno.internal.nn.NormPoints.BEFORE_FEED_FORWARD;
import static dev.inferno.internal.nn.NormPoints.FINAL;
import static dev.inferno.observe.Hook.ATTN_OUT;
import static dev.inferno.observe.Hook.EMBED;
import static dev.inferno.observe.Hook.MLP_OUT;
import static dev.inferno.observe.Hook.RESID_MID;
import static dev.inferno.observe.Hook.RESID_POST;
import static dev.inferno.observe.Hook.RESID_PRE;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.FeedForward;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.LatentProjection;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.RmsNorm;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.Routing;
import dev.inferno.internal.nn.State;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// DeepSeek-V2 and V3: attention whose keys and values come from a latent vector, and behind the
/// first few layers mixtures of many small experts, with some that every token passes through.
/// <https://arxiv.org/abs/2405.04434>, <https://arxiv.org/abs/2412.19437>
///
/// @param leading how many layers have no experts
/// @param denseWidth how many inner neurons these have
record Deepseek2(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Rope rope,
    Residual residual,
    List<Block> blocks,
    RmsNorm outputNorm,
    Head output,
    int leading,
    int denseWidth)
    implements Architecture {

  private record Block(
      RmsNorm attentionNorm,
      LatentProjection projection,
      Attention attention,
      RmsNorm feedForwardNorm,
      FeedForward feedForward,
      Set<Hook> hooks) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    probe.at(EMBED, x);
    rope.prepare(batch, state);

    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      probe.at(RESID_PRE, layer, x);

      block.attentionNorm().apply(x, state.normed(), BEFORE_ATTENTION, layer, state, probe);
      block.attention().apply(layer, batch, state.normed(), state.branch(), state, probe);
      probe.at(ATTN_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_MID, layer, x);
      if (layer == blocks.size() - 1) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
      }

      block.feedForwardNorm().apply(x, state.normed(), BEFORE_FEED_FORWARD, layer, state, probe);
      block.feedForward().apply(layer, state.normed(), state.branch(), state, probe);
      probe.at(MLP_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_POST, layer, x);
    }

    outputNorm.apply(x, state.normed(), FINAL, -1, state, probe);
    output.apply(batch, state.normed(), state, probe); // [wanted, vocabulary]
  }

  @Override
  public void unembed(Rows x, Rows logits, State state) {
    outputNorm.apply(x, state.normed());
    output.apply(state.normed(), logits);
  }

  @Override
  public Readout readout() {
    List<Readout.Block> branches =
        blocks.stream()
            .map(block -> Readout.Block.of(block.attention(), block.feedForward()))
            .toList();
    return new Readout(outputNorm.weights(), output, branches);
  }

  @Override
  public Set<Hook> hooks() {
    return Hooks.union(hooks(0), hooks(blocks.size() - 1));
  }

  @Override
  public Set<Hook> hooks(int layer) {
    return blocks.get(layer).hooks();
  }

  @Override
  public int experts() {
    return leading < blocks.size() ? sizes.experts() : 0;
  }

  @Override
  public int expertsUsed() {
    return leading < blocks.size() ? sizes.expertsUsed() : 0;
  }

  @Override
  public OptionalInt denseFeedForward() {
    return OptionalInt.of(denseWidth);
  }

  @Override
  public int window(int layer) {
    return 0;
  }

  @Override
  public Rope rope(int layer) {
    return rope;
  }

  @Override
  public State newState() {
    State state = Blueprint.newState(sizes, heads, denseWidth);
    return blocks
        .getLast()
        .feedForward()
        .prepare(state)
        .withLatent(blocks.getFirst().projection().newScratch());
  }

  /// Reads a DeepSeek from the tensors of a file.
  static Deepseek2 read(Sizes sizes, Tensors tensors, Kernels kernels) {
    MetadataKeys keys = tensors.keys();
    int layers = sizes.layers();
    int leading =
        keys.count("leading_dense_block_count", 0, layers, sizes.experts() > 0 ? 0 : layers);
    int denseWidth =
        leading == 0 || leading == layers
            ? sizes.feedForward()
            : keys.perLayer("feed_forward_length", layers);
    keys.requireModest("feed_forward_length", 2L * denseWidth);
    var blueprint = new Blueprint(sizes, tensors, kernels);
    var latent = new Latent(sizes, tensors, blueprint);
    Rope rope = latent.rope();
    Set<Hook> mixture =
        Mixtures.hasShared(blueprint) ? Hooks.PRE_NORM_MIXTURE_SHARED : Hooks.PRE_NORM_MIXTURE;
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      LatentProjection projection = latent.projection(name);
      blocks.add(
          new Block(
              blueprint.rmsNorm(name + "attn_norm"),
              projection,
              new Attention(
                  projection,
                  Optional.empty(),
                  rope,
                  latent.heads(),
                  latent.scoring(),
                  tensors.linear(name + "attn_output", sizes.width(), latent.heads().zWidth()),
                  kernels),
              blueprint.rmsNorm(name + "ffn_norm"),
              layer < leading
                  ? blueprint.swiGlu(name, denseWidth)
                  : Mixtures.read(name, routing(name, sizes, tensors), blueprint),
              layer < leading ? Hooks.PRE_NORM_GATED : mixture));
    }
    Weight embedding = blueprint.embedding();
    return new Deepseek2(
        sizes,
        latent.heads(),
        embedding,
        rope,
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding),
        leading,
        denseWidth);
  }

  /// V2 chooses by the softmax and limits the groups that experts are in, V3 by the sigmoid with a
  /// bias for each expert.
  private static Routing routing(String name, Sizes sizes, Tensors tensors) {
    MetadataKeys keys = tensors.keys();
    int experts = sizes.experts();
    int used = sizes.expertsUsed();
    int gating = keys.count("expert_gating_func", 1, 2, 1);
    int groups = keys.count("expert_group_count", 1, experts, 1);
    if (experts % groups != 0) {
      throw keys.malformed(
          "expert_group_count",
          "is %d, which does not divide the %d experts".formatted(groups, experts));
    }
    int groupsUsed = groups == 1 ? 1 : keys.count("expert_group_used_count", 1, groups);
    if (used > experts / groups * groupsUsed) {
      throw keys.malformed(
          "expert_group_used_count",
          "is %d, groups of %d experts each, but a token passes through %d"
              .formatted(groupsUsed, experts / groups, used));
    }
    return new Routing(
        used,
        gating == 1 ? Routing.Gating.SOFTMAX : Routing.Gating.SIGMOID,
        keys.flag("expert_weights_norm", false),
        (float) keys.positive("expert_weights_scale", 1),
        tensors.optionalVector(name + "exp_probs_b.bias", experts).orElse(new float[0]),
        groups,
        groupsUsed);
  }

  /// The sizes of latent attention, and how it is read. In newer files the key and value lengths
  /// are those of one head over the latent itself, and the real ones have keys of their own; older
  /// ones have no such keys.
  ///
  /// @param latent the length of the latent of keys and values
  /// @param turned how many numbers of a query and key RoPE turns
  private record Latent(
      Sizes sizes,
      Tensors tensors,
      Blueprint blueprint,
      Attention.Heads heads,
      int queryLatent,
      int latent,
      int turned) {
    private static final int MOST = 1 << 20;

    Latent(Sizes sizes, Tensors tensors, Blueprint blueprint) {
      this(
          sizes,
          tensors,
          blueprint,
          heads(sizes, tensors.keys()),
          tensors.keys().count("attention.q_lora_rank", 0, MOST, 0),
          tensors.keys().count("attention.kv_lora_rank", 1, MOST),
          sizes.ropeDimensions());
      if (turned >= heads.keySize()) {
        throw tensors
            .keys()
            .malformed(
                "rope.dimension_count",
                "is %d; possible is less than a key has, %d".formatted(turned, heads.keySize()));
      }
    }

    private static Attention.Heads heads(Sizes sizes, MetadataKeys keys) {
      int heads = sizes.heads();
      int keySize = keys.count("attention.key_length_mla", 1, MOST, sizes.keySize());
      int valueSize = keys.count("attention.value_length_mla", 1, MOST, sizes.valueSize());
      keys.requireModest("attention.head_count", heads * (2L * keySize + valueSize));
      return new Attention.Heads(heads, heads, keySize, valueSize);
    }

    LatentProjection projection(String name) {
      int width = sizes.width();
      int queryWidth = heads.queryWidth();
      Linear down = tensors.linear(name + "attn_kv_a_mqa", latent + turned, width);
      RmsNorm norm = blueprint.rmsNorm(name + "attn_kv_a_norm", latent);
      Optional<LatentProjection.Down> queryDown = Optional.empty();
      Linear query;
      if (queryLatent == 0) {
        query = tensors.linear(name + "attn_q", queryWidth, width);
      } else {
        queryDown =
            Optional.of(
                new LatentProjection.Down(
                    tensors.linear(name + "attn_q_a", queryLatent, width),
                    blueprint.rmsNorm(name + "attn_q_a_norm", queryLatent)));
        query = tensors.linear(name + "attn_q_b", queryWidth, queryLatent);
      }
      return new LatentProjection(
          queryDown, query, down, norm, keys(name), values(name), heads, turned);
    }

    private Linear keys(String name) {
      int still = heads.keySize() - turned;
      String both = name + "attn_kv_b.weight";
      return tensors.has(both)
          ? tensors.headPart(both, heads.heads(), still + heads.valueSize(), latent, 0, still)
          : tensors.transposedHeads(name + "attn_k_b.weight", heads.heads(), still, latent);
    }

    private Linear values(String name) {
      int still = heads.keySize() - turned;
      int rows = still + heads.valueSize();
      String both = name + "attn_kv_b.weight";
      return tensors.has(both)
          ? tensors.headPart(both, heads.heads(), rows, latent, still, rows)
          : tensors.heads(name + "attn_v_b.weight", heads.heads(), heads.valueSize(), latent);
    }

    /// YaRN's factor for all dimensions, `mscale_all_dim`, times a tenth; 0 for none.
    private double logMultiplier() {
      String key = "rope.scaling.yarn_log_multiplier";
      return tensors.keys().has(key) ? tensors.keys().positive(key) : 0;
    }

    /// What a longer context does to queries and keys is in the scale of their products, for all of
    /// their numbers, so that RoPE does not do it to those that it turns.
    Rope rope() {
      if (sizes.yarn().isEmpty() || logMultiplier() == 0) {
        return blueprint.rope(Rope.Order.NEIGHBOURS);
      }
      Rope.Yarn yarn = sizes.yarn().get();
      double recommended = Rope.Yarn.recommendedAttentionFactor(yarn.factor());
      var unscaled =
          new Rope.Yarn(
              yarn.factor(),
              yarn.originalContext(),
              yarn.betaFast(),
              yarn.betaSlow(),
              yarn.attentionFactor() / recommended,
              yarn.truncated());
      return Rope.of(Rope.Order.NEIGHBOURS, sizes.ropeBase(), turned, unscaled);
    }

    Attention.Scoring scoring() {
      double grown =
          1 + logMultiplier() * Math.log(sizes.yarn().map(Rope.Yarn::factor).orElse(1.0));
      double scale = grown * grown / Math.sqrt(heads.keySize());
      return new Attention.Scoring((float) scale, 0, 0);
    }
  }
}
