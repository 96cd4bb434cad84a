package dev.inferno.internal.models;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.nn.Rope;
import java.util.Optional;
import java.util.OptionalDouble;

/// The hyperparameters that a model file states for a decoder, checked.
///
/// @param keySize the length of a head's query and key
/// @param valueSize the length of a head's value
/// @param ropeDimensions how many numbers of a head RoPE turns
/// @param ropeScaling what RoPE divides positions by, 1 for none
/// @param yarn how RoPE is scaled where that is not by one divisor
/// @param window how many positions a query of a sliding-window layer sees, 0 for all
/// @param attentionScale what products of queries and keys are multiplied by, where the file says
///   so
/// @param attentionSoftcap what scores are squeezed below, 0 for none
/// @param outputSoftcap what logits are squeezed below, 0 for none
/// @param experts how many experts a mixture has, 0 for a dense model
/// @param expertsUsed how many of them each token passes through
record Sizes(
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int keySize,
    int valueSize,
    int feedForward,
    int vocabulary,
    int contextLength,
    float normEpsilon,
    double ropeBase,
    int ropeDimensions,
    float ropeScaling,
    Optional<Rope.Yarn> yarn,
    int window,
    OptionalDouble attentionScale,
    float attentionSoftcap,
    float outputSoftcap,
    int experts,
    int expertsUsed) {

  /// Whether YaRN begins and ends at whole pairs; no key of llama.cpp's, which has them so.
  static final String YARN_TRUNCATE = "rope.scaling.yarn_truncate";

  private static final int LARGEST_VOCABULARY = 1 << 24; // a tile of logits is still one array

  /// Reads the keys `NAME.*` of an architecture.
  static Sizes read(ModelFile file, String architecture) {
    var keys = new MetadataKeys(file, architecture + ".");
    int layers = keys.count("block_count", 1, 65_536);
    int width = keys.count("embedding_length", 1, 1 << 20);
    int heads = keys.perLayer("attention.head_count", layers);
    int keyValueHeads = keys.perLayer("attention.head_count_kv", layers, heads);
    if (heads % keyValueHeads != 0) {
      throw keys.malformed(
          "attention.head_count_kv",
          "is %d, which does not divide the %d heads".formatted(keyValueHeads, heads));
    }
    if (file.integer(architecture + ".attention.key_length").isEmpty() && width % heads != 0) {
      throw keys.malformed(
          "attention.head_count",
          "is %d, which does not divide the width %d".formatted(heads, width));
    }
    int headSize = width / heads;
    int keySize = keys.count("attention.key_length", 1, 65_536, headSize);
    int valueSize = keys.count("attention.value_length", 1, 65_536, headSize);
    int ropeDimensions = keys.count("rope.dimension_count", 2, keySize, keySize);
    if (ropeDimensions % 2 != 0) {
      throw keys.malformed("rope.dimension_count", "is %d, which is odd".formatted(ropeDimensions));
    }
    String innerKey = "expert_feed_forward_length"; // of mixtures that call it so
    boolean narrow =
        keys.has(innerKey)
            && keys.count("leading_dense_block_count", 0, Integer.MAX_VALUE, 0) < layers;
    int feedForward = keys.perLayer(narrow ? innerKey : "feed_forward_length", layers);
    keys.requireModest(
        "attention.head_count",
        (long) heads * keySize + keyValueHeads * ((long) keySize + valueSize));
    keys.requireModest("attention.value_length", (long) heads * valueSize);
    keys.requireModest(narrow ? innerKey : "feed_forward_length", 2L * feedForward);
    int experts = keys.count("expert_count", 0, 65_536, 0);
    int expertsUsed = experts == 0 ? 0 : keys.count("expert_used_count", 1, experts);
    keys.requireModest("expert_used_count", (long) expertsUsed * width);
    return new Sizes(
        layers,
        width,
        heads,
        keyValueHeads,
        keySize,
        valueSize,
        feedForward,
        vocabulary(file, keys),
        keys.count("context_length", 1, Integer.MAX_VALUE),
        (float) normEpsilon(keys),
        keys.positive("rope.freq_base", 10_000),
        ropeDimensions,
        ropeScaling(keys),
        yarn(keys),
        keys.count("attention.sliding_window", 0, Integer.MAX_VALUE, 0), // 0 is written for none
        attentionScale(keys),
        softcap(keys, "attn_logit_softcapping"),
        softcap(keys, "final_logit_softcapping"),
        experts,
        expertsUsed);
  }

  /// Of the root mean square norms, or of the layer norms of those that have these.
  private static double normEpsilon(MetadataKeys keys) {
    String rms = "attention.layer_norm_rms_epsilon";
    String layerNorm = "attention.layer_norm_epsilon";
    if (!keys.has(rms) && !keys.has(layerNorm)) {
      throw new MalformedModelException(
          "%s: malformed: there is no key '%2$s%3$s' and no key '%2$s%4$s'"
              .formatted(keys.file().name(), keys.prefix(), rms, layerNorm));
    }
    return keys.positive(keys.has(rms) ? rms : layerNorm);
  }

  private static OptionalDouble attentionScale(MetadataKeys keys) {
    return keys.has("attention.scale")
        ? OptionalDouble.of(keys.positive("attention.scale"))
        : OptionalDouble.empty();
  }

  private static float softcap(MetadataKeys keys, String key) {
    return keys.has(key) ? (float) keys.positive(key) : 0;
  }

  private static int vocabulary(ModelFile file, MetadataKeys keys) {
    int tokens =
        file.tensor("token_embd.weight")
            .map(info -> info.dimensions().size() < 2 ? 0L : info.dimensions().get(1))
            .filter(rows -> rows >= 1 && rows <= LARGEST_VOCABULARY)
            .orElse(0L)
            .intValue();
    int stated = keys.count("vocab_size", 1, LARGEST_VOCABULARY, Math.max(1, tokens));
    if (tokens > 0 && stated != tokens) {
      throw keys.malformed(
          "vocab_size", "is %d, but token_embd.weight has %d rows".formatted(stated, tokens));
    }
    return stated;
  }

  private static float ropeScaling(MetadataKeys keys) {
    String type = keys.text("rope.scaling.type", "none");
    return switch (type) {
      case "none", "yarn", "longrope" -> 1;
      case "linear" -> (float) keys.positive("rope.scaling.factor", 1);
      default ->
          throw new UnsupportedModelException(
              "%s: unsupported: %srope.scaling.type is '%s'; supported are none, linear, yarn, longrope, and the factors of Llama 3.1 in rope_freqs.weight"
                  .formatted(keys.file().name(), keys.prefix(), type));
    };
  }

  /// What a file leaves out is as the paper recommends. `attn_factor` comes on top of the
  /// recommended attention factor, as llama.cpp has it.
  private static Optional<Rope.Yarn> yarn(MetadataKeys keys) {
    if (!keys.text("rope.scaling.type", "none").equals("yarn")) {
      return Optional.empty();
    }
    double factor = keys.positive("rope.scaling.factor");
    double recommended = Rope.Yarn.recommendedAttentionFactor(factor);
    return Optional.of(
        new Rope.Yarn(
            factor,
            keys.count("rope.scaling.original_context_length", 1, Integer.MAX_VALUE),
            keys.positive("rope.scaling.yarn_beta_fast", 32),
            keys.positive("rope.scaling.yarn_beta_slow", 1),
            recommended * keys.positive("rope.scaling.attn_factor", 1),
            keys.flag(YARN_TRUNCATE, true)));
  }
}
