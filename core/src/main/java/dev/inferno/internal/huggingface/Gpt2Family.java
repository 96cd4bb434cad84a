package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.TRANSPOSED;
import static dev.inferno.internal.huggingface.Keys.LARGEST_SIZE;
import static dev.inferno.internal.huggingface.Keys.TANH_GELU;
import static dev.inferno.internal.huggingface.Keys.size;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// GPT-2.
final class Gpt2Family {
  private static final List<Row> GPT2 =
      List.of(
          Row.of("transformer.wte.weight", "token_embd.weight"),
          Row.of("transformer.wpe.weight", "position_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT),
          Row.of("transformer.ln_f.weight", "output_norm.weight"),
          Row.of("transformer.ln_f.bias", "output_norm.bias"),
          Row.of("transformer.h.#.ln_1.weight", "blk.#.attn_norm.weight"),
          Row.of("transformer.h.#.ln_1.bias", "blk.#.attn_norm.bias"),
          Row.of("transformer.h.#.attn.c_attn.weight", "blk.#.attn_qkv.weight", TRANSPOSED),
          Row.of("transformer.h.#.attn.c_attn.bias", "blk.#.attn_qkv.bias"),
          Row.of("transformer.h.#.attn.c_proj.weight", "blk.#.attn_output.weight", TRANSPOSED),
          Row.of("transformer.h.#.attn.c_proj.bias", "blk.#.attn_output.bias"),
          Row.of("transformer.h.#.ln_2.weight", "blk.#.ffn_norm.weight"),
          Row.of("transformer.h.#.ln_2.bias", "blk.#.ffn_norm.bias"),
          Row.of("transformer.h.#.mlp.c_fc.weight", "blk.#.ffn_up.weight", TRANSPOSED),
          Row.of("transformer.h.#.mlp.c_fc.bias", "blk.#.ffn_up.bias"),
          Row.of("transformer.h.#.mlp.c_proj.weight", "blk.#.ffn_down.weight", TRANSPOSED),
          Row.of("transformer.h.#.mlp.c_proj.bias", "blk.#.ffn_down.bias"));

  private static final String EXACT_GELU = "gelu";
  private static final Set<String> ACTIVATIONS =
      Stream.concat(Stream.of(EXACT_GELU), TANH_GELU.stream())
          .collect(Collectors.toUnmodifiableSet());

  static final List<Family> ALL =
      List.of(Family.tied("gpt2", "GPT2LMHeadModel", "gpt2", Gpt2Family::gpt2, List.of(GPT2)));

  private Gpt2Family() {}

  /// That its GELU is exact, as in Cerebras-GPT, is no key of a converted GPT-2, but one that is
  /// understood.
  private static void gpt2(Config config, Metadata metadata) {
    config.requireOneOf("activation_function", ACTIVATIONS);
    if (config.text("activation_function").orElse("").equals(EXACT_GELU)) {
      metadata.set("exact_gelu", "activation_function", true);
    }
    config.requireFlag("scale_attn_weights", true);
    config.requireFlag("scale_attn_by_inverse_layer_idx", false);
    config.requireFlag("add_cross_attention", false);
    size("block_count", "n_layer", 65_536, config, metadata);
    size("context_length", "n_positions", Integer.MAX_VALUE, config, metadata);
    size("embedding_length", "n_embd", 1 << 20, config, metadata);
    metadata.set(
        "feed_forward_length",
        "n_inner",
        config
            .optionalCount("n_inner", 1, LARGEST_SIZE)
            .orElse(4 * metadata.count("embedding_length")));
    size("attention.head_count", "n_head", LARGEST_SIZE, config, metadata);
    metadata.set(
        "attention.layer_norm_epsilon",
        "layer_norm_epsilon",
        config.positive("layer_norm_epsilon"));
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
  }
}
