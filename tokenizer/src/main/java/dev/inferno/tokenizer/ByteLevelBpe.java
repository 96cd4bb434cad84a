package dev.inferno.tokenizer;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// Byte-level byte-pair encoding, `gpt2` in GGUF: text is cut into pieces, the bytes of a piece are
/// merged by a list of ranked pairs.
///
/// Bytes that are not in the vocabulary are left out before merging, so that what stands on both
/// sides may merge, as Hugging Face does; the {@link TokenSink} is told.
///
/// Radford et al.: Language Models are Unsupervised Multitask Learners, section 2.2.
final class ByteLevelBpe implements TokenizerModel, PieceModel {

  private final Splitter splitter;
  private final boolean composes;
  private final boolean ignoresMerges;
  private final ByteTable bytes;
  private final int[] byteIds;
  private final MergeTable merges;
  private final WholePieces wholePieces;

  private ByteLevelBpe(
      Splitter splitter,
      boolean composes,
      boolean ignoresMerges,
      ByteTable bytes,
      int[] byteIds,
      MergeTable merges) {
    this.splitter = splitter;
    this.composes = composes;
    this.ignoresMerges = ignoresMerges;
    this.bytes = bytes;
    this.byteIds = byteIds;
    this.merges = merges;
    this.wholePieces = new WholePieces(bytes.size());
  }

  /// @param texts from the text of each token to its id
  static ByteLevelBpe read(
      Metadata metadata, PreTokenizerFamily family, Vocabulary vocabulary, ByteTable texts) {
    return of(
        family.splitter(),
        family.composes(),
        family.ignoresMerges(),
        vocabulary,
        id -> !vocabulary.type(id).isSpecial(),
        readMerges(metadata, texts));
  }

  /// @param splitter where pieces end, if text is not cut before
  /// @param composes whether text is brought to the normalization form NFC first
  /// @param ignoresMerges whether a piece that is a token is that token, reached by merges or not
  /// @param found which tokens a piece may be
  /// @param merges the pairs of ids that are merged
  static ByteLevelBpe of(
      Splitter splitter,
      boolean composes,
      boolean ignoresMerges,
      Vocabulary vocabulary,
      IntPredicate found,
      MergeTable merges) {
    ByteTable bytes = new ByteTable(vocabulary.size());
    ByteSink spelled = new ByteSink(64);
    for (int id = 0; id < vocabulary.size(); id++) {
      byte[] text = vocabulary.utf8(id);
      spelled.truncate(0);
      if (!ByteLevelAlphabet.spell(text, spelled)) {
        bytes.append(text, 0, text.length);
      } else if (found.test(id)) {
        bytes.add(spelled.array(), 0, spelled.length());
      } else {
        bytes.append(spelled.array(), 0, spelled.length());
      }
    }
    int[] byteIds = new int[256];
    byte[] single = new byte[1];
    for (int octet = 0; octet < 256; octet++) {
      single[0] = (byte) octet;
      byteIds[octet] = bytes.find(single, 0, 1);
    }
    return new ByteLevelBpe(splitter, composes, ignoresMerges, bytes, byteIds, merges);
  }

  private static MergeTable readMerges(Metadata metadata, ByteTable texts) {
    Utf8List lines = metadata.strings(Metadata.MERGES);
    MergeTable merges = new MergeTable(lines.size());
    int skipped = 0;
    String example = "";
    for (int rank = 0; rank < lines.size(); rank++) {
      byte[] line = lines.utf8(rank);
      int blank = 1; // a text is not empty
      while (blank < line.length && line[blank] != ' ') {
        blank++;
      }
      if (!putMerge(line, blank, rank, texts, merges)) {
        example = skipped++ == 0 ? Metadata.shortened(lines.get(rank)) : example;
      }
    }
    if (skipped > 0) {
      metadata.warn(
          "%d of the %d pairs in %s are ignored, '%s' first: they must be two tokens and a blank"
              + " between them, and together a token",
          skipped, lines.size(), Metadata.MERGES, example);
    }
    return merges;
  }

  private static boolean putMerge(
      byte[] line, int blank, int rank, ByteTable texts, MergeTable merges) {
    if (blank + 1 >= line.length) {
      return false;
    }
    byte[] together = new byte[line.length - 1];
    System.arraycopy(line, 0, together, 0, blank);
    System.arraycopy(line, blank + 1, together, blank, line.length - blank - 1);
    int left = texts.find(line, 0, blank);
    int right = texts.find(line, blank + 1, line.length);
    int merged = texts.find(together, 0, together.length);
    if (left < 0 || right < 0 || merged < 0) {
      return false;
    }
    merges.put(left, right, rank, merged);
    return true;
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    if (composes && !Composed.isComposed(utf8, from, to)) {
      Composed composed = Composed.of(utf8, from, to);
      sink.readFrom(composed.starts(), composed.ends(), from);
      encodePieces(composed.utf8(), 0, composed.utf8().length, sink);
      sink.readFromText();
    } else {
      encodePieces(utf8, from, to, sink);
    }
  }

  private void encodePieces(byte[] utf8, int from, int to, TokenSink sink) {
    sink.work().normalized(utf8, from, to);
    PieceEnds ends = new PieceEnds((to - from) / 4);
    splitter.split(utf8, from, to, ends);
    Merger merger = new Merger(merges);
    PieceCache cache = new PieceCache(sink.work().isShown() ? 0 : to - from);
    int start = from;
    for (int i = 0; i < ends.size(); i++) {
      sink.work().piece(utf8, start, ends.get(i));
      encodePiece(utf8, start, ends.get(i), merger, cache, sink);
      start = ends.get(i);
    }
  }

  @Override
  public Encoder newEncoder() {
    Merger merger = new Merger(merges);
    PieceCache none = new PieceCache(0); // pieces may come from different texts
    return (utf8, from, to, sink) -> encodePiece(utf8, from, to, merger, none, sink);
  }

  private void encodePiece(
      byte[] utf8, int start, int end, Merger merger, PieceCache cache, TokenSink sink) {
    int hash = EightBytes.hash(utf8, start, end);
    int whole = bytes.find(utf8, start, end, hash);
    if (whole >= 0 && (ignoresMerges || wholePieces.isKnown(whole, sink.work()))) {
      sink.add(whole, start, end);
      return;
    }
    int place = cache.place(start, end, hash);
    if (cache.holds(place, utf8, start, end)) {
      addAgain(cache.firstToken(place), cache.tokens(place), start, sink);
      return;
    }
    merger.clear();
    boolean complete = true;
    for (int i = start; i < end; i++) {
      int id = byteIds[utf8[i] & 0xFF];
      if (id >= 0) {
        merger.add(id, i, i + 1);
      } else {
        sink.drop(i);
        complete = false;
      }
    }
    sink.work().merge(merger);
    for (int i = 0; i < merger.size(); i++) {
      sink.add(merger.symbol(i), merger.start(i), merger.end(i));
    }
    if (whole >= 0 && merger.size() == 1 && merger.symbol(0) == whole) {
      wholePieces.markReached(whole);
    }
    if (complete) {
      cache.put(place, start, end, sink.size() - merger.size(), merger.size());
    }
  }

  /// The tokens of a piece that came before.
  private void addAgain(int firstToken, int count, int start, TokenSink sink) {
    int at = start;
    for (int i = firstToken; i < firstToken + count; i++) {
      int id = sink.id(i);
      sink.add(id, at, at + bytes.length(id));
      at += bytes.length(id);
    }
  }

  @Override
  public ByteTable bytes() {
    return bytes;
  }

  @Override
  public boolean isByteToken(int id) {
    return false;
  }

  @Override
  public boolean stripsFirstBlank() {
    return false;
  }

  /// Whether there is a token for every byte.
  boolean isComplete() {
    return Arrays.stream(byteIds).allMatch(id -> id >= 0);
  }

  @Override
  public String toString() {
    long missing = Arrays.stream(byteIds).filter(id -> id < 0).count();
    return "byte-level BPE, %d tokens, %d merges, %d bytes without token"
        .formatted(bytes.size(), merges.size(), missing);
  }
}
