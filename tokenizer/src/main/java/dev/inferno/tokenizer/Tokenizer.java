package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import dev.inferno.tokenizer.SpecialTokenMatcher.Match;
import dev.inferno.tokenizer.template.RenderedChat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Text to token ids and back. Immutable and thread-safe.
///
/// ```java
/// Tokenizer tokenizer = Tokenizer.read(Path.of("tokenizer.json"));
/// int[] ids = tokenizer.encode("The capital of France is").ids();
/// String text = tokenizer.decode(ids);
/// ```
public final class Tokenizer {

  private static final System.Logger LOGGER = System.getLogger(Tokenizer.class.getName());

  private static final Map<SpecialToken, String> TEMPLATE_NAMES =
      Map.of(
          SpecialToken.BEGINNING_OF_SEQUENCE, "bos_token",
          SpecialToken.END_OF_SEQUENCE, "eos_token",
          SpecialToken.UNKNOWN, "unk_token",
          SpecialToken.PADDING, "pad_token",
          SpecialToken.SEPARATOR, "sep_token",
          SpecialToken.CLASSIFICATION, "cls_token",
          SpecialToken.MASK, "mask_token");

  /// What is looked for before anything was found.
  private static final Match BEFORE_ALL = new Match(0, -1, -1, -1);

  private final Vocabulary vocabulary;
  private final TokenizerModel model;

  /// The same without the special tokens that only the model itself can find, in changed text.
  private final TokenizerModel plainModel;

  private final Map<SpecialToken, Integer> specialIds;
  private final BitSet endsOfGeneration;
  private final SpecialTokenMatcher allWholeTokens;
  private final SpecialTokenMatcher userDefinedTokens;
  private final AddedTokens addedTokens;
  private final Optional<String> chatTemplate;

  /// With the tokens found in text that the types of the vocabulary say.
  Tokenizer(
      Vocabulary vocabulary,
      TokenizerModel model,
      Map<SpecialToken, Integer> specialIds,
      BitSet endsOfGeneration,
      AddedTokens addedTokens,
      Optional<String> chatTemplate) {
    this(
        vocabulary,
        model,
        model,
        SpecialTokenMatcher.of(
            vocabulary,
            id -> vocabulary.type(id) == TokenType.USER_DEFINED || vocabulary.type(id).isSpecial()),
        SpecialTokenMatcher.of(vocabulary, id -> vocabulary.type(id) == TokenType.USER_DEFINED),
        specialIds,
        endsOfGeneration,
        addedTokens,
        chatTemplate);
  }

  Tokenizer(
      Vocabulary vocabulary,
      TokenizerModel model,
      TokenizerModel plainModel,
      SpecialTokenMatcher allWholeTokens,
      SpecialTokenMatcher userDefinedTokens,
      Map<SpecialToken, Integer> specialIds,
      BitSet endsOfGeneration,
      AddedTokens addedTokens,
      Optional<String> chatTemplate) {
    this.vocabulary = vocabulary;
    this.model = model;
    this.plainModel = plainModel;
    this.allWholeTokens = allWholeTokens;
    this.userDefinedTokens = userDefinedTokens;
    this.specialIds = new EnumMap<>(SpecialToken.class);
    this.specialIds.putAll(specialIds);
    this.endsOfGeneration = endsOfGeneration;
    this.addedTokens = addedTokens;
    this.chatTemplate = chatTemplate;
  }

  /// The tokenizer that the metadata of a GGUF file describes.
  ///
  /// The keys are those of the file. The values are plain data: `String`, `Boolean`, `Long` for
  /// every integer, `Double` for every floating-point number; arrays are {@link Utf8List},
  /// `boolean[]`, `long[]`, `float[]` or `double[]`, and `byte[]` for 8-bit integers. Keys that do
  /// not concern a tokenizer are ignored. What is wrong but can be lived with is logged as a
  /// warning.
  ///
  /// Source: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, section Tokenizer.
  ///
  /// @throws MalformedTokenizerException if a key is missing or contradicts the others
  /// @throws UnsupportedTokenizerException if the kind of tokenizer is not supported
  public static Tokenizer fromGguf(Map<String, Object> metadata) {
    return fromGguf(metadata, warning -> LOGGER.log(System.Logger.Level.WARNING, warning));
  }

  /// The same, with warnings handed to the caller instead of the log.
  public static Tokenizer fromGguf(Map<String, Object> metadata, Consumer<String> warnings) {
    return GgufTokenizers.read(new Metadata(Map.copyOf(metadata), warnings));
  }

  /// The tokenizer that a file describes: a `tokenizer.json` of Hugging Face, a SentencePiece
  /// `.model`, or a folder that has a `tokenizer.json` or else a `tokenizer.model`.
  ///
  /// What stands beside a `tokenizer.json` in `tokenizer_config.json`, `special_tokens_map.json`
  /// and `chat_template.jinja` is read too: the roles of tokens and the chat template. What is
  /// wrong but can be lived with is logged as a warning.
  ///
  /// Ids are those of Hugging Face's `tokenizers` and of SentencePiece, each for its own file.
  /// Cutting a text off and filling it up, which a `tokenizer.json` may ask for, are left to the
  /// caller.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedTokenizerException if it breaks its format or contradicts itself
  /// @throws UnsupportedTokenizerException if it names something that is not supported
  public static Tokenizer read(Path path) throws IOException {
    return read(path, warning -> LOGGER.log(System.Logger.Level.WARNING, warning));
  }

  /// The same, with warnings handed to the caller instead of the log.
  public static Tokenizer read(Path path, Consumer<String> warnings) throws IOException {
    return TokenizerFiles.read(path, warnings);
  }

  /// Encodes with {@link EncodeOptions#defaults}.
  public Encoding encode(String text) {
    return encode(text, EncodeOptions.defaults());
  }

  /// The tokens of a text. A lone surrogate is taken as U+FFFD.
  public Encoding encode(String text, EncodeOptions options) {
    byte[] utf8 = Utf8.encode(text);
    return encode(text, utf8, parsed(utf8, options), options, newSink(utf8));
  }

  /// The same tokens, and how they came about: the listener is handed each step when it is done, on
  /// this thread. What it throws ends the encoding.
  ///
  /// ```java
  /// tokenizer.encode("I'm learning AI", options, step -> {
  ///   if (step instanceof EncodingStep.Merge merge) {
  ///     System.out.println(merge.left() + " + " + merge.right() + ", rank " + merge.rank());
  ///   }
  /// });
  /// ```
  public Encoding encode(
      String text, EncodeOptions options, Consumer<? super EncodingStep> listener) {
    byte[] utf8 = Utf8.encode(text);
    TokenSink tokens = newSink(utf8);
    tokens.show(new ShownWork(new CharOffsets(text), vocabulary, tokens, listener));
    return encode(text, utf8, parsed(utf8, options), options, tokens);
  }

  private static int[] parsed(byte[] utf8, EncodeOptions options) {
    return options.parsesSpecials() ? new int[] {0, utf8.length} : new int[0];
  }

  private static TokenSink newSink(byte[] utf8) {
    return new TokenSink(utf8.length / 3 + 8);
  }

  /// The tokens of each of many texts, as {@link #encode(String, EncodeOptions)} gives them. Works
  /// on as many threads as there are processors, those of the common pool.
  ///
  /// @return an unmodifiable list in the order of the texts
  public List<Encoding> encodeAll(Collection<String> texts, EncodeOptions options) {
    return texts.parallelStream().map(text -> encode(text, options)).toList();
  }

  /// The tokens of a prompt that a chat template has rendered. What came from input is text only:
  /// the text of a special token in it, or partly in it, is not taken as that token. Nothing is
  /// added at the ends, as templates write what they need.
  ///
  /// A user's text and the template's beside it are cut into tokens as one, as the model was
  /// trained.
  public Encoding encode(RenderedChat prompt) {
    String text = prompt.text();
    List<RenderedChat.Segment> segments = prompt.segments();
    int[] authored = new int[2 * segments.size()];
    int runs = 0;
    int at = 0;
    for (RenderedChat.Segment segment : segments) {
      int end = at + Utf8.encode(segment.text()).length;
      if (!segment.isInput()) {
        authored[runs++] = at;
        authored[runs++] = end;
      }
      at = end;
    }
    byte[] utf8 = Utf8.encode(text);
    return encode(
        text,
        utf8,
        Arrays.copyOf(authored, runs),
        EncodeOptions.defaults().withAddedSpecials(false),
        newSink(utf8));
  }

  /// @param parsed the runs of bytes in which special tokens are parsed, begin and end of each
  private Encoding encode(
      String text, byte[] utf8, int[] parsed, EncodeOptions options, TokenSink tokens) {
    if (options.addsFirst()) {
      for (int id : addedTokens.first()) {
        tokens.add(id, 0, 0, Origin.ADDED);
      }
    }
    encodeRuns(utf8, parsed, tokens);
    if (options.addsLast()) {
      for (int id : addedTokens.last()) {
        tokens.add(id, utf8.length, utf8.length, Origin.ADDED);
      }
    }
    return new Encoding(vocabulary, text, tokens);
  }

  private void encodeRuns(byte[] utf8, int[] parsed, TokenSink tokens) {
    int run = 0;
    Match special = BEFORE_ALL; // the next special token in a run
    Match defined = BEFORE_ALL; // the next token that is one anywhere
    for (int from = 0; from < utf8.length; ) {
      while (special.at() < from && run < parsed.length) {
        special = allWholeTokens.next(utf8, Math.max(from, parsed[run]), parsed[run + 1], from);
        if (special.isNone()) {
          special = BEFORE_ALL;
          run += 2;
        }
      }
      if (defined.at() < from) {
        defined = userDefinedTokens.next(utf8, from, utf8.length, from);
      }
      boolean isSpecial = special.at() >= from && special.at() <= defined.at();
      Match next = isSpecial ? special : defined;
      int end = next.isNone() ? utf8.length : Math.max(from, next.start());
      if (from < end) {
        tokens.work().part(from, end);
        (isParsed(parsed, from, end) ? model : plainModel).encode(utf8, from, end, tokens);
      }
      if (!next.isNone()) {
        tokens.add(next.id(), end, next.end(), Origin.FOUND);
      }
      from = next.isNone() ? end : next.end();
    }
  }

  /// Whether special tokens are parsed in a whole part.
  private boolean isParsed(int[] parsed, int from, int to) {
    if (model == plainModel) {
      return true;
    }
    for (int run = 0; run < parsed.length; run += 2) {
      if (parsed[run] <= from && to <= parsed[run + 1]) {
        return true;
      }
    }
    return false;
  }

  /// The text of tokens, special ones included. What is not UTF-8 becomes U+FFFD.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public String decode(int... ids) {
    return decode(ids, SpecialText.SHOWN);
  }

  /// The text of tokens, with or without special ones. What is not UTF-8 becomes U+FFFD.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public String decode(int[] ids, SpecialText specials) {
    Decoding pending = model.newDecoding();
    for (int id : ids) {
      checkId(id);
      if (specials == SpecialText.SHOWN || !isSpecial(id)) {
        pending.append(id);
      }
    }
    return pending.take();
  }

  /// A decoder for tokens that come one by one, which leaves out special ones.
  public StreamDecoder newStreamDecoder() {
    return newStreamDecoder(SpecialText.HIDDEN);
  }

  /// A decoder for tokens that come one by one.
  public StreamDecoder newStreamDecoder(SpecialText specials) {
    return new StreamDecoder(this, specials, model.newDecoding());
  }

  /// The number of tokens; ids are from 0 to one less.
  public int vocabularySize() {
    return vocabulary.size();
  }

  /// The text of a token as the vocabulary has it, in which a blank may be `Ġ` or `▁`.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public String piece(int id) {
    checkId(id);
    return vocabulary.text(id);
  }

  /// The bytes that a token stands for, a fresh copy. They need not be whole characters.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public byte[] bytes(int id) {
    checkId(id);
    return model.bytes(id);
  }

  /// The token that has a role, if the model has one.
  public OptionalInt id(SpecialToken role) {
    Integer id = specialIds.get(role);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// The id of the token whose text in the vocabulary is this, for instance `<|im_end|>`.
  ///
  /// Searches the whole vocabulary.
  public OptionalInt idOf(String piece) {
    byte[] wanted = Utf8.encode(piece);
    for (int id = 0; id < vocabulary.size(); id++) {
      if (Arrays.equals(vocabulary.utf8(id), wanted)) {
        return OptionalInt.of(id);
      }
    }
    return OptionalInt.empty();
  }

  /// Whether a model that gives this token has nothing more to say: the ends of a sequence, of a
  /// turn and of a message, by the file's keys and by their usual texts.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public boolean isEndOfGeneration(int id) {
    checkId(id);
    return endsOfGeneration.get(id);
  }

  /// Whether the token steers the model and is no text for readers.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public boolean isSpecial(int id) {
    checkId(id);
    return vocabulary.type(id).isSpecial();
  }

  /// Whether encoding puts the beginning-of-sequence token before a text unless told otherwise.
  public boolean addsBeginningOfSequence() {
    OptionalInt bos = id(SpecialToken.BEGINNING_OF_SEQUENCE);
    return bos.isPresent() && addedTokens.first().contains(bos.getAsInt());
  }

  /// The texts of special tokens under the names that chat templates know them by, `bos_token`,
  /// `eos_token` and others, as far as there are such tokens.
  public Map<String, String> templateTokens() {
    var tokens = new HashMap<String, String>();
    TEMPLATE_NAMES.forEach((role, name) -> id(role).ifPresent(id -> tokens.put(name, piece(id))));
    return tokens;
  }

  /// The template for chats as the file has it, a Jinja template.
  public Optional<String> chatTemplate() {
    return chatTemplate;
  }

  void checkId(int id) {
    if (id < 0 || id >= vocabulary.size()) {
      throw new IllegalArgumentException(
          "token id must be from 0 to %d, but is %d".formatted(vocabulary.size() - 1, id));
    }
  }

  /// The kind and size of the tokenizer in words.
  @Override
  public String toString() {
    return model.toString();
  }
}
