package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/// The tokens of a `tokenizer.json`: those of its model, and those that were added to them. For one
/// reading.
final class JsonVocabulary {

  /// Sixty times as many as any published vocabulary has.
  private static final int MOST_IDS = 1 << 24;

  /// Ids may leave gaps, but not make a small file take much memory.
  private static final int FEW_IDS = 1 << 16;

  private static final int IDS_FOR_A_TOKEN = 4;

  /// Hundreds of times what the longest tokens of any known vocabulary have.
  private static final int LONGEST_TOKEN = 1 << 16;

  private static final byte[] NOTHING = new byte[0];

  private final Node file;
  private final Node model;

  /// One more than the greatest id that is possible.
  private final int limit;

  /// The tokens of the model.
  private final Map<String, Integer> ids = new HashMap<>();

  private final List<WholeToken> added = new ArrayList<>();

  /// For each id the text, null where there is none: of the model, and of all.
  private String[] texts = new String[0];

  private int size;
  private double[] scores = new double[0];

  private JsonVocabulary(Node file, Node model) {
    this.file = file;
    this.model = model;
    long count = file.list("added_tokens").map(List::size).orElse(0);
    if (model.values().get("vocab") instanceof List<?> list) {
      count += list.size();
    } else {
      count += model.requiredObject("vocab").values().size();
    }
    if (count > MOST_IDS) {
      throw model.malformed(
          "vocab", "has %d tokens; possible are up to %d".formatted(count, MOST_IDS));
    }
    this.limit = Math.clamp(IDS_FOR_A_TOKEN * count, FEW_IDS, MOST_IDS);
  }

  /// @param file the whole file
  /// @param model the object `model` in it
  /// @param warnings where to report what is wrong and can be lived with
  static JsonVocabulary read(Node file, Node model, Consumer<String> warnings) {
    var vocabulary = new JsonVocabulary(file, model);
    if (model.values().get("vocab") instanceof List<?> list) {
      vocabulary.readScored(list);
    } else {
      vocabulary.readIds(model.requiredObject("vocab"));
    }
    vocabulary.readAdded(warnings);
    return vocabulary;
  }

  private void readIds(Node vocabulary) {
    vocabulary
        .values()
        .forEach((text, value) -> {
          if (!(value instanceof Long id) || id < 0 || id >= limit) {
            throw model.malformed(
                "vocab",
                "has the id %s for '%s'; possible are 0 to %d"
                    .formatted(Node.described(value), Node.quoted(text), limit - 1));
          }
          put("vocab", text, id.intValue());
        });
  }

  /// The ids of tokens with scores are their places.
  private void readScored(List<?> list) {
    scores = new double[list.size()];
    for (int id = 0; id < scores.length; id++) {
      if (!(list.get(id) instanceof List<?> pair)
          || pair.size() != 2
          || !(pair.get(0) instanceof String text)
          || !(pair.get(1) instanceof Number score)
          || !Double.isFinite(score.doubleValue())) {
        throw model.malformed(
            "vocab[%d]".formatted(id),
            "is %s, must be an array of a text and a number"
                .formatted(Node.described(list.get(id))));
      }
      scores[id] = score.doubleValue();
      put("vocab[%d]".formatted(id), text, id);
    }
  }

  private void put(String key, String text, int id) {
    if (text.length() > LONGEST_TOKEN) {
      throw model.malformed(
          key,
          "has a token of %d chars, '%s'; possible are up to %d"
              .formatted(text.length(), Node.quoted(text), LONGEST_TOKEN));
    }
    reserve(id);
    if (texts[id] != null) {
      throw model.malformed(
          key,
          "gives the id %d to '%s' and to '%s'; each token must have its own"
              .formatted(id, Node.quoted(texts[id]), Node.quoted(text)));
    }
    Integer other = ids.putIfAbsent(text, id);
    if (other != null) {
      throw model.malformed(
          key, "has '%s' twice, with the ids %d and %d".formatted(Node.quoted(text), other, id));
    }
    texts[id] = text;
    size = Math.max(size, id + 1);
  }

  private void reserve(int id) {
    if (id >= texts.length) {
      texts = Arrays.copyOf(texts, Math.max(id + 1, Math.min(2 * texts.length, limit)));
    }
  }

  /// A token that the model has too keeps the id it has there, as for Hugging Face.
  private void readAdded(Consumer<String> warnings) {
    Map<String, Integer> known = new HashMap<>(ids);
    Set<String> seen = new HashSet<>();
    for (Node node : file.objects("added_tokens")) {
      String text = node.requiredText("content");
      int written = node.count("id", 0, limit - 1, -1);
      int id = known.getOrDefault(text, written);
      if (id != written) {
        warnings.accept(
            "%s: %s is %d and ignored: '%s' has the id %d already"
                .formatted(file.name(), node.label("id"), written, Node.quoted(text), id));
      }
      if (text.isEmpty() || !seen.add(text)) {
        continue; // is found nowhere, or already
      }
      reserve(id);
      if (texts[id] != null && !texts[id].equals(text)) {
        throw node.malformed(
            "id",
            "is %d for '%s', but that is '%s'; each token must have its own"
                .formatted(id, Node.quoted(text), Node.quoted(texts[id])));
      }
      known.put(text, id);
      texts[id] = text;
      size = Math.max(size, id + 1);
      added.add(WholeToken.read(node, id));
    }
  }

  /// The tokens that were added to the model's, or that stand out among them.
  List<WholeToken> added() {
    return added;
  }

  /// The id that the model has for a text.
  OptionalInt id(String text) {
    Integer id = ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// The id of a text among all tokens.
  OptionalInt anyId(String text) {
    for (WholeToken token : added) {
      if (token.text().equals(text)) {
        return OptionalInt.of(token.id());
      }
    }
    return id(text);
  }

  /// The id of the token for what is unknown, which a key names.
  ///
  /// @throws MalformedTokenizerException if the model has no such token
  OptionalInt unknown(String key) {
    if (!model.has(key)) {
      return OptionalInt.empty();
    }
    String text = model.requiredText(key);
    OptionalInt id = id(text);
    if (id.isEmpty()) {
      throw model.malformed(
          key, "is '%s', which must be a token of model.vocab".formatted(Node.quoted(text)));
    }
    return id;
  }

  /// The same where the model cannot do without.
  int requiredUnknown(String key, String absent) {
    OptionalInt id = model.has(key) ? unknown(key) : id(absent);
    return id.orElseThrow(() ->
        model.malformed(
            key, "is not there, must be the token for what is unknown, a token of model.vocab"));
  }

  /// Whether the model has a token with this id.
  boolean isOfModel(int id) {
    return texts[id] != null && ids.containsKey(texts[id]);
  }

  /// How many ids there are, holes included.
  int size() {
    return size;
  }

  double[] scores() {
    return Arrays.copyOf(scores, size());
  }

  /// For each byte the token that the model has for it, written `<0xHH>`, or -1.
  int[] byteIds() {
    int[] ids = TextBpe.noBytes();
    for (int octet = 0; octet < ids.length; octet++) {
      ids[octet] = id("<0x%02X>".formatted(octet)).orElse(-1);
    }
    return ids;
  }

  /// From the text of each token of the model to its id.
  ByteTable table() {
    ByteTable table = new ByteTable(size());
    for (int id = 0; id < size(); id++) {
      if (isOfModel(id)) {
        byte[] text = Utf8.encode(texts[id]);
        table.add(text, 0, text.length);
      } else {
        table.append(NOTHING, 0, 0); // so that numbers are ids
      }
    }
    return table;
  }

  /// The texts of the model's tokens, empty for other ids.
  Utf8List ofModel() {
    return list(true);
  }

  private Utf8List list(boolean ofModel) {
    byte[][] encoded = new byte[size()][];
    for (int id = 0; id < encoded.length; id++) {
      encoded[id] =
          texts[id] == null || (ofModel && !isOfModel(id)) ? NOTHING : Utf8.encode(texts[id]);
    }
    return Utf8List.of(encoded);
  }

  /// All tokens.
  ///
  /// @param unknown the token for what is unknown
  /// @param marksBytes whether tokens written `<0xHH>` stand for bytes
  Vocabulary vocabulary(OptionalInt unknown, boolean marksBytes) {
    if (size() == 0) {
      throw model.malformed("vocab", "is empty, must have at least one token");
    }
    Utf8List all = list(false);
    TokenType[] types = new TokenType[size()];
    for (int id = 0; id < types.length; id++) {
      types[id] =
          texts[id] == null
              ? TokenType.UNUSED
              : marksBytes && Vocabulary.octet(all.utf8(id)) >= 0
                  ? TokenType.BYTE
                  : TokenType.NORMAL;
    }
    for (WholeToken token : added) {
      types[token.id()] =
          !token.special()
              ? TokenType.USER_DEFINED
              : unknown.equals(OptionalInt.of(token.id())) ? TokenType.UNKNOWN : TokenType.CONTROL;
    }
    return Vocabulary.of(all, types);
  }
}
