package dev.inferno;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/// How much each token of a text matters for a token to come next: the text is passed through the
/// model again without it. What comes before the token is never computed again.
///
/// The later tokens move one position to the front. So this is the effect of a shorter text, not of
/// a hidden token; an intervention that cuts edges of attention would be that. Immutable.
///
/// @param target the token to come next
/// @param logit its logit after the whole text
/// @param logProbability its log-probability after the whole text, in nats
/// @param without one entry per token of the text, in its order
public record LeaveOneOut(int target, double logit, double logProbability, List<Without> without) {

  /// What the target has after a text without one token.
  ///
  /// @param position of the token that was left out
  /// @param token the token that was left out
  /// @param logit the target's logit
  /// @param logitChange by how much that is more than after the whole text
  /// @param logProbability the target's log-probability, in nats
  /// @param logProbabilityChange by how much that is more than after the whole text: negative if
  ///   the token spoke for the target
  public record Without(
      int position,
      int token,
      double logit,
      double logitChange,
      double logProbability,
      double logProbabilityChange) {}

  /// Is told how far it is.
  @FunctionalInterface
  public interface Progress {
    /// So many of the tokens were left out.
    void at(int done, int of);
  }

  /// Copies the list.
  public LeaveOneOut {
    without = List.copyOf(without);
  }

  /// Leaves out each token of a session's text, one at a time.
  ///
  /// @throws IllegalArgumentException if the session holds fewer than two tokens
  /// @throws IndexOutOfBoundsException if the vocabulary has no such target
  /// @throws CancellationException if it was cancelled
  public static LeaveOneOut of(Session session, int target) {
    return of(session, target, (_, _) -> {});
  }

  /// The same, told how far it is. The text is passed through forks of the session, which stays as
  /// it is; its listeners and interventions do not act there. {@link Session#cancel}, interruption
  /// and closing the model end it soon.
  ///
  /// @throws IllegalArgumentException if the session holds fewer than two tokens
  /// @throws IndexOutOfBoundsException if the vocabulary has no such target
  /// @throws CancellationException if it was cancelled
  public static LeaveOneOut of(Session session, int target, Progress progress) {
    Model model = session.model();
    Objects.checkIndex(target, model.info().vocabulary());
    int[] tokens = session.tokens();
    if (tokens.length < 2) {
      throw new IllegalArgumentException(
          "a text of at least 2 tokens is needed to leave one out, but it has " + tokens.length);
    }
    Logits whole = session.logits();
    double logit = whole.get(target);
    double logProbability = logit - whole.logSumExp();
    var without = new ArrayList<Without>();
    try (Session text = session.fork()) {
      model.enter(session); // at work, so that it can be cancelled
      try {
        for (int position = 0; position < tokens.length; position++) {
          if (session.occupation().isCancelled()) {
            throw new CancellationException("leaving out tokens was cancelled");
          }
          int[] rest = Arrays.copyOfRange(tokens, position + 1, tokens.length);
          try (Session shorter = text.fork()) {
            shorter.occupation().obey(session.occupation());
            shorter.rewind(tokens.length - position);
            Logits logits = append(shorter, rest);
            double less = logits.get(target);
            double logLess = less - logits.logSumExp();
            without.add(
                new Without(
                    position,
                    tokens[position],
                    less,
                    less - logit,
                    logLess,
                    logLess - logProbability));
          }
          progress.at(position + 1, tokens.length);
        }
      } finally {
        model.exit(session);
      }
    }
    return new LeaveOneOut(target, logit, logProbability, without);
  }

  /// Appends what follows.
  private static Logits append(Session session, int... rest) {
    try {
      session.append(rest);
      return session.logits();
    } catch (CancellationException e) {
      throw new CancellationException("leaving out tokens was cancelled");
    }
  }
}
