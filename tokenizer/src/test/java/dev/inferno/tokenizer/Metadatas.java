package dev.inferno.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Small tokenizers written out in tests.
final class Metadatas {

  private Metadatas() {}

  static Map<String, Object> byteLevel(List<String> tokens, List<String> merges) {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", "gpt-2");
    metadata.put("tokenizer.ggml.tokens", Utf8List.of(tokens));
    metadata.put("tokenizer.ggml.merges", Utf8List.of(merges));
    return metadata;
  }

  /// With the scores falling from token to token.
  static Map<String, Object> sentencePiece(List<String> tokens, long... types) {
    float[] scores = new float[tokens.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = -i;
    }
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.tokens", Utf8List.of(tokens));
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.token_type", types);
    return metadata;
  }

  /// With the unknown token 0 and equal scores.
  static Map<String, Object> unigram(List<String> tokens, long... types) {
    float[] scores = new float[tokens.size()];
    Arrays.fill(scores, -1);
    Map<String, Object> metadata = sentencePiece(tokens, types);
    metadata.put("tokenizer.ggml.model", "t5");
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.unknown_token_id", 0L);
    metadata.put("tokenizer.ggml.add_eos_token", false);
    return metadata;
  }

  /// With the tokens for the beginning, the end and the unknown before the given ones.
  static Map<String, Object> wordPiece(List<String> tokens) {
    List<String> all = new ArrayList<>(List.of("[CLS]", "[SEP]", "[UNK]"));
    all.addAll(tokens);
    long[] types = new long[all.size()];
    Arrays.fill(types, 1);
    Arrays.fill(types, 0, 3, 3);
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("tokenizer.ggml.model", "bert");
    metadata.put("tokenizer.ggml.tokens", Utf8List.of(all));
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.cls_token_id", 0L);
    metadata.put("tokenizer.ggml.seperator_token_id", 1L);
    metadata.put("tokenizer.ggml.unknown_token_id", 2L);
    return metadata;
  }
}
