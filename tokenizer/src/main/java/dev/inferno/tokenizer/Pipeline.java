package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import dev.inferno.tokenizer.SpecialTokenMatcher.Match;
import dev.inferno.tokenizer.huggingface.AlignedText;
import dev.inferno.tokenizer.huggingface.Normalizer;
import dev.inferno.tokenizer.huggingface.Pieces;
import dev.inferno.tokenizer.huggingface.TextSplitter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// A tokenizer put together from parts, as a `tokenizer.json` has it: text is normalized, tokens
/// are found in it, it is split into pieces, and a model encodes these.
///
/// Any parts fit together, so this is the general way. {@link ByteLevelBpe} and {@link
/// SentencePieceBpe} do the same for two common combinations in one go.
final class Pipeline implements TokenizerModel {

  /// The parts.
  ///
  /// @param normalizer changes the text
  /// @param wholeTokens what is found in changed text
  /// @param splitters cut it, one after the other
  /// @param model encodes pieces
  record Parts(
      Normalizer normalizer,
      SpecialTokenMatcher wholeTokens,
      List<TextSplitter> splitters,
      PieceModel model) {

    Parts {
      splitters = List.copyOf(splitters);
    }

    Parts withWholeTokens(SpecialTokenMatcher others) {
      return new Parts(normalizer, others, splitters, model);
    }
  }

  private final Parts parts;
  private final TokenTexts texts;

  Pipeline(Parts parts, TokenTexts texts) {
    this.parts = parts;
    this.texts = texts;
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    AlignedText text = parts.normalizer().normalize(aligned(utf8, from, to));
    sink.work().normalized(text.text());
    PieceModel.Encoder encoder = parts.model().newEncoder();
    if (parts.wholeTokens().isEmpty()) {
      encodePart(text, 0, text.length(), encoder, sink);
    } else {
      encodeBetweenTokens(text, encoder, sink);
    }
    sink.readFromText();
  }

  private void encodeBetweenTokens(AlignedText text, PieceModel.Encoder encoder, TokenSink sink) {
    AlignedBytes bytes = AlignedBytes.of(text);
    int length = bytes.utf8().length;
    int[] chars = bytes.chars();
    for (int from = 0; from < length; ) {
      Match next = parts.wholeTokens().next(bytes.utf8(), from, length, from);
      int end = next.isNone() ? length : Math.max(from, next.start());
      if (from < end) {
        encodePart(text, chars[from], chars[end], encoder, sink);
      }
      if (!next.isNone()) {
        sink.readFrom(bytes.starts(), bytes.ends(), 0);
        sink.add(next.id(), end, next.end(), Origin.FOUND);
      }
      from = next.isNone() ? end : next.end();
    }
  }

  private void encodePart(
      AlignedText text, int from, int to, PieceModel.Encoder encoder, TokenSink sink) {
    Pieces pieces = split(Pieces.of(text, from, to));
    AlignedBytes bytes = AlignedBytes.of(pieces.text());
    sink.readFrom(bytes.starts(), bytes.ends(), 0);
    for (int i = 0; i < pieces.size(); i++) {
      int start = bytes.offsets()[pieces.start(i)];
      int end = bytes.offsets()[pieces.end(i)];
      sink.work().piece(bytes.utf8(), start, end);
      encoder.encode(bytes.utf8(), start, end, sink);
    }
  }

  private Pieces split(Pieces whole) {
    Pieces pieces = whole;
    try {
      for (TextSplitter splitter : parts.splitters()) {
        pieces = splitter.split(pieces);
      }
    } catch (MalformedTokenizerException e) { // makes too much of it
      throw new MalformedTokenizerException("malformed: pre_tokenizer " + e.getMessage(), e);
    }
    return pieces;
  }

  /// A part of a text, each character in its place.
  private static AlignedText aligned(byte[] utf8, int from, int to) {
    String text = new String(utf8, from, to - from, StandardCharsets.UTF_8);
    int[] starts = new int[text.length()];
    int[] ends = new int[text.length()];
    int at = from;
    for (int i = 0; i < starts.length; ) {
      int width = Utf8.length(utf8[at]);
      int chars = width == 4 ? 2 : 1;
      Arrays.fill(starts, i, i + chars, at);
      Arrays.fill(ends, i, i + chars, at + width);
      at += width;
      i += chars;
    }
    return AlignedText.of(text, starts, ends);
  }

  @Override
  public ByteTable bytes() {
    return texts.bytes();
  }

  @Override
  public boolean isByteToken(int id) {
    return texts.byteTokens().get(id);
  }

  @Override
  public boolean stripsFirstBlank() {
    return texts.stripsFirstBlank();
  }

  @Override
  public Decoding newDecoding() {
    return texts.newDecoding(this);
  }

  @Override
  public byte[] bytes(int id) {
    return texts.chain().isPresent() ? texts.decodedAlone(id) : TokenizerModel.super.bytes(id);
  }

  @Override
  public String toString() {
    return parts.model().toString();
  }
}
