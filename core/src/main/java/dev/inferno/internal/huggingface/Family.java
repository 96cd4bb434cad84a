package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.EXPERTS;
import static dev.inferno.internal.huggingface.Change.KEY_PAIRS;
import static dev.inferno.internal.huggingface.Change.PLUS_ONE;
import static dev.inferno.internal.huggingface.Change.QUERY_PAIRS;
import static dev.inferno.internal.huggingface.Change.TRANSPOSED;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A family of models: what the reference library calls it, what GGUF calls it, and where its
/// tensors are. Immutable.
///
/// @param modelType its `model_type`
/// @param library its class in the reference library
/// @param architecture its `general.architecture`
/// @param tied whether the output is the embedding where `tie_word_embeddings` does not say
/// @param keys reads its metadata
/// @param rows its tensors
record Family(
    String modelType,
    String library,
    String architecture,
    boolean tied,
    BiConsumer<Config, Metadata> keys,
    List<Row> rows) {

  /// The name of the output projection in GGUF, which a tied model has not.
  static final String OUTPUT = "output.weight";

  private static final List<Row> EMBEDDING_AND_OUTPUT =
      List.of(
          Row.of("model.embed_tokens.weight", "token_embd.weight"),
          Row.of("lm_head.weight", OUTPUT));

  private static final List<Row> NORMS_BEFORE =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"));

  private static final List<Row> NORMS_BEHIND =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight", "blk.#.post_attention_norm.weight"),
          Row.of("model.layers.#.post_feedforward_layernorm.weight", "blk.#.post_ffw_norm.weight"));

  private static final List<Row> GEMMA_NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight", PLUS_ONE));

  private static final List<Row> GEMMA2_NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight",
              "blk.#.post_attention_norm.weight",
              PLUS_ONE),
          Row.of(
              "model.layers.#.pre_feedforward_layernorm.weight", "blk.#.ffn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_feedforward_layernorm.weight",
              "blk.#.post_ffw_norm.weight",
              PLUS_ONE));

  private static final List<Row> ATTENTION_OF_PAIRS =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight", QUERY_PAIRS),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight", KEY_PAIRS),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  private static final List<Row> BIASES_OF_PAIRS =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias", QUERY_PAIRS)
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias", KEY_PAIRS)
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .onlyWith("attention_bias"));

  private static final List<Row> ATTENTION =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight"),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight"),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  private static final List<Row> BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .onlyWith("attention_bias"));

  private static final List<Row> QWEN2_BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias"));

  private static final List<Row> QUERY_AND_KEY_NORMS =
      List.of(
          Row.of("model.layers.#.self_attn.q_norm.weight", "blk.#.attn_q_norm.weight"),
          Row.of("model.layers.#.self_attn.k_norm.weight", "blk.#.attn_k_norm.weight"));

  private static final List<Row> FEED_FORWARD =
      List.of(
          Row.of("model.layers.#.mlp.gate_proj.weight", "blk.#.ffn_gate.weight"),
          Row.of("model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"));

  private static final List<Row> FEED_FORWARD_BIASES =
      List.of(
          Row.of("model.layers.#.mlp.gate_proj.bias", "blk.#.ffn_gate.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.up_proj.bias", "blk.#.ffn_up.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.down_proj.bias", "blk.#.ffn_down.bias").onlyWith("mlp_bias"));

  private static final List<Row> MIXTURE =
      List.of(
          Row.of("model.layers.#.block_sparse_moe.gate.weight", "blk.#.ffn_gate_inp.weight"),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w1.weight",
              "blk.#.ffn_gate_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w3.weight",
              "blk.#.ffn_up_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w2.weight",
              "blk.#.ffn_down_exps.weight", EXPERTS));

  private static final List<Row> PHI3 =
      List.of(
          Row.of("model.layers.#.self_attn.qkv_proj.weight", "blk.#.attn_qkv.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.mlp.gate_up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"));

  private static final List<Row> GPT2 =
      List.of(
          Row.of("transformer.wte.weight", "token_embd.weight"),
          Row.of("transformer.wpe.weight", "position_embd.weight"),
          Row.of("lm_head.weight", OUTPUT),
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

  private static final Map<String, Family> ALL =
      Stream.of(
              untied(
                  "llama",
                  "LlamaForCausalLM",
                  "llama",
                  Keys::llama,
                  List.of(
                      EMBEDDING_AND_OUTPUT,
                      NORMS_BEFORE,
                      ATTENTION_OF_PAIRS,
                      BIASES_OF_PAIRS,
                      FEED_FORWARD,
                      FEED_FORWARD_BIASES)),
              untied(
                  "mistral",
                  "MistralForCausalLM",
                  "llama",
                  Keys::mistral,
                  List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION_OF_PAIRS, FEED_FORWARD)),
              untied(
                  "mixtral",
                  "MixtralForCausalLM",
                  "llama",
                  Keys::mixtral,
                  List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION_OF_PAIRS, MIXTURE)),
              untied(
                  "granite",
                  "GraniteForCausalLM",
                  "granite",
                  Keys::granite,
                  List.of(
                      EMBEDDING_AND_OUTPUT,
                      NORMS_BEFORE,
                      ATTENTION_OF_PAIRS,
                      BIASES_OF_PAIRS,
                      FEED_FORWARD,
                      FEED_FORWARD_BIASES)),
              untied(
                  "qwen2",
                  "Qwen2ForCausalLM",
                  "qwen2",
                  Keys::qwen,
                  List.of(
                      EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION, QWEN2_BIASES, FEED_FORWARD)),
              untied(
                  "qwen3",
                  "Qwen3ForCausalLM",
                  "qwen3",
                  Keys::qwen,
                  List.of(
                      EMBEDDING_AND_OUTPUT,
                      NORMS_BEFORE,
                      ATTENTION,
                      BIASES,
                      QUERY_AND_KEY_NORMS,
                      FEED_FORWARD)),
              untied(
                  "olmo2",
                  "Olmo2ForCausalLM",
                  "olmo2",
                  Keys::olmo2,
                  List.of(
                      EMBEDDING_AND_OUTPUT,
                      NORMS_BEHIND,
                      ATTENTION,
                      BIASES,
                      QUERY_AND_KEY_NORMS,
                      FEED_FORWARD)),
              untied(
                  "phi3",
                  "Phi3ForCausalLM",
                  "phi3",
                  Keys::phi3,
                  List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, PHI3)),
              tied(
                  "gemma",
                  "GemmaForCausalLM",
                  "gemma",
                  Keys::gemma,
                  List.of(EMBEDDING_AND_OUTPUT, GEMMA_NORMS, ATTENTION, BIASES, FEED_FORWARD)),
              tied(
                  "gemma2",
                  "Gemma2ForCausalLM",
                  "gemma2",
                  Keys::gemma2,
                  List.of(EMBEDDING_AND_OUTPUT, GEMMA2_NORMS, ATTENTION, BIASES, FEED_FORWARD)),
              tied("gpt2", "GPT2LMHeadModel", "gpt2", Keys::gpt2, List.of(GPT2)))
          .collect(
              Collectors.toMap(Family::modelType, family -> family, (one, _) -> one, TreeMap::new));

  /// The family of a model.
  ///
  /// @throws dev.inferno.format.UnsupportedModelException if it is none of ours
  static Family of(Config config) {
    String type = config.requiredText("model_type");
    Family family = ALL.get(type);
    if (family == null) {
      throw config.unsupported(
          "model_type", "is '%s'; supported are %s".formatted(type, ALL.keySet()));
    }
    config
        .list("architectures")
        .ifPresent(classes -> {
          if (!classes.contains(family.library())) {
            throw config.unsupported(
                "architectures",
                "is %s; supported with this model_type is %s".formatted(classes, family.library()));
          }
        });
    config.requireAbsent("quantization_config", "none: tensors of F32, F16, BF16 or F64");
    return family;
  }

  /// What the names of its tensors begin with, but for the output's; a model that was saved without
  /// its output goes without.
  String base() {
    return architecture.equals("gpt2") ? "transformer." : "model.";
  }

  private static Family untied(
      String modelType,
      String library,
      String architecture,
      BiConsumer<Config, Metadata> keys,
      List<List<Row>> rows) {
    return new Family(modelType, library, architecture, false, keys, joined(rows));
  }

  private static Family tied(
      String modelType,
      String library,
      String architecture,
      BiConsumer<Config, Metadata> keys,
      List<List<Row>> rows) {
    return new Family(modelType, library, architecture, true, keys, joined(rows));
  }

  private static List<Row> joined(List<List<Row>> rows) {
    return rows.stream().flatMap(List::stream).toList();
  }
}
