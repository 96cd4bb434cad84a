package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.SafetensorsFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What another program computed with a model: `goldens.json` has prompts and the tokens that it
/// chose behind them, `goldens.safetensors` what came of the prompts, `hooks.safetensors` every
/// point of one of them, in a full pass and in cached steps behind it. Either of the latter may be
/// missing.
///
/// @param name what messages call it
record ReferenceFolder(
    String name,
    List<Prompt> prompts,
    Tolerances tolerances,
    Optional<SafetensorsFile> goldens,
    Optional<SafetensorsFile> hooks)
    implements Closeable {

  private static final Pattern STEP = Pattern.compile("step\\.([1-9][0-9]{0,5})\\..*");

  /// Tokens under the name that their arrays begin with.
  ///
  /// @param greedy the tokens that were chosen one after another behind them, if any were
  record Prompt(String key, TokenIds tokens, Optional<TokenIds> greedy) {
    int[] ids() {
      return tokens.ids();
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // both live until close()
  static ReferenceFolder open(Path folder) throws IOException {
    Path file = folder.resolve("goldens.json");
    JsonNode json = json(file);
    List<Prompt> prompts = new ArrayList<>();
    for (JsonNode prompt : json.path("prompts")) {
      String of = " of prompt " + prompt.path("key");
      Optional<TokenIds> greedy =
          prompt.has("greedy")
              ? Optional.of(ids(prompt.path("greedy"), file + ": the greedy tokens" + of))
              : Optional.empty();
      TokenIds tokens = ids(prompt.path("ids"), file + ": the ids" + of);
      prompts.add(new Prompt(prompt.path("key").asText(), tokens, greedy));
    }
    if (prompts.isEmpty()) {
      throw new IOException(file + ": it has no prompts");
    }
    Optional<SafetensorsFile> goldens = open(folder, "goldens.safetensors");
    try {
      Optional<SafetensorsFile> hooks = open(folder, "hooks.safetensors");
      return new ReferenceFolder(folder.toString(), prompts, Tolerances.of(json), goldens, hooks);
    } catch (IOException | RuntimeException e) {
      goldens.ifPresent(SafetensorsFile::close);
      throw e;
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // the caller closes it
  private static Optional<SafetensorsFile> open(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(SafetensorsFile.open(file)) : Optional.empty();
  }

  private static JsonNode json(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return Json.read(bytes);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /// The tokens that the points of `hooks.safetensors` belong to, those of the cached steps at the
  /// end.
  ///
  /// @throws IOException if the file does not say
  Prompt hooked() throws IOException {
    SafetensorsFile file = hooks.orElseThrow();
    String tokens = file.metadata().getOrDefault("tokens", "null");
    String what = file.name() + ": 'tokens' of its metadata";
    TokenIds ids = ids(Json.read(tokens.getBytes(UTF_8)), what);
    if (hookSteps() >= ids.ids().length) {
      throw new IOException(
          "%s: it has %d cached steps, but %d tokens"
              .formatted(file.name(), hookSteps(), ids.ids().length));
    }
    return new Prompt(file.metadata().getOrDefault("prompt", "hooks"), ids, Optional.empty());
  }

  /// How many cached steps `hooks.safetensors` has behind its prompt.
  int hookSteps() {
    int steps = 0;
    for (String array : hooks.orElseThrow().names()) {
      Matcher matcher = STEP.matcher(array);
      steps = matcher.matches() ? Math.max(steps, Integer.parseInt(matcher.group(1))) : steps;
    }
    return steps;
  }

  private static TokenIds ids(JsonNode array, String what) throws IOException {
    boolean areIds = array.isArray() && !array.isEmpty();
    for (JsonNode id : array) {
      areIds &= id.canConvertToInt() && id.isIntegralNumber();
    }
    if (!areIds) {
      throw new IOException(what + " are no array of token ids");
    }
    int[] ids = new int[array.size()];
    Arrays.setAll(ids, i -> array.get(i).intValue());
    return TokenIds.of(ids);
  }

  @Override
  public void close() {
    goldens.ifPresent(SafetensorsFile::close);
    hooks.ifPresent(SafetensorsFile::close);
  }
}
