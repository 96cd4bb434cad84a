package dev.inferno.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The prompts of a file of goldens, and how far a greedy continuation can be compared.
public final class Prompts {
  /// A session that computes as the references do: exact keys and values.
  public static final SessionOptions EXACT =
      SessionOptions.defaults().keyValueType(KeyValueType.F32);

  private Prompts() {}

  /// So many ids of the bundled model's vocabulary, always the same.
  public static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 2000).toArray();
  }

  /// The prompts by key, in their order.
  public static Map<String, JsonNode> of(JsonNode goldens) {
    var prompts = new LinkedHashMap<String, JsonNode>();
    for (JsonNode prompt : goldens.required("prompts")) {
      prompts.put(prompt.required("key").asText(), prompt);
    }
    return prompts;
  }

  /// The token ids of a prompt.
  public static int[] ids(JsonNode prompt) {
    return Json.ints(prompt.required("ids"));
  }

  /// The greedy tokens before the first step whose best two logits are closer than `gap`: from
  /// there on rounding may decide.
  public static List<Integer> clear(JsonNode greedy, JsonNode gaps, double gap) {
    var ids = new ArrayList<Integer>();
    for (int i = 0; i < greedy.size() && gaps.required(i).asDouble() >= gap; i++) {
      ids.add(greedy.required(i).asInt());
    }
    return ids;
  }

  /// The logits of every position of a prompt in one pass, `[T, vocabulary]`.
  public static float[] logits(Model model, int[] ids) {
    var captured = new Captured("logits");
    try (Session session = model.newSession(EXACT)) {
      session.addListener(captured);
      session.append(ids);
    }
    return captured.array("logits");
  }

  /// The same, position by position: each from the cache of those before it.
  public static float[] cachedLogits(Model model, int[] ids) {
    int vocabulary = model.info().vocabulary();
    float[] logits = new float[ids.length * vocabulary];
    try (Session session = model.newSession(EXACT)) {
      for (int i = 0; i < ids.length; i++) {
        session.append(ids[i]);
        System.arraycopy(session.logits().copy(), 0, logits, i * vocabulary, vocabulary);
      }
    }
    return logits;
  }
}
