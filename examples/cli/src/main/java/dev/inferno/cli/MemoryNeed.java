package dev.inferno.cli;

import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// How much memory a model takes, in bytes, and what this machine has.
///
/// @param weights its tensors
/// @param perToken keys and values of a token, in F16
/// @param scratch buffers of a pass over 512 tokens
/// @param context how many tokens it was trained for, 0 if that is not known
/// @param physical the machine's memory, 0 if that is not known
/// @param heap the most that Java takes for its heap, which keys, values and buffers lie in
/// @param adapters factors beside the weights, 0 without any
record MemoryNeed(
    long weights,
    double perToken,
    double scratch,
    long context,
    long physical,
    long heap,
    long adapters) {
  private static final int CHUNK = 512;
  private static final int LOGIT_ROWS = 64;

  static MemoryNeed of(ModelFacts facts, List<AdapterFacts> adapters) {
    int layers = (int) Math.min(facts.count("block_count").orElse(0), 65_536);
    long heads = facts.count("attention.head_count").orElse(0);
    double width = facts.count("embedding_length").orElse(0);
    double keySize = facts.headSize().orElse(0);
    double headSize = heads == 0 ? 0 : width / heads;
    double valueSize =
        facts
            .real("attention.value_length_mla")
            .orElse(facts.real("attention.value_length").orElse(headSize));
    boolean isLatent = facts.real("attention.kv_lora_rank").isPresent(); // kept are those of heads
    List<Long> keyValueHeads =
        isLatent
            ? Collections.nCopies(layers, heads)
            : facts.perLayer("attention.head_count_kv", layers, heads);
    double numbers =
        keyValueHeads.stream().mapToDouble(Long::doubleValue).sum() * (keySize + valueSize);
    double mostKeyValueHeads = keyValueHeads.stream().mapToLong(n -> n).max().orElse(0);
    double queryKeyValue = heads * keySize + mostKeyValueHeads * (keySize + valueSize);
    double perRow =
        7 * width
            + 4.0 * facts.count("feed_forward_length").orElse((long) (4 * width))
            + 2 * queryKeyValue
            + heads * valueSize;
    double logits = (double) LOGIT_ROWS * facts.count("vocab_size").orElse(0);
    return new MemoryNeed(
        facts.bytes(),
        Short.BYTES * numbers,
        Float.BYTES * (CHUNK * perRow + logits),
        facts.count("context_length").orElse(0),
        physicalBytes(),
        Runtime.getRuntime().maxMemory(),
        adapters.stream().mapToLong(AdapterFacts::bytes).sum());
  }

  private static long physicalBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /// What it takes with so many tokens.
  double with(long tokens) {
    return weights + adapters + scratch + tokens * perToken;
  }

  /// About how many tokens there is room for, as Java was started.
  long tokens() {
    double left = Math.min(physical - weights - adapters - scratch, heap - scratch);
    return perToken == 0 ? Long.MAX_VALUE : (long) Math.max(0, left / perToken);
  }

  String need() {
    if (perToken == 0) {
      return kept() + "; what keys and values take is not stated";
    }
    return "%s, %s for each 1,000 tokens of keys and values in F16, about %s of scratch"
        .formatted(kept(), bytes((long) (1000 * perToken)), bytes((long) scratch));
  }

  private String kept() {
    return bytes(weights)
        + " of weights"
        + (adapters == 0 ? "" : ", " + bytes(adapters) + " of adapters");
  }

  String here() {
    if (physical == 0) {
      return "how much memory there is here is not known";
    }
    String has =
        "%s of memory here, up to %s of it for Java's heap".formatted(bytes(physical), bytes(heap));
    if (weights + adapters + scratch > physical) {
      return has + ": too little for the weights, which would be read again for each token";
    }
    if (perToken == 0) {
      return has + ": enough for the weights";
    }
    if (context > 0 && context <= tokens()) {
      return has
          + ": enough for all %,d tokens, with %s".formatted(context, bytes((long) with(context)));
    }
    String room = has + ": room for about %,d tokens".formatted(tokens());
    return physical - weights - adapters > heap
        ? room + "; INFERNO_JAVA_OPTS=-Xmx... gives Java more"
        : room;
  }

  static String bytes(long bytes) {
    if (bytes >= 1e9) {
      return String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }
    return bytes >= 1e6
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
  }
}
