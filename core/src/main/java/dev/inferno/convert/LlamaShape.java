package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sizes of a llama. Immutable.
///
/// @param layers how many blocks
/// @param width of the residual stream
/// @param heads query heads
/// @param keyValueHeads key and value heads, a divisor of `heads`
/// @param feedForward neurons of a block
/// @param vocabulary how many tokens, at least {@link SyntheticVocabulary#LEAST}
/// @param contextLength how many positions it is said to be trained for
/// @param ropeBase the base of the angles of RoPE
/// @param ropeFactor what Llama 3.1 and later divide the lowest frequencies by; 1 for none
/// @param tied whether the embedding gives the logits too
public record LlamaShape(
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int feedForward,
    int vocabulary,
    int contextLength,
    double ropeBase,
    double ropeFactor,
    boolean tied) {

  private static final Map<String, LlamaShape> NAMED = new LinkedHashMap<>();

  static {
    // SmolLM2 135M, Llama 3.2 1B and 3B, Llama 3.1 8B: the config.json of each
    NAMED.put("llama-135m", new LlamaShape(30, 576, 9, 3, 1536, 49_152, 8192, 100_000, 1, true));
    NAMED.put(
        "llama-1b", new LlamaShape(16, 2048, 32, 8, 8192, 128_256, 131_072, 500_000, 32, true));
    NAMED.put(
        "llama-3b", new LlamaShape(28, 3072, 24, 8, 8192, 128_256, 131_072, 500_000, 32, true));
    NAMED.put(
        "llama-8b", new LlamaShape(32, 4096, 32, 8, 14_336, 128_256, 131_072, 500_000, 8, false));
  }

  /// Checks.
  ///
  /// @throws IllegalArgumentException if the numbers make no llama
  public LlamaShape {
    if (layers < 1
        || heads < 1
        || keyValueHeads < 1
        || heads % keyValueHeads != 0
        || width < 1
        || width % (2 * heads) != 0
        || feedForward < 1
        || contextLength < 1
        || !(ropeBase > 1)
        || !(ropeFactor >= 1)) {
      throw new IllegalArgumentException(
          ("the sizes of a llama must be positive, heads of the key-value heads a multiple, and the"
                  + " width of twice the heads, but are %d layers, width %d, %d and %d heads, feed-forward %d, context %d, RoPE %s and %s")
              .formatted(
                  layers,
                  width,
                  heads,
                  keyValueHeads,
                  feedForward,
                  contextLength,
                  ropeBase,
                  ropeFactor));
    }
    if (vocabulary < SyntheticVocabulary.LEAST || vocabulary > SyntheticVocabulary.MOST) {
      throw new IllegalArgumentException(
          "the vocabulary must have %d to %d tokens, but has %d"
              .formatted(SyntheticVocabulary.LEAST, SyntheticVocabulary.MOST, vocabulary));
    }
  }

  /// The shape of this name: `llama-135m` (SmolLM2), `llama-1b` and `llama-3b` (Llama 3.2), or
  /// `llama-8b` (Llama 3.1).
  ///
  /// @throws IllegalArgumentException if there is none
  public static LlamaShape named(String name) {
    return Optional.ofNullable(NAMED.get(name))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the shape must be one of %s, but is '%s'"
                    .formatted(String.join(", ", NAMED.keySet()), name)));
  }

  /// The names of shapes, from the smallest on.
  public static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /// The length of a head.
  public int headSize() {
    return width / heads;
  }

  /// The tensors of such a model, all F32 and nowhere, in the order of a file.
  List<TensorInfo> tensors() {
    List<TensorInfo> tensors = new ArrayList<>();
    if (!tied) {
      tensors.add(tensor("output", width, vocabulary));
    }
    tensors.add(tensor("output_norm", width));
    if (ropeFactor != 1) {
      tensors.add(tensor("rope_freqs", headSize() / 2));
    }
    tensors.add(tensor("token_embd", width, vocabulary));
    int keyValueWidth = keyValueHeads * headSize();
    for (int layer = 0; layer < layers; layer++) {
      String block = "blk." + layer + ".";
      tensors.add(tensor(block + "attn_k", width, keyValueWidth));
      tensors.add(tensor(block + "attn_norm", width));
      tensors.add(tensor(block + "attn_output", width, width));
      tensors.add(tensor(block + "attn_q", width, width));
      tensors.add(tensor(block + "attn_v", width, keyValueWidth));
      tensors.add(tensor(block + "ffn_down", feedForward, width));
      tensors.add(tensor(block + "ffn_gate", width, feedForward));
      tensors.add(tensor(block + "ffn_norm", width));
      tensors.add(tensor(block + "ffn_up", width, feedForward));
    }
    return tensors;
  }

  private static TensorInfo tensor(String name, int length) {
    return new TensorInfo(name + ".weight", GgmlType.F32, List.of((long) length), 0, 0);
  }

  private static TensorInfo tensor(String name, int columns, int rows) {
    return new TensorInfo(
        name + ".weight", GgmlType.F32, List.of((long) columns, (long) rows), 0, 0);
  }
}
