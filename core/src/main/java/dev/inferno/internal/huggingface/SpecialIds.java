package dev.inferno.internal.huggingface;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which tokens begin, end and fill texts, and whether they are added to every text, as metadata.
///
/// @param tokenizer the `tokenizer.json`
/// @param settings the `tokenizer_config.json`, where tokens have roles by their text
/// @param config the `config.json`, where they have roles by their number
/// @param size how many tokens there are
/// @param metadata where it is put
record SpecialIds(
    Config tokenizer, Config settings, Config config, int size, Map<String, Object> metadata) {

  /// The roles, and what GGUF calls them.
  private static final Map<String, String> ROLES = roles();

  private static Map<String, String> roles() {
    Map<String, String> roles = new LinkedHashMap<>();
    roles.put("bos", "bos");
    roles.put("eos", "eos");
    roles.put("unk", "unknown");
    roles.put("sep", "seperator"); // so it is spelled there
    roles.put("pad", "padding");
    roles.put("cls", "cls");
    roles.put("mask", "mask");
    return roles;
  }

  void add() {
    ROLES.forEach((role, name) -> {
      Optional<Long> id = named(role).or(() -> numbered(role));
      id.ifPresent(known -> metadata.put("tokenizer.ggml.%s_token_id".formatted(name), known));
    });
    added("bos", true);
    added("eos", false);
  }

  private Optional<Long> named(String role) {
    return text(role)
        .flatMap(text ->
            tokenizer.objects("added_tokens").stream()
                .filter(token -> token.text("content").equals(Optional.of(text)))
                .map(token -> token.count("id", 0, size - 1L))
                .findFirst());
  }

  /// The text of the token with a role: itself, or an object that has it.
  private Optional<String> text(String role) {
    String key = role + "_token";
    return settings.values().get(key) instanceof Map<?, ?>
        ? settings.object(key).flatMap(token -> token.text("content"))
        : settings.text(key);
  }

  /// Where several tokens have the role, nothing is said.
  private Optional<Long> numbered(String role) {
    return config.values().get(role + "_token_id") instanceof Long id && id >= 0 && id < size
        ? Optional.of(id)
        : Optional.empty();
  }

  /// Whether every text gets the token, by what is done to tokens in the end, or else by the
  /// settings.
  private void added(String role, boolean first) {
    Optional<Boolean> added = Optional.empty();
    for (Config step : steps()) {
      switch (step.requiredText("type")) {
        case "ByteLevel" -> added = added.or(() -> Optional.of(false));
        case "TemplateProcessing" -> {
          Optional<Boolean> there = edge(step, first, text(role));
          // A vocabulary of pieces begins texts unless told otherwise; none ends them.
          added = first ? there.or(() -> Optional.of(false)) : there;
        }
        default -> {
          // others add nothing
        }
      }
    }
    if (added.isEmpty() && settings.has("add_%s_token".formatted(role))) {
      added = Optional.of(settings.flag("add_%s_token".formatted(role), false));
    }
    added.ifPresent(flag -> metadata.put("tokenizer.ggml.add_%s_token".formatted(role), flag));
  }

  private List<Config> steps() {
    return tokenizer
        .object("post_processor")
        .map(one ->
            one.requiredText("type").equals("Sequence") ? one.objects("processors") : List.of(one))
        .orElse(List.of());
  }

  /// Whether a template has this token at its edge.
  private static Optional<Boolean> edge(Config template, boolean first, Optional<String> token) {
    List<Config> parts = template.objects("single");
    if (parts.size() < 2) {
      return Optional.empty();
    }
    Config edge = first ? parts.getFirst() : parts.getLast();
    return edge.object("SpecialToken")
        .flatMap(special -> special.text("id"))
        .map(id -> token.equals(Optional.of(id)));
  }
}
