package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The merges of a `tokenizer.json`, each two tokens that become one, the most important first.
final class JsonMerges {

  private static final String KEY = "merges";

  private JsonMerges() {}

  /// Two tokens, and the one they become.
  record Merge(int left, int right, int merged) {}

  /// Reads `"a b"` as older files and `["a", "b"]` as newer ones have it.
  ///
  /// @param prefix what the second token's text loses when it is put behind the first
  /// @throws MalformedTokenizerException if one names something that is no token
  static List<Merge> read(Node model, JsonVocabulary vocabulary, String prefix) {
    List<?> list = model.requiredList(KEY);
    List<Merge> merges = new ArrayList<>(list.size());
    int prefixBytes = prefix.getBytes(StandardCharsets.UTF_8).length;
    for (int i = 0; i < list.size(); i++) {
      Object merge = list.get(i);
      if (merge instanceof String text && text.startsWith("#version")) {
        continue;
      }
      int blank = merge instanceof String text ? text.indexOf(' ') : -1;
      if (merge instanceof String text && blank >= 0 && text.indexOf(' ', blank + 1) < 0) {
        merges.add(
            merge(
                model,
                vocabulary,
                i,
                text.substring(0, blank),
                text.substring(blank + 1),
                prefixBytes));
      } else if (merge instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof String left
          && pair.get(1) instanceof String right) {
        merges.add(merge(model, vocabulary, i, left, right, prefixBytes));
      } else {
        throw model.malformed(
            "merges[%d]".formatted(i),
            "is %s, must be two tokens with a blank between them, or an array of two tokens"
                .formatted(Node.described(merge)));
      }
    }
    return merges;
  }

  private static Merge merge(
      Node model, JsonVocabulary vocabulary, int place, String left, String right, int prefix) {
    byte[] second = Utf8.encode(right);
    if (second.length < prefix) {
      throw model.malformed(
          "merges[%d]".formatted(place),
          "has '%s', which must begin with the prefix of what continues a word"
              .formatted(Node.quoted(right)));
    }
    String merged = left + Utf8.decode(second, prefix, second.length);
    return new Merge(
        id(model, vocabulary, place, left),
        id(model, vocabulary, place, right),
        id(model, vocabulary, place, merged));
  }

  private static int id(Node model, JsonVocabulary vocabulary, int place, String text) {
    OptionalInt id = vocabulary.id(text);
    return id.orElseThrow(() ->
        model.malformed(
            "merges[%d]".formatted(place),
            "needs '%s', which must be a token of model.vocab".formatted(Node.quoted(text))));
  }

  /// The merges of a list by their pairs; of two for one pair the last counts, as for Hugging Face.
  static MergeTable table(List<Merge> merges) {
    MergeTable table = new MergeTable(merges.size());
    for (int rank = merges.size() - 1; rank >= 0; rank--) {
      Merge merge = merges.get(rank);
      table.put(merge.left(), merge.right(), rank, merge.merged());
    }
    return table;
  }
}
