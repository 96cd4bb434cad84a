package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.AlignedText;
import dev.inferno.tokenizer.huggingface.Node;
import dev.inferno.tokenizer.huggingface.Normalizer;
import dev.inferno.tokenizer.huggingface.Normalizers;
import dev.inferno.tokenizer.huggingface.TextSplitter;
import dev.inferno.tokenizer.huggingface.TextSplitters;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What encodes text between the tokens that are found in it, from a `tokenizer.json`.
///
/// @param vocabulary the tokens
/// @param unknown the one for what is unknown
/// @param parsing finds special tokens in changed text too, if there are such
/// @param plain does not
record JsonModels(
    Vocabulary vocabulary, OptionalInt unknown, TokenizerModel parsing, TokenizerModel plain) {

  private static final String TYPES = "BPE, Unigram, WordLevel, WordPiece";

  /// @param file the whole file
  /// @param model the object `model` in it
  static JsonModels read(Node file, Node model, JsonVocabulary tokens) {
    String type = type(model);
    return switch (type) {
      case "BPE" -> JsonBpe.read(file, model, tokens);
      case "Unigram" -> of(file, tokens, unknownId(model, tokens), JsonModels::unigram, model);
      case "WordLevel" -> {
        int unknown = tokens.requiredUnknown("unk_token", "<unk>");
        yield of(file, tokens, unknown, (_, _, id) -> new WordLevel(tokens.table(), id), model);
      }
      case "WordPiece" -> {
        int unknown = tokens.requiredUnknown("unk_token", "[UNK]");
        yield of(file, tokens, unknown, JsonModels::wordPiece, model);
      }
      default ->
          throw model.unsupported(
              "type", "is '%s'; supported are %s".formatted(Node.quoted(type), TYPES));
    };
  }

  /// Files of the first years do not say what they have.
  private static String type(Node model) {
    String likely =
        model.values().get("vocab") instanceof List<?>
            ? "Unigram"
            : model.has("merges")
                ? "BPE"
                : model.has("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
    return model.text("type").orElse(likely);
  }

  /// Makes a model.
  @FunctionalInterface
  private interface Maker {
    PieceModel make(Node model, JsonVocabulary tokens, int unknown);
  }

  private static JsonModels of(
      Node file, JsonVocabulary tokens, int unknown, Maker maker, Node model) {
    OptionalInt id = OptionalInt.of(unknown);
    Vocabulary vocabulary = tokens.vocabulary(id, model.flag("byte_fallback", false));
    TokenTexts texts = TokenTexts.of(vocabulary, JsonDecoders.read(file).steps());
    return pipeline(
        file, tokens, vocabulary, id, splitters(file), maker.make(model, tokens, unknown), texts);
  }

  static List<TextSplitter> splitters(Node file) {
    return file.object("pre_tokenizer").map(TextSplitters::read).orElse(List.of());
  }

  /// The general way.
  static JsonModels pipeline(
      Node file,
      JsonVocabulary tokens,
      Vocabulary vocabulary,
      OptionalInt unknown,
      List<TextSplitter> splitters,
      PieceModel model,
      TokenTexts texts) {
    Normalizer normalizer = file.object("normalizer").map(Normalizers::read).orElse(text -> text);
    List<WholeToken> all = normalized(tokens, normalizer);
    SpecialTokenMatcher found = SpecialTokenMatcher.of(all);
    var parts = new Pipeline.Parts(normalizer, found, splitters, model);
    TokenizerModel parsing = new Pipeline(parts, texts);
    TokenizerModel plain =
        all.stream().anyMatch(WholeToken::special)
            ? new Pipeline(parts.withWholeTokens(found.skippingSpecial()), texts)
            : parsing;
    return new JsonModels(vocabulary, unknown, parsing, plain);
  }

  /// The tokens that are found in normalized text, normalized as well; special ones first, as
  /// Hugging Face looks for them.
  private static List<WholeToken> normalized(JsonVocabulary tokens, Normalizer normalizer) {
    List<WholeToken> normalized = new ArrayList<>();
    for (boolean special : new boolean[] {true, false}) {
      for (WholeToken token : tokens.added()) {
        if (token.normalized() && token.special() == special) {
          int[] places = new int[token.text().length()];
          AlignedText text =
              normalizer.normalize(AlignedText.of(token.text(), places, places.clone()));
          normalized.add(token.withText(text.text()));
        }
      }
    }
    return normalized;
  }

  private static int unknownId(Node model, JsonVocabulary tokens) {
    long id = model.integer("unk_id").orElse(-1);
    if (id < 0 || id >= tokens.scores().length || !tokens.isOfModel((int) id)) {
      throw model.malformed(
          "unk_id",
          "is %s, must be the id of the token for what is unknown; possible are 0 to %d"
              .formatted(model.has("unk_id") ? id : "not there", tokens.scores().length - 1));
    }
    return (int) id;
  }

  private static PieceModel unigram(Node model, JsonVocabulary tokens, int unknown) {
    double[] scores = tokens.scores();
    double least = Double.POSITIVE_INFINITY;
    for (int id = 0; id < scores.length; id++) {
      least = tokens.isOfModel(id) ? Math.min(least, scores[id]) : least;
    }
    var unigram =
        new Unigram(
            tokens.ofModel(),
            scores,
            tokens::isOfModel,
            unknown,
            least - Unigram.UNKNOWN_PENALTY,
            model.flag("byte_fallback", false) ? tokens.byteIds() : TextBpe.noBytes(),
            Unigram.Sums.DOUBLE);
    return named(unigram::encode, "unigram", tokens.size());
  }

  private static PieceModel wordPiece(Node model, JsonVocabulary tokens, int unknown) {
    var wordPiece =
        new WordPiece(
            tokens.ofModel(),
            model.text("continuing_subword_prefix").orElse("##"),
            unknown,
            model.count("max_input_chars_per_word", 0, Integer.MAX_VALUE, WordPiece.LONGEST_WORD));
    return named(wordPiece::encode, "WordPiece", tokens.size());
  }

  private static PieceModel named(PieceModel.Encoder encoder, String kind, int size) {
    return new PieceModel() {
      @Override
      public Encoder newEncoder() {
        return encoder;
      }

      @Override
      public String toString() {
        return "%s, %d tokens".formatted(kind, size);
      }
    };
  }
}
