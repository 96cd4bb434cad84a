package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// What a model is, in words: also one that does not run here. Immutable.
///
/// @param adapters those that are to be put beside its weights
record ModelCard(
    ModelFacts facts, ModelCheck check, MemoryNeed memory, List<AdapterFacts> adapters) {
  private static final String DYNAMIC_FACTOR = "rope.scaling.dynamic_factor";

  static ModelCard of(ModelFacts facts, ModelCheck check, List<AdapterFacts> adapters) {
    return new ModelCard(facts, check, MemoryNeed.of(facts, adapters), List.copyOf(adapters));
  }

  /// The card for people.
  void print(PrintStream out) {
    List<List<String>> rows = new ArrayList<>();
    words().forEach((topic, words) -> rows.add(List.of(topic, Columns.printable(words))));
    Columns.print(out, rows, 0);
  }

  private Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("model", model());
    words.put("family", family());
    words.put("size", size());
    words.put("context", number("context_length", "%,d tokens"));
    words.put("attention", attention());
    words.put("positions", positions());
    if (facts.count("expert_count").isPresent()) {
      words.put("experts", experts());
    }
    words.put("types", types());
    if (!adapters.isEmpty()) {
      words.put(
          "adapters", adapters.stream().map(AdapterFacts::words).collect(Collectors.joining("; ")));
    }
    words.put("tokenizer", facts.tokenizer());
    words.put("chat template", facts.template().map(ChatTemplates::describe).orElse("none"));
    words.put("licence", licence());
    words.put("base model", baseModel());
    words.put("runs here", check.problem().map(problem -> "no: " + problem).orElse("yes"));
    words.put("memory", memory.need());
    words.put("this machine", memory.here());
    return words;
  }

  private String number(String key, String format) {
    OptionalLong value = facts.count(key);
    return value.isPresent() ? format.formatted(value.getAsLong()) : "not stated";
  }

  private String model() {
    return facts.about("name").orElse("without a name")
        + facts.about("organization").map(by -> ", by " + by).orElse("")
        + facts.about("finetune").map(how -> ", fine-tuned: " + how).orElse("");
  }

  private String family() {
    if (facts.architecture().isEmpty()) {
      return "not stated";
    }
    return facts.architecture()
        + part(": %,d layers", "block_count")
        + part(", width %,d", "embedding_length")
        + part(", feed-forward %,d", "feed_forward_length")
        + part(", vocabulary %,d", "vocab_size");
  }

  private String part(String format, String key) {
    OptionalLong value = facts.count(key);
    return value.isPresent() ? format.formatted(value.getAsLong()) : "";
  }

  private String size() {
    return facts.elements() == 0
        ? "no tensors"
        : String.format(
            Locale.ROOT,
            "%,d parameters in %s, %.2f bits each",
            facts.elements(),
            MemoryNeed.bytes(facts.bytes()),
            bitsPerWeight());
  }

  private double bitsPerWeight() {
    return 8.0 * facts.bytes() / Math.max(1, facts.elements());
  }

  /// `MHA`, `GQA`, `MQA`, `MLA`, `none`, or `unknown`.
  private String attentionKind() {
    long heads = facts.count("attention.head_count").orElse(0);
    long shared = facts.count("attention.head_count_kv").orElse(heads);
    if (heads == 0) {
      return facts.count("ssm.state_size").isPresent() ? "none" : "unknown";
    }
    if (facts.count("attention.kv_lora_rank").isPresent()) {
      return "MLA";
    }
    return shared == heads ? "MHA" : shared == 1 ? "MQA" : "GQA";
  }

  private String attention() {
    long heads = facts.count("attention.head_count").orElse(0);
    long shared = facts.count("attention.head_count_kv").orElse(heads);
    String kind =
        switch (attentionKind()) {
          case "none" -> "none: a state space takes its place";
          case "unknown" -> "not stated";
          case "MLA" ->
              "multi-head latent (MLA): %d heads, keys and values compressed to %d numbers"
                  .formatted(heads, facts.count("attention.kv_lora_rank").orElse(0));
          case "MHA" -> "multi-head (MHA): %d heads, each with keys and values".formatted(heads);
          case "MQA" -> "multi-query (MQA): %d heads share one of keys and values".formatted(heads);
          default ->
              "grouped-query (GQA): %d heads share %d of keys and values".formatted(heads, shared);
        };
    var text = new StringBuilder(kind);
    facts
        .headSize()
        .ifPresent(size -> text.append(String.format(Locale.ROOT, ", of %.0f numbers", size)));
    facts
        .count("attention.sliding_window")
        .ifPresent(window ->
            text.append("; a sliding window of %,d positions%s".formatted(window, inLayers())));
    facts
        .real("attn_logit_softcapping")
        .ifPresent(cap -> text.append("; scores are capped at ").append(plain(cap)));
    facts
        .real("final_logit_softcapping")
        .ifPresent(cap -> text.append("; logits are capped at ").append(plain(cap)));
    if (hasNormedKeys()) {
      text.append("; queries and keys are normed");
    }
    if (facts.hasTensor("attn_q.bias")
        || facts.hasTensor("q_proj.bias")
        || facts.hasTensor("attn_qkv.bias")) {
      text.append("; queries, keys and values have a bias");
    }
    if (facts.hasTensor("attn_sinks") || facts.hasTensor("self_attn.sinks")) {
      text.append("; learned sinks");
    }
    return text.toString();
  }

  private boolean hasNormedKeys() {
    return facts.hasTensor("attn_q_norm") || facts.hasTensor("self_attn.q_norm");
  }

  private String inLayers() {
    long layers = facts.count("block_count").orElse(0);
    if (!check.windows().isEmpty()) {
      long windowed = check.windows().stream().filter(window -> window > 0).count();
      return " in %d of %d layers".formatted(windowed, check.windows().size());
    }
    OptionalLong without = facts.layersWithoutWindow();
    return without.isEmpty()
        ? ""
        : " in %d of %d layers".formatted(layers - without.getAsLong(), layers);
  }

  private String positions() {
    if (facts.hasTensor("position_embd.weight") || facts.hasTensor("wpe.weight")) {
      return "learned embeddings";
    }
    if (hasAlibi()) {
      return "ALiBi: scores fall with the distance";
    }
    if (facts.real("rope.freq_base").isEmpty() && facts.count("attention.head_count").isEmpty()) {
      return "not stated";
    }
    String base =
        facts.real("rope.freq_base").isPresent()
            ? plain(facts.real("rope.freq_base").getAsDouble())
            : "10,000 (the usual one; none is stated)";
    return "RoPE with base " + base + turned() + scaling() + still();
  }

  /// Layers of some families do not tell positions apart: of SmolLM3 every so many-th, of Command
  /// R7B and A those that see all positions.
  private String still() {
    long layers = facts.count("block_count").orElse(0);
    long still =
        switch (facts.architecture()) {
          case "smollm3" -> layers / facts.count("no_rope_layer_interval").orElse(4);
          case "cohere2" -> facts.layersWithoutWindow().orElse(layers / 4);
          default -> 0;
        };
    return still == 0 ? "" : "; none in %d of %d layers".formatted(still, layers);
  }

  /// Files of some families do not say so; of Baichuan it is the model of 13B, the one of 40
  /// layers.
  private boolean hasAlibi() {
    return facts.real("attention.max_alibi_bias").isPresent()
        || Boolean.TRUE.equals(facts.sizes().get("alibi"))
        || switch (facts.architecture()) {
          case "bloom" -> true;
          case "baichuan" -> facts.count("block_count").orElse(0) == 40;
          default -> false;
        };
  }

  private String turned() {
    OptionalDouble turned = facts.turned();
    OptionalDouble size = facts.headSize();
    return turned.isPresent() && size.isPresent() && turned.getAsDouble() < size.getAsDouble()
        ? String.format(
            Locale.ROOT, ", which turns the first %.0f numbers of a head", turned.getAsDouble())
        : "";
  }

  private String scaling() {
    OptionalDouble growth = facts.real(DYNAMIC_FACTOR);
    OptionalDouble stated = growth.isPresent() ? growth : facts.real("rope.scaling.factor");
    String factor =
        stated.isPresent() ? plain(stated.getAsDouble()) : "a factor that is not stated";
    String original =
        part(", from an original context of %,d", "rope.scaling.original_context_length");
    String type = facts.text("rope.scaling.type").orElse("none");
    if (type.equals("none") && facts.hasTensor("rope_freqs.weight")) {
      type = "llama3";
    }
    if (type.equals("none") && facts.hasTensor("rope_factors_long.weight")) {
      type = "longrope";
    }
    if (type.equals("none") && growth.isPresent()) {
      type = "dynamic";
    }
    return switch (type) {
      case "none" -> ", not scaled";
      case "linear" -> ", positions divided by " + factor + original;
      case "yarn" -> ", stretched by YaRN: " + factor + " times" + original;
      case "dynamic" ->
          ", the base grown with the text (dynamic NTK), factor "
              + factor
              + original
              + "; --ctx asks for texts that are longer than the context, which are scaled";
      case "llama3" -> ", slow frequencies stretched as in Llama 3.1" + original;
      case "longrope", "su" -> ", frequencies stretched one by one (LongRoPE)" + original;
      default -> ", scaled by '" + type + "', which is not known" + original;
    };
  }

  /// A number without needless digits.
  private static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? "%,d".formatted((long) number)
        : Double.toString(number);
  }

  private String experts() {
    return number("expert_count", "%,d in a layer")
        + part(", of which a token passes through %,d", "expert_used_count");
  }

  private String types() {
    List<String> parts = new ArrayList<>();
    facts
        .mix()
        .forEach((type, share) ->
            parts.add(
                share < 0.001
                    ? type + " less than 0.1 %"
                    : String.format(Locale.ROOT, "%s %.1f %%", type, 100 * share)));
    String stated =
        facts.sizes().get("quantized") instanceof Map<?, ?> how
            ? "; quantization_config: " + how.get("quant_method")
            : "";
    return parts.isEmpty() ? "none" : String.join(", ", parts) + " of the weights" + stated;
  }

  private String licence() {
    return facts
        .about("license")
        .map(licence -> licence + facts.about("license.link").map(" "::concat).orElse(""))
        .orElse("not stated");
  }

  private String baseModel() {
    return facts
        .about("base_model")
        .or(() -> facts.about("base_model.0.repo_url"))
        .or(() -> facts.about("base_model.0.name"))
        .orElse("not stated");
  }

  /// The card for programs.
  ObjectNode json() {
    ObjectNode card = Json.object();
    card.put("architecture", facts.architecture());
    card.put("parameters", facts.elements());
    card.put("bits_per_weight", bitsPerWeight());
    put(card, "layers", facts.count("block_count"));
    put(card, "width", facts.count("embedding_length"));
    put(card, "context", facts.count("context_length"));
    ObjectNode attention = card.putObject("attention");
    attention.put("kind", attentionKind());
    put(attention, "heads", facts.count("attention.head_count"));
    put(attention, "key_value_heads", facts.count("attention.head_count_kv"));
    put(attention, "window", facts.count("attention.sliding_window"));
    attention.put("query_key_norm", hasNormedKeys());
    ObjectNode types = card.putObject("types");
    facts.mix().forEach(types::put);
    ArrayNode beside = card.putArray("adapters");
    adapters.forEach(adapter -> beside.add(adapter.json()));
    card.put("chat_template", facts.template().isPresent());
    card.put("runs", check.problem().isEmpty());
    check
        .problem()
        .ifPresentOrElse(problem -> card.put("problem", problem), () -> card.putNull("problem"));
    card.putObject("memory")
        .put("weights", memory.weights())
        .put("adapters", memory.adapters())
        .put("key_values_per_1000_tokens", (long) (1000 * memory.perToken()))
        .put("scratch", (long) memory.scratch())
        .put("physical", memory.physical())
        .put("heap", memory.heap())
        .put("tokens", memory.perToken() == 0 ? 0 : memory.tokens());
    ObjectNode words = card.putObject("words");
    words().forEach(words::put);
    return card;
  }

  private static void put(ObjectNode node, String name, OptionalLong value) {
    if (value.isPresent()) {
      node.put(name, value.getAsLong());
    } else {
      node.putNull(name);
    }
  }
}
