package dev.inferno.internal.huggingface;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a family's positions are scaled: `rope_theta` and `rope_scaling`, or both in
/// `rope_parameters` as newer releases write them.
final class RopeKeys {
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final List<String> TYPES =
      List.of("default", "dynamic", "linear", "llama3", "longrope", "su", "yarn");

  private static final String LOG_MULTIPLIER = "rope.scaling.yarn_log_multiplier";

  private RopeKeys() {}

  /// Reads those of a family that turns whole heads.
  static void read(Config config, Metadata metadata, double base) {
    requireWholeHeads(config);
    read(config, metadata, base, 1);
  }

  private static void requireWholeHeads(Config config) {
    Config rope = parameters(config);
    Config where = rope.has("partial_rotary_factor") ? rope : config;
    double part = where.positive("partial_rotary_factor", 1);
    if (part != 1) {
      throw where.unsupported("partial_rotary_factor", "is %s; supported is 1".formatted(part));
    }
  }

  /// Reads those of latent attention, where YaRN also scales the products of queries and keys, by
  /// `mscale_all_dim`. A different `mscale`, or none, would scale RoPE besides.
  static void readLatent(Config config, Metadata metadata, double base) {
    Config rope = parameters(config);
    if (rope.says("mscale_all_dim", false)) {
      double all = rope.positive("mscale_all_dim");
      Optional<Double> own = rope.optionalPositive("mscale");
      if (own.isEmpty() || own.get() != all) {
        throw rope.unsupported(
            "mscale",
            "is %s; supported is what mscale_all_dim is, %s"
                .formatted(own.isEmpty() ? "absent" : own.get(), all));
      }
      metadata.set(LOG_MULTIPLIER, rope.label("mscale_all_dim"), (double) (float) (0.1 * all));
    }
    read(config, metadata, base);
  }

  /// Reads those of a family that can turn a part of a head only.
  ///
  /// @param part which part where `partial_rotary_factor` does not say
  static void read(Config config, Metadata metadata, double base, double part) {
    read(config, parameters(config), metadata, base, part);
  }

  /// The same of a family whose GGUF files mean a YaRN that is not cut to whole pairs.
  static void readUntruncated(Config config, Metadata metadata, double base) {
    requireWholeHeads(config);
    read(config, parameters(config), metadata, base, 1, false);
  }

  /// The same where it is known which object says how they are scaled.
  static void read(Config config, Config rope, Metadata metadata, double base, double part) {
    read(config, rope, metadata, base, part, true);
  }

  /// @param truncated whether GGUF files of the family mean a YaRN that is cut to whole pairs
  private static void read(
      Config config, Config rope, Metadata metadata, double base, double part, boolean truncated) {
    boolean own = rope.has("rope_theta");
    metadata.set(
        "rope.freq_base",
        own ? rope.label("rope_theta") : "rope_theta",
        own ? rope.positive("rope_theta") : config.positive("rope_theta", base));
    dimensions(config, rope, metadata, part);
    switch (type(rope)) {
      case "default", "llama3" -> {} // the factors of llama3 are a tensor
      case "dynamic" -> // no key of llama.cpp's, but one that is understood
          metadata.set(
              "rope.scaling.dynamic_factor", rope.label("factor"), rope.positive("factor"));
      case "longrope", "su" -> longRope(config, rope, metadata);
      case "linear" -> {
        metadata.set("rope.scaling.type", typeLabel(rope), "linear");
        metadata.set("rope.scaling.factor", rope.label("factor"), rope.positive("factor"));
      }
      case "yarn" -> yarn(rope, metadata, truncated);
      default ->
          throw rope.unsupported(
              rope.has("rope_type") ? "rope_type" : "type",
              "is '%s'; supported are %s".formatted(type(rope), TYPES));
    }
  }

  /// Says that nothing is scaled, for families whose files say that too.
  static void sayUnscaled(Metadata metadata) {
    if (!metadata.has("rope.scaling.type")) {
      metadata.set("rope.scaling.type", "rope_scaling", "none");
    }
  }

  /// The context that a model was trained for first may stand beside the object or in it; which of
  /// the two decides what the texts are scaled by.
  private static void longRope(Config config, Config rope, Metadata metadata) {
    boolean beside = config.has(ORIGINAL);
    Config where = beside ? config : rope;
    long context = metadata.count("context_length");
    long original = where.optionalCount(ORIGINAL, 1, Integer.MAX_VALUE).orElse(context);
    double factor =
        beside || rope.has(ORIGINAL) || !rope.has("factor")
            ? (double) context / original
            : rope.positive("factor");
    double recommended =
        factor <= 1
            ? 1
            : Math.sqrt(1 + Math.log(factor) / Math.log((double) Math.max(2, original)));
    metadata.set("rope.scaling.type", typeLabel(rope), "longrope");
    metadata.set("rope.scaling.original_context_length", where.label(ORIGINAL), original);
    metadata.set(
        "rope.scaling.attn_factor",
        rope.label("attention_factor"),
        rope.positive("attention_factor", recommended));
  }

  /// The divisors of pairs of dimensions that LongRoPE has for short texts, or for long ones.
  ///
  /// @param key `short_factor` or `long_factor`
  static Optional<List<Float>> listedFactors(String key, Config config, Metadata metadata) {
    Config rope = parameters(config);
    if (!type(rope).equals("longrope") && !type(rope).equals("su")) {
      return Optional.empty();
    }
    List<?> listed =
        rope.list(key).orElseThrow(() -> rope.malformed(key, "is absent; longrope needs it"));
    int pairs = (int) metadata.count("rope.dimension_count") / 2;
    if (listed.size() != pairs) {
      throw rope.malformed(
          key, "has %d entries for %d pairs of dimensions".formatted(listed.size(), pairs));
    }
    List<Float> factors = new ArrayList<>();
    for (Object factor : listed) {
      if (!(factor instanceof Number number) || !(number.floatValue() > 0)) {
        throw rope.malformed(key, "has %s; possible are positive numbers".formatted(factor));
      }
      factors.add(number.floatValue());
    }
    return Optional.of(factors);
  }

  /// One divisor for each pair of dimensions if they are scaled as in Llama 3.1. Computed in the
  /// order and with the roundings of llama.cpp's converter, to get its bits.
  static Optional<List<Float>> factors(Config config, Metadata metadata) {
    Config rope = parameters(config);
    if (!type(rope).equals("llama3")) {
      return Optional.empty();
    }
    float factor = (float) rope.positive("factor");
    float low = (float) rope.positive("low_freq_factor");
    float high = (float) rope.positive("high_freq_factor");
    if (high <= low) {
      throw rope.malformed(
          "high_freq_factor",
          "is %s; possible is more than low_freq_factor, %s".formatted(high, low));
    }
    float original = rope.count(ORIGINAL, 1, Integer.MAX_VALUE);
    double base = metadata.real("rope.freq_base");
    int dimensions = (int) metadata.count("rope.dimension_count");
    List<Float> factors = new ArrayList<>();
    for (int i = 0; i < dimensions / 2; i++) {
      float frequency = 1 / (float) Math.pow(base, (float) (2 * i) / dimensions);
      float wavelength = (float) (2 * Math.PI) / frequency;
      if (wavelength < original / high) {
        factors.add(1f);
      } else if (wavelength > original / low) {
        factors.add(factor);
      } else {
        float smooth = (original / wavelength - low) / (high - low);
        factors.add(1 / ((1 - smooth) / factor + smooth));
      }
    }
    return Optional.of(factors);
  }

  private static Config parameters(Config config) {
    return config
        .object("rope_scaling")
        .or(() -> config.object("rope_parameters"))
        .orElse(new Config(config.name(), "rope_scaling.", Map.of()));
  }

  /// Older files say `type`. An object without a type is the one that newer releases write for
  /// positions that are not scaled.
  private static String type(Config rope) {
    Optional<String> type = rope.text("rope_type").or(() -> rope.text("type"));
    if (type.isEmpty() && rope.has("factor")) {
      throw rope.malformed("factor", "is given, but no rope_type, which is one of " + TYPES);
    }
    return type.orElse("default");
  }

  private static String typeLabel(Config rope) {
    return rope.label(rope.has("rope_type") ? "rope_type" : "type");
  }

  /// How many numbers of a head are turned.
  private static void dimensions(Config config, Config rope, Metadata metadata, double absent) {
    long heads = metadata.count("attention.head_count");
    long width = metadata.count("embedding_length");
    String source = metadata.has("attention.key_length") ? "head_dim" : "num_attention_heads";
    long size =
        metadata.has("attention.key_length")
            ? metadata.count("attention.key_length")
            : Math.max(1, width / heads);
    Config where = rope.has("partial_rotary_factor") ? rope : config;
    double part = where.positive("partial_rotary_factor", absent);
    if (part != 1) {
      source = where.label("partial_rotary_factor");
      size = (long) (size * part);
    }
    metadata.set("rope.dimension_count", source, size);
  }

  /// `attn_factor` comes on top of the attention factor that the paper recommends;
  /// `attention_factor` takes its place, or the quotient of what two scales make of it, of which
  /// one alone says nothing. `truncate` is no key of llama.cpp's, but one that is understood.
  private static void yarn(Config rope, Metadata metadata, boolean truncated) {
    if (rope.flag("truncate", true) != truncated) {
      metadata.set("rope.scaling.yarn_truncate", rope.label("truncate"), !truncated);
    }
    double factor = rope.positive("factor");
    metadata.set("rope.scaling.type", typeLabel(rope), "yarn");
    metadata.set("rope.scaling.factor", rope.label("factor"), factor);
    metadata.set(
        "rope.scaling.original_context_length",
        rope.label(ORIGINAL),
        rope.optionalCount(ORIGINAL, 1, Integer.MAX_VALUE)
            .orElse(metadata.count("context_length")));
    for (String beta : List.of("beta_fast", "beta_slow")) {
      rope.optionalPositive(beta)
          .ifPresent(value -> metadata.set("rope.scaling.yarn_" + beta, rope.label(beta), value));
    }
    boolean hasScales = rope.says("mscale", false) && rope.says("mscale_all_dim", false);
    if (rope.has("attention_factor") || (hasScales && !metadata.has(LOG_MULTIPLIER))) {
      double value =
          rope.has("attention_factor")
              ? rope.positive("attention_factor")
              : attentionFactor(factor, rope.positive("mscale"))
                  / attentionFactor(factor, rope.positive("mscale_all_dim"));
      metadata.set(
          "rope.scaling.attn_factor",
          rope.label(rope.has("attention_factor") ? "attention_factor" : "mscale"),
          value / attentionFactor(factor, 1));
    }
  }

  private static double attentionFactor(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }
}
