package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Builds a tokenizer from a `tokenizer.json`, see {@link Pipeline}.
///
/// The format is that of Hugging Face's `tokenizers`,
/// <https://huggingface.co/docs/tokenizers/main/en/components>.
final class JsonTokenizers {

  /// What the files beside it call the tokens with roles.
  private static final Map<SpecialToken, String> ROLES =
      new EnumMap<>(
          Map.of(
              SpecialToken.BEGINNING_OF_SEQUENCE, "bos_token",
              SpecialToken.END_OF_SEQUENCE, "eos_token",
              SpecialToken.UNKNOWN, "unk_token",
              SpecialToken.SEPARATOR, "sep_token",
              SpecialToken.PADDING, "pad_token",
              SpecialToken.CLASSIFICATION, "cls_token",
              SpecialToken.MASK, "mask_token"));

  private JsonTokenizers() {}

  /// @param file the `tokenizer.json`
  /// @param settings the `tokenizer_config.json` beside it, empty if there is none
  /// @param specials the `special_tokens_map.json` beside it, likewise
  /// @param chatTemplate the template for chats, if there is one
  /// @param warnings where to report what is wrong and can be lived with
  static Tokenizer read(
      Node file,
      Node settings,
      Node specials,
      Optional<String> chatTemplate,
      Consumer<String> warnings) {
    Node model = file.requiredObject("model");
    JsonVocabulary tokens = JsonVocabulary.read(file, model, warnings);
    JsonModels models = JsonModels.read(file, model, tokens);
    Vocabulary vocabulary = models.vocabulary();
    Map<SpecialToken, Integer> ids = roles(settings, specials, tokens, models.unknown());
    SpecialTokenMatcher found =
        SpecialTokenMatcher.of(
            tokens.added().stream().filter(token -> !token.normalized()).toList());
    return new Tokenizer(
        vocabulary,
        models.parsing(),
        models.plain(),
        found,
        found.skippingSpecial(),
        ids,
        EndOfGeneration.of(vocabulary.textTable(), ids),
        JsonPostProcessors.read(file, settings, ids, vocabulary.size()),
        chatTemplate);
  }

  /// The steps of a sequence, and of sequences in it, or the one step there is.
  ///
  /// @param key where a sequence has its steps
  static List<Node> steps(Node node, String key) {
    if (!node.requiredText("type").equals("Sequence")) {
      return List.of(node);
    }
    node.requiredList(key);
    return node.objects(key).stream().flatMap(step -> steps(step, key).stream()).toList();
  }

  private static Map<SpecialToken, Integer> roles(
      Node settings, Node specials, JsonVocabulary tokens, OptionalInt unknown) {
    Map<SpecialToken, Integer> ids = new EnumMap<>(SpecialToken.class);
    unknown.ifPresent(id -> ids.put(SpecialToken.UNKNOWN, id));
    ROLES.forEach((role, key) ->
        text(settings, key)
            .or(() -> text(specials, key))
            .ifPresent(text -> tokens.anyId(text).ifPresent(id -> ids.put(role, id))));
    return ids;
  }

  /// The text of the token with a role: itself, or an object that has it.
  private static Optional<String> text(Node node, String key) {
    return node.values().get(key) instanceof Map<?, ?>
        ? node.object(key).flatMap(token -> token.text("content"))
        : node.text(key);
  }
}
