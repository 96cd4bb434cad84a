package dev.inferno.internal.huggingface;

import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.safetensors.Checkpoint;
import dev.inferno.internal.safetensors.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The tokenizer of a folder as the metadata that llama.cpp's converter writes: from
/// `tokenizer.json`, `tokenizer_config.json`, `tokenizer.model` if there is one, `config.json` and
/// the files of chat templates. For one reading.
final class TokenizerFiles {
  private static final long NORMAL = 1; // types of tokens
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;
  private static final long UNUSED = 5;
  private static final long BYTE = 6;

  private static final float ADDED_SCORE = -1000;
  private static final float UNUSED_SCORE = -10_000;

  private final Path folder;
  private final Config tokenizer;
  private final Config settings;
  private final int size;
  private final Map<String, Object> metadata = new LinkedHashMap<>();

  private final String[] tokens;
  private final long[] types;
  private final float[] scores;

  private TokenizerFiles(Path folder, Config tokenizer, Config settings, int size) {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.size = size;
    this.tokens = new String[size];
    this.types = new long[size];
    this.scores = new float[size];
    for (int id = 0; id < size; id++) {
      tokens[id] = "[PAD%d]".formatted(id);
      types[id] = UNUSED;
      scores[id] = UNUSED_SCORE;
    }
  }

  /// The metadata, all under `tokenizer.`; of a folder without a tokenizer, that there is none.
  ///
  /// @param size how many tokens the model has logits for
  /// @throws IOException if a file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if one breaks its format
  /// @throws UnsupportedModelException if GGUF has no such tokenizer
  static Map<String, Object> metadata(Path folder, Config config, int size) throws IOException {
    boolean pieces = Files.exists(folder.resolve("tokenizer.model"));
    if (!pieces && Files.notExists(folder.resolve("tokenizer.json"))) {
      return Map.of("tokenizer.ggml.model", "none");
    }
    var files =
        new TokenizerFiles(
            folder,
            config(folder, "tokenizer.json"),
            config(folder, "tokenizer_config.json"),
            size);
    if (!pieces || files.isByteLevel()) {
      files.requireMerges();
    }
    if (files.isByteLevel()) {
      files.byteLevel();
    } else {
      files.sentencePiece(pieces);
    }
    new SpecialIds(files.tokenizer, files.settings, config, size, files.metadata).add();
    files.chatTemplates();
    return files.metadata;
  }

  private static Config config(Path folder, String file) throws IOException {
    String name = Checkpoint.name(folder) + "/" + file;
    return new Config(name, "", JsonFile.readIfThere(folder, file));
  }

  private boolean isByteLevel() {
    return tokenizer.object("pre_tokenizer").map(PreTokenizers::steps).orElse(List.of()).stream()
        .anyMatch(step -> step.requiredText("type").equals("ByteLevel"));
  }

  private Config model() {
    return tokenizer
        .object("model")
        .orElseThrow(() -> tokenizer.malformed("model", "is not there, must be an object"));
  }

  private void requireMerges() {
    String type = model().text("type").orElse("BPE");
    if (!type.equals("BPE")) {
      throw tokenizer.unsupported("model.type", "is '%s'; supported is BPE".formatted(type));
    }
  }

  private void byteLevel() {
    vocabulary();
    added(false);
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", PreTokenizers.name(tokenizer));
    metadata.put("tokenizer.ggml.tokens", List.of(tokens));
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put(
        "tokenizer.ggml.merges",
        merges().stream().map(pair -> escaped(pair.get(0)) + " " + escaped(pair.get(1))).toList());
  }

  /// A blank stands between the halves of a merge, so one inside of a half is written as byte-level
  /// vocabularies write the byte.
  private static String escaped(String half) {
    return half.replace(' ', (char) (' ' + 256));
  }

  private void sentencePiece(boolean pieces) throws IOException {
    boolean prepends;
    if (pieces) {
      String name = Checkpoint.name(folder) + "/tokenizer.model";
      PieceVocabulary.Pieces read = PieceVocabulary.read(folder.resolve("tokenizer.model"), name);
      List<PieceVocabulary.Piece> all = read.all();
      prepends = read.prependsBlank();
      for (int id = 0; id < Math.min(size, all.size()); id++) {
        tokens[id] = all.get(id).text();
        types[id] = all.get(id).type();
        scores[id] = all.get(id).score();
      }
    } else {
      vocabulary();
      scoresOfMerges();
      prepends = prependsBlank();
    }
    added(true);
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.pre", "default");
    metadata.put("tokenizer.ggml.tokens", List.of(tokens));
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.token_type", types);
    if (!prepends) {
      metadata.put("tokenizer.ggml.add_space_prefix", false);
    }
  }

  /// Whether a text is given a blank to begin with.
  private boolean prependsBlank() {
    List<Config> normalizers =
        tokenizer
            .object("normalizer")
            .map(one ->
                one.requiredText("type").equals("Sequence")
                    ? one.objects("normalizers")
                    : List.of(one))
            .orElse(List.of());
    List<Config> steps =
        tokenizer.object("pre_tokenizer").map(PreTokenizers::steps).orElse(List.of());
    return normalizers.stream().anyMatch(one -> one.requiredText("type").equals("Prepend"))
        || steps.stream()
            .anyMatch(step ->
                step.requiredText("type").equals("Metaspace")
                    && !step.text("prepend_scheme").orElse("always").equals("never"));
  }

  private void vocabulary() {
    model()
        .object("vocab")
        .orElseThrow(() -> tokenizer.malformed("model.vocab", "is not there, must be an object"))
        .values()
        .forEach((token, value) -> {
          int id = id(value, "model.vocab", token);
          tokens[id] = token;
          types[id] = NORMAL;
          scores[id] = 0;
        });
  }

  private int id(Object value, String key, String token) {
    if (!(value instanceof Long id) || id < 0 || id >= size) {
      throw tokenizer.malformed(
          key, "has the id %s for '%s'; possible are 0 to %d".formatted(value, token, size - 1));
    }
    return id.intValue();
  }

  /// The scores that make SentencePiece merge in the order of the merges.
  private void scoresOfMerges() {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    List<List<String>> merges = merges();
    for (int rank = 0; rank < merges.size(); rank++) {
      ranks.putIfAbsent(merges.get(rank).get(0) + merges.get(rank).get(1), rank);
    }
    Optional<String> unknown = model().text("unk_token");
    for (int id = 0; id < size; id++) {
      if (types[id] == NORMAL) {
        scores[id] = -ranks.getOrDefault(tokens[id], merges.size());
        if (tokens[id].matches("<0x[0-9A-F]{2}>")) {
          types[id] = BYTE;
          scores[id] = 0;
        } else if (unknown.isPresent() && unknown.get().equals(tokens[id])) {
          types[id] = UNKNOWN;
        }
      }
    }
  }

  private List<List<String>> merges() {
    List<List<String>> merges = new ArrayList<>();
    for (Object merge : model().list("merges").orElse(List.of())) {
      List<?> halves =
          merge instanceof String text ? Arrays.asList(text.split(" ", -1)) : List.of();
      if (merge instanceof List<?> list) {
        halves = list;
      }
      if (halves.size() != 2
          || !(halves.get(0) instanceof String first)
          || !(halves.get(1) instanceof String second)) {
        throw tokenizer.malformed("model.merges", "has %s, must be two tokens".formatted(merge));
      }
      merges.add(List.of(first, second));
    }
    return merges;
  }

  /// Tokens that were added to the vocabulary, or that stand out in it.
  private void added(boolean scored) {
    for (Config token : tokenizer.objects("added_tokens")) {
      String content = token.requiredText("content");
      int id = id(token.values().getOrDefault("id", "none"), "added_tokens", content);
      boolean control = token.flag("special", false) || looksSpecial(content);
      tokens[id] = control ? content : content.replace('\u2581', ' ');
      types[id] = control ? CONTROL : USER_DEFINED;
      if (scored) {
        scores[id] = ADDED_SCORE;
      }
    }
  }

  /// Some families do not mark as special what is.
  private static boolean looksSpecial(String token) {
    return List.of("<pad>", "<mask>", "<2mass>", "[@BOS@]").contains(token)
        || (token.startsWith("<|") && token.endsWith("|>"))
        || (token.startsWith("<\uff5c") && token.endsWith("\uff5c>"))
        || (token.startsWith("<unused") && token.endsWith(">"));
  }

  private void chatTemplates() throws IOException {
    Object template = settings.values().get("chat_template");
    if (template == null && Files.exists(folder.resolve("chat_template.jinja"))) {
      template = Files.readString(folder.resolve("chat_template.jinja"), StandardCharsets.UTF_8);
    } else if (template == null) {
      template = JsonFile.readIfThere(folder, "chat_template.json").get("chat_template");
    }
    if (template instanceof String text) {
      metadata.put("tokenizer.chat_template", text);
    } else if (template instanceof List<?>) {
      List<String> names = new ArrayList<>();
      for (Config each : settings.objects("chat_template")) {
        String name = each.requiredText("name");
        String key = "tokenizer.chat_template";
        if (!name.equals("default")) {
          names.add(name);
          key = key + "." + name;
        }
        metadata.put(key, each.requiredText("template"));
      }
      if (!names.isEmpty()) {
        metadata.put("tokenizer.chat_templates", List.copyOf(names));
      }
    } else if (template != null) {
      throw settings.malformed("chat_template", "must be a text or a list of texts with names");
    }
  }
}
