package dev.inferno.internal.huggingface;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which name GGUF has for the way that a `tokenizer.json` cuts text into pieces. The converter of
/// llama.cpp knows published vocabularies by what they make of a text; here the pattern itself
/// tells.
final class PreTokenizers {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String END =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String WORDS = CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String LOWER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
  private static final String UPPER =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
  private static final String SLASH_END =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final Map<String, String> BY_PATTERN = byPattern();

  private PreTokenizers() {}

  private static Map<String, String> byPattern() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(WORDS + "\\p{N}{1,3}" + END, "llama-bpe");
    names.put(WORDS + "\\p{N}" + END, "qwen2");
    names.put(
        LOWER + CONTRACTIONS + "?|" + UPPER + CONTRACTIONS + "?|\\p{N}{1,3}" + SLASH_END, "gpt-4o");
    names.put(LOWER + "|" + UPPER + "|\\p{N}" + SLASH_END, "tekken");
    return names;
  }

  /// The name.
  ///
  /// @param tokenizer the `tokenizer.json`
  /// @throws dev.inferno.format.UnsupportedModelException if it has none
  static String name(Config tokenizer) {
    Config pre =
        tokenizer
            .object("pre_tokenizer")
            .orElseThrow(() ->
                tokenizer.unsupported(
                    "pre_tokenizer", "is not there; supported are byte-level ones"));
    List<Config> steps = steps(pre);
    boolean digits = false;
    String name = "";
    for (Config step : steps) {
      switch (step.requiredText("type")) {
        case "Digits" -> digits = step.flag("individual_digits", false);
        case "Split" -> name = named(step, tokenizer);
        case "ByteLevel" -> {
          if (name.isEmpty() && step.flag("use_regex", true)) {
            name = digits ? "smollm" : "gpt-2";
          }
        }
        default ->
            throw step.unsupported(
                "type",
                "is '%s'; supported are ByteLevel, Digits and Split"
                    .formatted(step.requiredText("type")));
      }
    }
    if (name.isEmpty() || (digits && !name.equals("smollm"))) {
      throw tokenizer.unsupported(
          "pre_tokenizer",
          "is %s; supported are ByteLevel, Digits before ByteLevel, and one Split before ByteLevel"
              .formatted(steps.stream().map(step -> step.requiredText("type")).toList()));
    }
    return name;
  }

  /// The steps of a sequence, or the one there is.
  static List<Config> steps(Config pre) {
    if (!"Sequence".equals(pre.requiredText("type"))) {
      return List.of(pre);
    }
    return pre.objects("pretokenizers");
  }

  private static String named(Config split, Config tokenizer) {
    Optional<String> pattern = split.object("pattern").flatMap(object -> object.text("Regex"));
    String name = pattern.map(BY_PATTERN::get).orElse(null);
    if (name == null || !"Isolated".equals(split.text("behavior").orElse(""))) {
      throw split.unsupported(
          "pattern",
          "is %s; supported are the patterns of %s"
              .formatted(split.values().get("pattern"), BY_PATTERN.values()));
    }
    boolean ignoresMerges =
        tokenizer.object("model").map(model -> model.flag("ignore_merges", false)).orElse(false);
    // GGUF has two names for the pattern of Llama 3, whose own tokenizer ignores merges.
    return name.equals("llama-bpe") && !ignoresMerges ? "dbrx" : name;
  }
}
