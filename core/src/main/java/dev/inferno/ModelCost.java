package dev.inferno;

import java.util.List;

/// What a token of a model costs on any machine: the bytes that decoding it reads, and its
/// multiply-adds. Counted from the tensors that the architecture takes from its file. Immutable.
///
/// Divided by what a machine can do, see {@link MachineLimits}, this gives the speeds that no
/// program can exceed there: decode is limited by the bytes, prefill by the multiply-adds.
///
/// @param weightBytes bytes of weights that a decoded token reads, as the file has them: every
///   matrix and vector once, but of an embedding that is not the output projection too one row, and
///   of a mixture the experts that a token passes through; besides, the factors of adapters, in F32
/// @param blockMultiplyAdds multiply-adds of a token in the matrices of all layers, and in the
///   factors of adapters beside them
/// @param headMultiplyAdds multiply-adds of a token in the output projection, and in the factors of
///   adapters beside it
/// @param keyValueWidth how many numbers a layer caches for each position, of keys and values
/// @param attentionWidth multiply-adds in a layer for each pair of a query's position and one that
///   it sees, of all heads
/// @param windows for each layer, how many positions a query sees, its own and those right before
///   it; 0 for all
public record ModelCost(
    long weightBytes,
    long blockMultiplyAdds,
    long headMultiplyAdds,
    int keyValueWidth,
    int attentionWidth,
    List<Integer> windows) {

  /// Copies the list.
  public ModelCost {
    windows = List.copyOf(windows);
  }

  /// Bytes that decoding a token reads, weights and cache, in the mean over some tokens.
  ///
  /// @param depth how many positions are cached before the first of them, at least 0
  /// @param tokens how many are decoded, at least 1
  public double decodeBytes(int depth, int tokens, KeyValueType type) {
    double bytes =
        switch (type) {
          case F32 -> Float.BYTES;
          case F16 -> Short.BYTES;
          case Q8_0 -> 34.0 / 32; // a half for each block of 32 bytes
        };
    return weightBytes + meanVisible(depth, tokens) * keyValueWidth * bytes;
  }

  /// Multiply-adds of a decoded token, in the mean over some tokens: layers, attention and output
  /// projection.
  ///
  /// @param depth how many positions are cached before the first of them, at least 0
  /// @param tokens how many are decoded, at least 1
  public double decodeMultiplyAdds(int depth, int tokens) {
    return blockMultiplyAdds + meanVisible(depth, tokens) * attentionWidth + headMultiplyAdds;
  }

  /// Multiply-adds of a prompt for each of its tokens: layers, causal attention, and the output
  /// projection of the last token. All tokens pass through all layers here; of the last layer's
  /// feed-forward a program needs one only.
  ///
  /// @param depth how many positions are cached before the prompt, at least 0
  /// @param tokens how long the prompt is, at least 1
  public double promptMultiplyAdds(int depth, int tokens) {
    return blockMultiplyAdds
        + meanVisible(depth, tokens) * attentionWidth
        + (double) headMultiplyAdds / tokens;
  }

  /// How many positions a token sees, its own among them, summed over the layers, in the mean over
  /// the tokens.
  private double meanVisible(int depth, int tokens) {
    if (depth < 0 || tokens < 1) {
      throw new IllegalArgumentException(
          "depth must be at least 0 and tokens at least 1, but they are %d and %d"
              .formatted(depth, tokens));
    }
    double sum = 0;
    for (int window : windows) {
      for (int i = 0; i < tokens; i++) {
        long all = depth + i + 1L;
        sum += window == 0 ? all : Math.min(all, window);
      }
    }
    return sum / tokens;
  }
}
