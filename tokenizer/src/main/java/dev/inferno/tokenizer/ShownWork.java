package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// Makes {@link EncodingStep}s of the work on one text and hands them to a listener. For one
/// thread.
final class ShownWork implements EncodingWork {

  private final CharOffsets offsets;
  private final Vocabulary vocabulary;
  private final TokenSink sink;
  private final Consumer<? super EncodingStep> listener;
  private Place part = new Place(0, 0, 0, 0);
  private CharOffsets pieceOffsets = new CharOffsets("");
  private int pieceStart;

  /// @param sink where the tokens go
  ShownWork(
      CharOffsets offsets,
      Vocabulary vocabulary,
      TokenSink sink,
      Consumer<? super EncodingStep> listener) {
    this.offsets = offsets;
    this.vocabulary = vocabulary;
    this.sink = sink;
    this.listener = listener;
  }

  @Override
  public boolean isShown() {
    return true;
  }

  @Override
  public void part(int from, int to) {
    part = offsets.place(from, to);
  }

  @Override
  public void normalized(String text) {
    listener.accept(new EncodingStep.Normalized(text, part));
  }

  @Override
  public void normalized(byte[] utf8, int start, int end) {
    normalized(text(utf8, start, end));
  }

  @Override
  public void piece(byte[] utf8, int start, int end) {
    piece(text(utf8, start, end), start, end);
  }

  @Override
  public void piece(String text, int start, int end) {
    pieceOffsets = new CharOffsets(text);
    pieceStart = start;
    listener.accept(new EncodingStep.Piece(text, place(start, end)));
  }

  @Override
  public void merge(Merger merger, IntFunction<String> text) {
    String[] symbols = new String[merger.size()];
    Arrays.setAll(symbols, text);
    listener.accept(new EncodingStep.Symbols(List.of(symbols)));
    merger.merge((left, right, rank) -> {
      String merged = text.apply(left);
      listener.accept(
          new EncodingStep.Merge(left, right, symbols[left], symbols[right], merged, rank));
      symbols[left] = merged;
    });
  }

  @Override
  public void merge(Merger merger) {
    merge(merger, i -> vocabulary.text(merger.symbol(i)));
  }

  @Override
  public void candidate(int id, int start, int end, double score, double sum, boolean isBest) {
    listener.accept(
        new EncodingStep.Candidate(
            id, vocabulary.text(id), pieceChar(start), pieceChar(end), score, sum, isBest));
  }

  @Override
  public void match(int id, int start, int end) {
    listener.accept(new EncodingStep.Match(id, vocabulary.text(id), place(start, end)));
  }

  @Override
  public void token(int index, Origin origin) {
    int id = sink.id(index);
    Place place = offsets.place(sink.start(index), sink.end(index));
    listener.accept(new EncodingStep.Token(index, id, vocabulary.text(id), place, origin));
  }

  @Override
  public void dropped(int place) {
    listener.accept(new EncodingStep.Dropped(offsets.place(place, place + 1)));
  }

  private int pieceChar(int at) {
    return pieceOffsets.start(at - pieceStart);
  }

  private Place place(int start, int end) {
    return offsets.place(sink.textStart(start), sink.textEnd(end));
  }

  private static String text(byte[] utf8, int start, int end) {
    return new String(utf8, start, end - start, StandardCharsets.UTF_8);
  }
}
