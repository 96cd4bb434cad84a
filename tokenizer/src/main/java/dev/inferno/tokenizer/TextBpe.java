package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/// Byte-pair encoding of characters, with all that a `tokenizer.json` can ask for: marks at the
/// beginning of what continues a word and at the end of one, bytes or an unknown token for
/// characters that are no token.
///
/// Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units,
/// <https://arxiv.org/abs/1508.07909>
final class TextBpe implements PieceModel {

  /// How symbols are written and what stands for those that are no token.
  ///
  /// @param prefix what a character within a piece is written with, often nothing
  /// @param suffix what the last character of a piece is written with, often nothing
  /// @param unknownId the token for unknown characters, or -1: they are left out
  /// @param fusesUnknown whether several unknown characters in a row are one token
  /// @param ignoresMerges whether a piece that is a token is that token, reached by merges or not
  record Rules(
      String prefix, String suffix, int unknownId, boolean fusesUnknown, boolean ignoresMerges) {}

  private final Rules rules;
  private final byte[] prefix;
  private final byte[] suffix;
  private final ByteTable texts;
  private final int[] byteIds;
  private final BitSet byteTokens = new BitSet();
  private final MergeTable merges;
  private final WholePieces wholePieces;

  /// @param texts from the text of each token to its id
  /// @param byteIds for each byte its token, or -1
  /// @param merges the pairs of ids that are merged
  TextBpe(Rules rules, ByteTable texts, int[] byteIds, MergeTable merges) {
    this.rules = rules;
    this.prefix = rules.prefix().getBytes(StandardCharsets.UTF_8);
    this.suffix = rules.suffix().getBytes(StandardCharsets.UTF_8);
    this.texts = texts;
    this.byteIds = byteIds.clone();
    Arrays.stream(byteIds).filter(id -> id >= 0).forEach(byteTokens::set);
    this.merges = merges;
    this.wholePieces = new WholePieces(texts.size());
  }

  @Override
  public Encoder newEncoder() {
    return new Work();
  }

  @Override
  public String toString() {
    return "BPE, %d tokens, %d merges".formatted(texts.size(), merges.size());
  }

  private final class Work implements Encoder {
    private final Merger merger = new Merger(merges);
    private final ByteSink symbol = new ByteSink(16);

    // The unknown characters that are not handed on yet.
    private int unknownStart = -1;
    private int unknownEnd = -1;

    @Override
    public void encode(byte[] utf8, int from, int to, TokenSink sink) {
      int whole = texts.find(utf8, from, to);
      if (whole >= 0 && (rules.ignoresMerges() || wholePieces.isKnown(whole, sink.work()))) {
        sink.add(whole, from, to);
        return;
      }
      merger.clear();
      for (int i = from; i < to; ) {
        int next = i + Utf8.length(utf8[i]);
        addSymbol(utf8, i, next, i == from, next == to, sink);
        i = next;
      }
      flushUnknown();
      sink.work().merge(merger);
      for (int i = 0; i < merger.size(); i++) {
        int id = merger.symbol(i);
        sink.add(id, merger.start(i), merger.end(i), origin(id));
      }
      boolean unmarked = prefix.length == 0 && suffix.length == 0;
      if (unmarked && whole >= 0 && merger.size() == 1 && merger.symbol(0) == whole) {
        wholePieces.markReached(whole);
      }
    }

    private Origin origin(int id) {
      if (id == rules.unknownId()) {
        return Origin.UNKNOWN;
      }
      return byteTokens.get(id) ? Origin.BYTE : Origin.PIECE;
    }

    private void addSymbol(
        byte[] utf8, int start, int end, boolean isFirst, boolean isLast, TokenSink sink) {
      symbol.truncate(0);
      if (!isFirst) {
        symbol.add(prefix, 0, prefix.length);
      }
      symbol.add(utf8, start, end);
      if (isLast) {
        symbol.add(suffix, 0, suffix.length);
      }
      int id = texts.find(symbol.array(), 0, symbol.length());
      if (id >= 0) {
        flushUnknown();
        merger.add(id, start, end);
      } else if (isSpelled()) {
        // Unknown characters before it wait on, and so come behind it, as Hugging Face has it.
        for (int i = 0; i < symbol.length(); i++) {
          int place = Math.min(start + i, end - 1);
          merger.add(byteIds[symbol.array()[i] & 0xFF], place, place + 1);
        }
      } else if (rules.unknownId() >= 0) {
        addUnknown(start, end);
      } else {
        for (int i = start; i < end; i++) {
          sink.drop(i);
        }
      }
    }

    private boolean isSpelled() {
      for (int i = 0; i < symbol.length(); i++) {
        if (byteIds[symbol.array()[i] & 0xFF] < 0) {
          return false;
        }
      }
      return true;
    }

    private void addUnknown(int start, int end) {
      if (unknownStart >= 0 && rules.fusesUnknown()) {
        unknownEnd = end;
      } else {
        flushUnknown();
        unknownStart = start;
        unknownEnd = end;
      }
    }

    private void flushUnknown() {
      if (unknownStart >= 0) {
        merger.add(rules.unknownId(), unknownStart, unknownEnd);
        unknownStart = -1;
      }
    }
  }

  /// No byte has a token.
  static int[] noBytes() {
    int[] ids = new int[256];
    Arrays.fill(ids, -1);
    return ids;
  }
}
