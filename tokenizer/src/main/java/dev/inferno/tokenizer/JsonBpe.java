package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;
import dev.inferno.tokenizer.huggingface.TextSplitter;
import dev.inferno.tokenizer.huggingface.TextSplitters;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Byte-pair encoding from a `tokenizer.json`: as {@link ByteLevelBpe} or {@link SentencePieceBpe}
/// where the file asks for just what these do, or else as {@link TextBpe} in a {@link Pipeline}.
/// For one reading.
final class JsonBpe {

  private final Node file;
  private final Node model;
  private final JsonVocabulary tokens;
  private final OptionalInt unknown;
  private final String prefix;
  private final String suffix;
  private final boolean fallsBack;
  private final boolean ignoresMerges;
  private final Vocabulary vocabulary;
  private final JsonDecoders decoders;
  private final List<JsonMerges.Merge> merges;

  private JsonBpe(Node file, Node model, JsonVocabulary tokens) {
    this.file = file;
    this.model = model;
    this.tokens = tokens;
    this.unknown = tokens.id(model.text("unk_token").orElse(""));
    this.prefix = model.text("continuing_subword_prefix").orElse("");
    this.suffix = model.text("end_of_word_suffix").orElse("");
    this.fallsBack = model.flag("byte_fallback", false);
    this.ignoresMerges = model.flag("ignore_merges", false);
    this.vocabulary = tokens.vocabulary(unknown, fallsBack);
    this.decoders = JsonDecoders.read(file);
    this.merges = JsonMerges.read(model, tokens, prefix);
  }

  static JsonModels read(Node file, Node model, JsonVocabulary tokens) {
    if (model.values().get("dropout") instanceof Number dropout && dropout.doubleValue() != 0) {
      throw model.unsupported(
          "dropout", "is %s; supported is 0, since ids would be random".formatted(dropout));
    }
    var bpe = new JsonBpe(file, model, tokens);
    return bpe.byteLevel().or(bpe::pieces).orElseGet(bpe::text);
  }

  private boolean isUnmarked() {
    return prefix.isEmpty() && suffix.isEmpty();
  }

  /// Merges bytes where text is spelled in them last, and none of them is unknown.
  private Optional<JsonModels> byteLevel() {
    List<TextSplitter> splitters = JsonModels.splitters(file);
    if (!isUnmarked() || splitters.isEmpty() || !splitters.getLast().equals(TextSplitters.SPELL)) {
      return Optional.empty();
    }
    Optional<Splitter> splitter = KnownSplitters.of(file);
    boolean nothingElse =
        splitter.isPresent()
            && KnownSplitters.isPlainOrComposed(file)
            && decoders.form() == JsonDecoders.Form.BYTE_LEVEL
            && tokens.added().stream().noneMatch(WholeToken::normalized);
    ByteLevelBpe bpe =
        ByteLevelBpe.of(
            splitter.orElse(Splitters.GPT2),
            nothingElse && KnownSplitters.isComposed(file),
            ignoresMerges,
            vocabulary,
            tokens::isOfModel,
            JsonMerges.table(merges));
    if (!bpe.isComplete() && (model.has("unk_token") || fallsBack)) {
      return Optional.empty();
    }
    if (nothingElse) {
      return Optional.of(new JsonModels(vocabulary, unknown, bpe, bpe));
    }
    TokenTexts texts =
        decoders.form() == JsonDecoders.Form.BYTE_LEVEL
            ? TokenTexts.of(vocabulary, bpe)
            : TokenTexts.of(vocabulary, decoders.steps());
    List<TextSplitter> cuts = splitters.subList(0, splitters.size() - 1);
    return Optional.of(JsonModels.pipeline(file, tokens, vocabulary, unknown, cuts, bpe, texts));
  }

  /// Merges characters of a text whose blanks are written as SentencePiece does, where bytes stand
  /// for all that is unknown.
  private Optional<JsonModels> pieces() {
    Optional<SentencePieceBpe.BlankPrefix> prefix = KnownBlanks.of(file);
    int[] byteIds = tokens.byteIds();
    boolean strips = decoders.form() == JsonDecoders.Form.PIECES_AFTER_BLANK;
    if (prefix.isEmpty()
        || !isUnmarked()
        || ignoresMerges
        || !fallsBack
        || Arrays.stream(byteIds).anyMatch(id -> id < 0)
        || !(strips || decoders.form() == JsonDecoders.Form.PIECES)
        || tokens.added().stream().anyMatch(WholeToken::normalized)) {
      return Optional.empty();
    }
    BitSet byteTokens = new BitSet();
    for (int id = 0; id < vocabulary.size(); id++) {
      byteTokens.set(id, vocabulary.type(id) == TokenType.BYTE);
    }
    ByteTable bytes = SentencePieceBpe.bytes(vocabulary);
    return SentencePieceSymbols.of(
            vocabulary, bytes, id -> tokens.isOfModel(id) && !byteTokens.get(id), merges)
        .map(symbols ->
            new SentencePieceBpe(
                prefix.get(),
                strips,
                Optional.empty(),
                bytes,
                symbols,
                new ByteTokens(byteIds, byteTokens),
                -1))
        .map(bpe -> new JsonModels(vocabulary, unknown, bpe, bpe));
  }

  private JsonModels text() {
    tokens.unknown("unk_token"); // must be a token, if there is one
    int[] byteIds = fallsBack ? tokens.byteIds() : TextBpe.noBytes();
    var rules =
        new TextBpe.Rules(
            prefix, suffix, unknown.orElse(-1), model.flag("fuse_unk", false), ignoresMerges);
    var bpe = new TextBpe(rules, tokens.table(), byteIds, JsonMerges.table(merges));
    TokenTexts texts = TokenTexts.of(vocabulary, decoders.steps());
    return JsonModels.pipeline(
        file, tokens, vocabulary, unknown, JsonModels.splitters(file), bpe, texts);
  }
}
