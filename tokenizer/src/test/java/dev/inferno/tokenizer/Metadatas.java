package dev.inferno.tokenizer;

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
}
