package dev.inferno.internal.huggingface;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// How much the changes of an adapter count, as its `adapter_config.json` says. What would make it
/// something else than low-rank changes is refused. Immutable.
///
/// @param config the file
/// @param rank the rank of changes that no pattern names
/// @param alpha what these are multiplied by, over their rank
/// @param byRoot whether it is over the root of the rank
/// @param ranks other ranks, by the pattern of a module's name; the first that fits counts
/// @param alphas the same for alpha
record PeftConfig(
    Config config,
    double rank,
    double alpha,
    boolean byRoot,
    Map<Predicate<String>, Double> ranks,
    Map<Predicate<String>, Double> alphas) {

  /// Features that add to a change of rank r, or change what it is added to.
  private static final List<String> FLAGS = List.of("use_dora", "use_qalora", "lora_bias");

  private static final List<String> LISTS =
      List.of(
          "modules_to_save",
          "trainable_token_indices",
          "target_parameters",
          "layer_replication",
          "alora_invocation_tokens");

  /// Ways to begin the training that leave the model's weights as they are. With the others, what
  /// is to be changed are not the weights that the model's files have.
  private static final Set<String> BEGINNINGS = Set.of("eva", "gaussian", "orthogonal");

  /// Patterns that take a time in no proportion to their length are refused: those that repeat what
  /// they repeat, and those that repeat often.
  private static final Pattern REPEATED_GROUP = Pattern.compile("\\)[*+?{]");

  private static final Pattern REPETITION = Pattern.compile("[*+?{]");
  private static final int MOST_REPETITIONS = 4;

  static PeftConfig of(Config config) {
    config.requiredText("peft_type");
    config.requireOneOf("peft_type", Set.of("LORA"));
    config.requireOneOf("bias", Set.of("none"));
    FLAGS.forEach(flag -> config.requireFlag(flag, false));
    for (String key : LISTS) {
      requireEmpty(config, key);
    }
    if (config.values().get("init_lora_weights") instanceof String) {
      config.requireOneOf("init_lora_weights", BEGINNINGS);
    }
    return new PeftConfig(
        config,
        config.count("r", 1, 1 << 20),
        config.positive("lora_alpha"),
        config.flag("use_rslora", false),
        patterns(config, "rank_pattern"),
        patterns(config, "alpha_pattern"));
  }

  private static void requireEmpty(Config config, String key) {
    Object value = config.values().get(key);
    boolean isEmpty =
        value == null
            || (value instanceof Collection<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    if (!isEmpty) {
      throw config.unsupported(key, "is %s; supported is none".formatted(value));
    }
  }

  private static Map<Predicate<String>, Double> patterns(Config config, String key) {
    Map<Predicate<String>, Double> patterns = new LinkedHashMap<>();
    config
        .object(key)
        .ifPresent(object -> {
          for (String pattern : object.values().keySet()) {
            patterns.put(predicate(object, pattern), object.positive(pattern));
          }
        });
    return patterns;
  }

  /// A pattern is for modules whose names end with it, behind a dot.
  private static Predicate<String> predicate(Config object, String pattern) {
    long repetitions = REPETITION.matcher(pattern).results().count();
    if (repetitions > MOST_REPETITIONS || REPEATED_GROUP.matcher(pattern).find()) {
      throw object.unsupported(
          pattern,
          "is a pattern that repeats a group or more than %d times; supported are simpler ones"
              .formatted(MOST_REPETITIONS));
    }
    try {
      return Pattern.compile("(.*\\.)?(" + pattern + ")").asMatchPredicate();
    } catch (PatternSyntaxException e) {
      throw object.malformed(pattern, "is no pattern: " + e.getDescription());
    }
  }

  /// What the change of a module is multiplied by.
  ///
  /// @param module its name
  /// @param found the rank of its factors, which has to be what the file says
  double strength(String module, int found) {
    double stated = first(ranks, module, rank);
    if (stated != found) {
      throw config.malformed(
          "r", "is %.0f for '%s', whose factors have rank %d".formatted(stated, module, found));
    }
    return first(alphas, module, alpha) / (byRoot ? Math.sqrt(found) : found);
  }

  private static double first(
      Map<Predicate<String>, Double> patterns, String module, double absent) {
    return patterns.entrySet().stream()
        .filter(entry -> entry.getKey().test(module))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(absent);
  }
}
