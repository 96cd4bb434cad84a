package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.ModelCost;

/// One thing that `bench` measures.
///
/// @param tokens how long the prompt is, or how many tokens are decoded one after the other
/// @param depth how many tokens the cache holds before
/// @param sessions how many decode side by side; each has its own cache
record BenchWorkload(Kind kind, int tokens, int depth, int sessions) {
  enum Kind {
    PROMPT,
    DECODE
  }

  /// `pp512`, `tg128@d1024`, `tg128x8`: as llama.cpp's benchmark calls it, in one word.
  String name() {
    return depth == 0 ? shortName() : shortName() + "@d" + depth;
  }

  /// The same for people, `tg128 @ d1024`.
  String title() {
    return depth == 0 ? shortName() : shortName() + " @ d" + depth;
  }

  private String shortName() {
    return switch (kind) {
      case PROMPT -> "pp" + tokens;
      case DECODE -> "tg" + tokens + (sessions == 1 ? "" : "x" + sessions);
    };
  }

  /// How many positions a session has to have room for.
  long positions() {
    int first = sessions > 1 ? 1 : 0; // the scheduler generates behind a prompt
    return (long) depth + first + tokens;
  }

  /// The tokens a second that no program can exceed on a machine with these limits.
  ///
  /// @param bandwidth bytes a second
  /// @param multiplyAdds floating-point operations a second, two for a multiply-add
  double roofline(ModelCost cost, KeyValueType type, double bandwidth, double multiplyAdds) {
    return switch (kind) {
      case PROMPT -> multiplyAdds / (2 * cost.promptMultiplyAdds(depth, tokens));
      case DECODE -> {
        double bytes = cost.decodeBytes(depth, tokens, type);
        double cache = bytes - cost.weightBytes(); // each session reads its own
        double memory = bandwidth / ((double) cost.weightBytes() / sessions + cache);
        double arithmetic = multiplyAdds / (2 * cost.decodeMultiplyAdds(depth, tokens));
        yield sessions == 1 ? memory : Math.min(memory, arithmetic);
      }
    };
  }
}
