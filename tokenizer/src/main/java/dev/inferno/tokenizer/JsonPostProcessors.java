package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the post-processor of a `tokenizer.json` puts around a text. For one reading.
final class JsonPostProcessors {

  private static final String TYPES =
      "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing";

  private final int vocabularySize;
  private final List<Integer> first = new ArrayList<>();
  private final List<Integer> last = new ArrayList<>();

  private JsonPostProcessors(int vocabularySize) {
    this.vocabularySize = vocabularySize;
  }

  /// @param settings the `tokenizer_config.json`, which is heard where the file says nothing
  /// @param ids the tokens that have roles
  static AddedTokens read(
      Node file, Node settings, Map<SpecialToken, Integer> ids, int vocabularySize) {
    Optional<Node> node = file.object("post_processor");
    var processors = new JsonPostProcessors(vocabularySize);
    if (node.isPresent()) {
      JsonTokenizers.steps(node.get(), "processors").forEach(processors::apply);
    } else {
      processors.addIf(settings, "add_bos_token", SpecialToken.BEGINNING_OF_SEQUENCE, ids, true);
      processors.addIf(settings, "add_eos_token", SpecialToken.END_OF_SEQUENCE, ids, false);
    }
    return new AddedTokens(processors.first, processors.last);
  }

  private void addIf(
      Node settings,
      String key,
      SpecialToken role,
      Map<SpecialToken, Integer> ids,
      boolean isFirst) {
    Integer id = ids.get(role);
    if (id != null && settings.flag(key, false)) {
      (isFirst ? first : last).add(id);
    }
  }

  private void apply(Node node) {
    String type = node.requiredText("type");
    switch (type) {
      case "ByteLevel" -> {
        // changes places alone
      }
      case "BertProcessing", "RobertaProcessing" ->
          around(List.of(id(node, "cls")), List.of(id(node, "sep")));
      case "TemplateProcessing" -> template(node);
      default ->
          throw node.unsupported(
              "type", "is '%s'; supported are %s".formatted(Node.quoted(type), TYPES));
    }
  }

  /// Puts tokens around what is there already.
  private void around(List<Integer> before, List<Integer> behind) {
    first.addAll(0, before);
    last.addAll(behind);
  }

  /// The id in `["[SEP]", 102]`.
  private int id(Node node, String key) {
    List<?> pair = node.requiredList(key);
    if (pair.size() != 2 || !(pair.get(1) instanceof Long id)) {
      throw node.malformed(
          key, "is %s, must be an array of a text and an id".formatted(Node.described(pair)));
    }
    return checked(node, key, id);
  }

  private int checked(Node node, String key, long id) {
    if (id < 0 || id >= vocabularySize) {
      throw node.malformed(
          key, "has the id %d; possible are 0 to %d".formatted(id, vocabularySize - 1));
    }
    return (int) id;
  }

  private void template(Node node) {
    List<Integer> before = new ArrayList<>();
    List<Integer> behind = new ArrayList<>();
    int texts = 0;
    node.requiredList("single");
    for (Node part : node.objects("single")) {
      Optional<Node> special = part.object("SpecialToken");
      if (special.isPresent()) {
        (texts == 0 ? before : behind).addAll(ids(node, special.get()));
      } else {
        String sequence = part.requiredObject("Sequence").requiredText("id");
        if (!sequence.equals("A")) {
          throw part.malformed("Sequence", "is '%s', must be 'A'".formatted(Node.quoted(sequence)));
        }
        texts++;
      }
    }
    if (texts != 1) {
      throw node.malformed("single", "has the text %d times, must have it once".formatted(texts));
    }
    around(before, behind);
  }

  private List<Integer> ids(Node template, Node special) {
    String name = special.requiredText("id");
    Node token = template.requiredObject("special_tokens").requiredObject(name);
    List<Integer> ids = new ArrayList<>();
    for (Object id : token.requiredList("ids")) {
      if (!(id instanceof Long number)) {
        throw token.malformed("ids", "has %s, must have ids".formatted(Node.described(id)));
      }
      ids.add(checked(token, "ids", number));
    }
    return ids;
  }
}
