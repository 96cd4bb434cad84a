package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
import java.util.function.IntFunction;

/// What is told of the work of encoding a text while it is done; as it stands here, to nobody.
/// Places are those that a {@link TokenSink} is told.
interface EncodingWork {

  /// Nobody listens.
  EncodingWork UNSEEN = new EncodingWork() {};

  /// Whether somebody listens. Then nothing may be left out because it was done before.
  default boolean isShown() {
    return false;
  }

  /// What is told next is about a part of the text.
  ///
  /// @param from where it begins in the text itself
  /// @param to where it ends there
  default void part(int from, int to) {}

  /// The part has been normalized.
  default void normalized(String text) {}

  /// The same, in UTF-8.
  default void normalized(byte[] utf8, int start, int end) {}

  /// A piece has been cut.
  default void piece(byte[] utf8, int start, int end) {}

  /// The same, if it is written in another way than it is worked on.
  default void piece(String text, int start, int end) {}

  /// Merges, and tells of it.
  ///
  /// @param text of each of the merger's symbols as it is then
  default void merge(Merger merger, IntFunction<String> text) {
    merger.merge();
  }

  /// The same where symbols are the ids of tokens.
  default void merge(Merger merger) {
    merger.merge();
  }

  /// See {@link EncodingStep.Candidate}.
  default void candidate(int id, int start, int end, double score, double sum, boolean isBest) {}

  /// See {@link EncodingStep.Match}.
  default void match(int id, int start, int end) {}

  /// The sink has been given a token, or had one grow.
  default void token(int index, Origin origin) {}

  /// The sink has been told that a byte, at this place in the text itself, is left out.
  default void dropped(int place) {}
}
