package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;

/// SentencePiece byte-pair encoding, `llama` in GGUF: the characters of the whole text are merged,
/// the pair whose union has the highest score first; a character without a token becomes its bytes.
///
/// Blanks are written `▁` in the vocabulary. Here both are a blank, in the text and in the tokens.
/// Where no token has a blank after another character, merges never cross the place before a blank,
/// and words are encoded one by one.
///
/// Kudo, Richardson: SentencePiece, <https://arxiv.org/abs/1808.06226>
final class SentencePieceBpe implements TokenizerModel {

  /// Which parts of a text, between tokens that are found as a whole, are given a blank to begin
  /// with.
  enum BlankPrefix {
    ALWAYS,
    /// Those that begin with none.
    UNLESS_THERE,
    /// The one at the beginning of the text, if it begins with none.
    FIRST_UNLESS_THERE,
    NEVER
  }

  private static final byte[] BLANK_MARK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

  private final BlankPrefix prefix;
  private final boolean stripsFirstBlank;
  private final Optional<SentencePieceNormalizer> normalizer;
  private final boolean cutsBeforeBlanks;
  private final ByteTable bytes;
  private final ByteTable symbols;
  private final int[] symbolIds;
  private final MergeTable merges;
  private final int[] byteIds;
  private final BitSet byteTokens;
  private final int unknownId;
  private final WholePieces wholePieces;

  /// @param prefix which texts are given a blank to begin with
  /// @param stripsFirstBlank whether decoding takes one away again
  /// @param normalizer what else is done to a text, which then adds the blank, too
  /// @param bytes for each token what it stands for
  /// @param symbols what is merged
  /// @param unknownId the token for what neither symbols nor bytes stand for, or -1
  SentencePieceBpe(
      BlankPrefix prefix,
      boolean stripsFirstBlank,
      Optional<SentencePieceNormalizer> normalizer,
      ByteTable bytes,
      SentencePieceSymbols symbols,
      ByteTokens byteTokens,
      int unknownId) {
    this.prefix = prefix;
    this.stripsFirstBlank = stripsFirstBlank;
    this.normalizer = normalizer;
    this.cutsBeforeBlanks = symbols.cutsBeforeBlanks();
    this.bytes = bytes;
    this.symbols = symbols.table();
    this.symbolIds = symbols.ids();
    this.merges = symbols.merges();
    this.byteIds = byteTokens.ids();
    this.byteTokens = byteTokens.tokens();
    this.unknownId = unknownId;
    this.wholePieces = new WholePieces(symbols.table().size());
  }

  static SentencePieceBpe read(Metadata metadata, Vocabulary vocabulary, OptionalInt unknown) {
    float[] scores = metadata.tokenFloats(Metadata.SCORES, vocabulary.size());
    ByteTokens byteTokens = ByteTokens.read(vocabulary);
    ByteTable bytes = bytes(vocabulary);
    boolean prefix = metadata.flag("tokenizer.ggml.add_space_prefix", true);
    SentencePieceSymbols symbols = SentencePieceSymbols.read(metadata, vocabulary, bytes, scores);
    return new SentencePieceBpe(
        prefix ? BlankPrefix.ALWAYS : BlankPrefix.NEVER,
        prefix,
        normalizer(metadata, prefix),
        bytes,
        symbols,
        byteTokens,
        unknown.orElse(-1));
  }

  private static Optional<SentencePieceNormalizer> normalizer(Metadata metadata, boolean prefix) {
    String key = "tokenizer.ggml.precompiled_charsmap";
    byte[] map = metadata.bytes(key);
    boolean removesExtraBlanks = metadata.flag("tokenizer.ggml.remove_extra_whitespaces", false);
    return map.length == 0 && !removesExtraBlanks
        ? Optional.empty()
        : Optional.of(
            new SentencePieceNormalizer(CharsMap.read(key, map), prefix, removesExtraBlanks));
  }

  /// For each token what it stands for, blanks as such.
  static ByteTable bytes(Vocabulary vocabulary) {
    ByteTable bytes = new ByteTable(vocabulary.size());
    for (int id = 0; id < vocabulary.size(); id++) {
      byte[] text = vocabulary.utf8(id);
      if (vocabulary.type(id) == TokenType.BYTE) {
        bytes.append(new byte[] {(byte) Vocabulary.octet(text)}, 0, 1);
      } else {
        byte[] plain = withBlanks(Utf8.repaired(text, 0, text.length));
        bytes.append(plain, 0, plain.length);
      }
    }
    return bytes;
  }

  private static byte[] withBlanks(byte[] text) {
    byte[] result = new byte[text.length];
    int length = 0;
    for (int i = 0; i < text.length; i++) {
      if (isBlankMark(text, i, text.length)) {
        result[length++] = ' ';
        i += BLANK_MARK.length - 1;
      } else {
        result[length++] = text[i];
      }
    }
    return Arrays.copyOf(result, length);
  }

  /// As the vocabulary has it.
  private static String withBlankMarks(byte[] text, int start, int end) {
    return new String(text, start, end - start, StandardCharsets.UTF_8).replace(' ', '▁');
  }

  private static boolean isBlankMark(byte[] text, int i, int to) {
    return text[i] == BLANK_MARK[0]
        && i + 2 < to
        && text[i + 1] == BLANK_MARK[1]
        && text[i + 2] == BLANK_MARK[2];
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    if (from == to) {
      return;
    }
    if (normalizer.isPresent()) {
      encodeNormalized(normalizer.get().apply(utf8, from, to), from, sink);
      return;
    }
    byte[] text = new byte[to - from + 1];
    int[] origins = new int[text.length + 1];
    int length = 0;
    if (isGivenBlank(utf8, from, to)) {
      text[length++] = ' ';
    }
    for (int i = from; i < to; i++) {
      origins[length] = i - from;
      if (isBlankMark(utf8, i, to)) {
        text[length++] = ' ';
        i += BLANK_MARK.length - 1;
      } else {
        text[length++] = utf8[i];
      }
    }
    origins[length] = to - from;
    sink.readFrom(origins, origins, from);
    encodeWords(text, length, sink);
    sink.readFromText();
  }

  private void encodeNormalized(MappedText mapped, int offset, TokenSink sink) {
    byte[] marked = mapped.utf8();
    byte[] text = new byte[mapped.length()];
    int[] starts = new int[text.length + 1];
    int[] ends = new int[text.length + 1];
    int length = 0;
    for (int i = 0; i < mapped.length(); ) {
      int next = isBlankMark(marked, i, mapped.length()) ? i + BLANK_MARK.length : i + 1;
      starts[length] = mapped.starts()[i];
      text[length++] = next > i + 1 ? (byte) ' ' : marked[i];
      ends[length] = mapped.ends()[next];
      i = next;
    }
    sink.readFrom(starts, ends, offset);
    encodeWords(text, length, sink);
    sink.readFromText();
  }

  private boolean isGivenBlank(byte[] utf8, int from, int to) {
    return switch (prefix) {
      case ALWAYS -> true;
      case UNLESS_THERE -> utf8[from] != ' ' && !isBlankMark(utf8, from, to);
      case FIRST_UNLESS_THERE -> from == 0 && utf8[from] != ' ' && !isBlankMark(utf8, from, to);
      case NEVER -> false;
    };
  }

  private void encodeWords(byte[] text, int length, TokenSink sink) {
    if (sink.work().isShown()) {
      sink.work().normalized(withBlankMarks(text, 0, length));
    }
    Merger merger = new Merger(merges);
    int unknownEnd = -1;
    for (int start = 0; start < length; ) {
      int end = start + 1;
      while (end < length && !(cutsBeforeBlanks && text[end] == ' ' && text[end - 1] != ' ')) {
        end++;
      }
      if (sink.work().isShown()) {
        sink.work().piece(withBlankMarks(text, start, end), start, end);
      }
      int whole = symbols.find(text, start, end);
      if (whole >= 0 && wholePieces.isKnown(whole, sink.work())) {
        sink.add(symbolIds[whole], start, end);
      } else {
        unknownEnd = mergeWord(text, start, end, whole, unknownEnd, merger, sink);
      }
      start = end;
    }
  }

  /// @return where the last unknown character ended, which the next one joins
  private int mergeWord(
      byte[] text,
      int start,
      int end,
      int whole,
      int unknownEndBefore,
      Merger merger,
      TokenSink sink) {
    int unknownEnd = unknownEndBefore;
    merger.clear();
    for (int i = start; i < end; ) {
      int next = i + Utf8.length(text[i]);
      merger.add(symbols.find(text, i, next), i, next);
      i = next;
    }
    if (sink.work().isShown()) {
      sink.work().merge(merger, i -> withBlankMarks(text, merger.start(i), merger.end(i)));
    } else {
      merger.merge();
    }
    for (int i = 0; i < merger.size(); i++) {
      int symbol = merger.symbol(i);
      if (symbol >= 0 && symbol < symbolIds.length) {
        sink.add(symbolIds[symbol], merger.start(i), merger.end(i));
      } else {
        unknownEnd = fallBack(text, merger.start(i), merger.end(i), unknownEnd, sink);
      }
    }
    if (whole >= 0 && whole < symbolIds.length && merger.size() == 1) {
      wholePieces.markReached(whole);
    }
    return unknownEnd;
  }

  /// A character without a token: its bytes, or the unknown token, one for several in a row.
  private int fallBack(byte[] text, int start, int end, int unknownEnd, TokenSink sink) {
    boolean spelled = true;
    for (int i = start; i < end; i++) {
      spelled &= byteIds[text[i] & 0xFF] >= 0;
    }
    if (spelled) {
      for (int i = start; i < end; i++) {
        sink.add(byteIds[text[i] & 0xFF], i, i + 1, Origin.BYTE);
      }
      return unknownEnd;
    }
    if (unknownId < 0) {
      for (int i = start; i < end; i++) {
        sink.drop(i);
      }
      return unknownEnd;
    }
    if (unknownEnd == start) {
      sink.extend(end);
    } else {
      sink.add(unknownId, start, end, Origin.UNKNOWN);
    }
    return end;
  }

  @Override
  public ByteTable bytes() {
    return bytes;
  }

  @Override
  public boolean isByteToken(int id) {
    return byteTokens.get(id);
  }

  @Override
  public boolean stripsFirstBlank() {
    return stripsFirstBlank;
  }

  @Override
  public String toString() {
    return "SentencePiece BPE, %d tokens, %d merges".formatted(bytes.size(), merges.size());
  }
}
