package dev.inferno;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.observe.Observation;
import dev.inferno.observe.Verification;
import java.util.Arrays;

/// Passes tokens that {@link PromptLookup} expects through the model along with the one that is
/// due, so that one pass over the weights may give several tokens. "Fast Inference from
/// Transformers via Speculative Decoding", <https://arxiv.org/abs/2211.17192>.
///
/// Exact by construction: every row of a short segment has the logits that it would have alone, and
/// the sampler chooses from them one after the other, as ever. A draft only decides which rows are
/// there already when they are needed. Where the choice differs from it, the rows behind are
/// forgotten.
///
/// How much is drafted follows what was accepted. A pass has four rows at first, which kernels take
/// at once, and the token that is due is one of them; after a draft that was accepted as a whole
/// the next pass has twice as many. Where none was accepted, more tokens have to agree before there
/// is another draft. With other sessions in the pass, all drafts together are about as long as one
/// alone may be, since rows cost arithmetic even where they cost no memory traffic.
///
/// While points are watched or changed every token is passed by itself: what listeners see is of
/// tokens that were chosen.
final class Speculation {
  /// The longest draft: with the token that is due it is a short segment.
  static final int LONGEST = Rows.SHORT_SEGMENT - 1;

  private static final int FIRST_LIMIT = 3;
  private static final int FIRST_NEEDED = 2;
  private static final int MOST_NEEDED = 4;

  private final Session session;
  private final Observation observation;
  private final int most;
  private final int vocabulary;
  private final int[] draft;
  private final float[] logits; // [1 + most, vocabulary], of the rows that passed ahead

  // The draft that is being verified; none while drafted is 0.
  private int drafted;
  private int accepted; // the first ones
  private int step; // whose pass it was
  private int firstPosition;

  private int rows; // that passed ahead
  private int taken; // the first ones

  private int limit; // of the next draft
  private int needed = FIRST_NEEDED; // how many tokens have to agree
  private int draftedInAll;
  private int acceptedInAll;

  /// @param most how many tokens are drafted at most
  Speculation(Session session, int most) {
    this.session = session;
    this.observation = session.observation();
    this.most = most;
    this.limit = Math.min(most, FIRST_LIMIT);
    this.draft = new int[most];
    this.vocabulary = session.values().length;
    this.logits = new float[most == 0 ? 0 : (1 + most) * vocabulary];
  }

  /// Gives the last token's logits, by passing it through the model or from what passed ahead.
  ///
  /// @param step the number of the step
  /// @param room how many tokens it makes sense to draft at most
  /// @return how many nanoseconds it took
  long forward(int step, int room) {
    if (taken < rows && !observation.watchesPoints()) {
      long start = System.nanoTime();
      session.take(logits, taken++ * vocabulary);
      return System.nanoTime() - start;
    }
    drop(); // what passed ahead before somebody began to watch
    int company = Rows.SHORT_SEGMENT / session.passes().sharedBy() - 1;
    int length = Math.min(Math.min(limit, room), Math.min(company, session.roomAsItIs()));
    int count =
        length < 1 || observation.watchesPoints() ? 0 : session.expect(needed, length, draft);
    if (count == 0) {
      return session.forward();
    }
    this.step = step;
    firstPosition = session.length();
    long nanos = session.forwardAhead(draft, count, logits);
    drafted = count;
    accepted = 0;
    rows = 1 + count;
    taken = 1;
    return nanos;
  }

  /// Compares the choice from the logits that {@link #forward} gave with the draft.
  void chosen(int id) {
    if (drafted == 0) {
      return;
    }
    if (draft[accepted] != id) {
      judge();
      drop();
    } else if (++accepted == drafted) {
      judge();
    }
  }

  /// The generation has come to an end, maybe within a draft.
  void finish() {
    if (drafted > 0) {
      judge();
    }
    drop();
  }

  /// What is known of the draft is all there will be.
  private void judge() {
    draftedInAll += drafted;
    acceptedInAll += accepted;
    if (accepted == drafted) {
      limit = Math.min(most, 2 * limit + 1);
      needed = Math.max(1, needed - 1);
    } else {
      limit = Math.min(most, accepted + 2);
      needed = accepted > 0 ? needed : Math.min(MOST_NEEDED, needed + 1);
    }
    int count = drafted;
    drafted = 0;
    if (observation.listening()) {
      var ids = Arrays.stream(draft, 0, count).boxed().toList();
      var event = new Verification(step, firstPosition, ids, accepted);
      observation.tell("verification", listener -> listener.onVerification(event));
    }
  }

  /// Forgets the rows that passed ahead and are not of use.
  void drop() {
    if (taken < rows) {
      session.passes().dropAhead();
    }
    rows = 0;
    taken = 0;
    drafted = 0;
  }

  /// How many tokens were drafted so far.
  int draftedInAll() {
    return draftedInAll;
  }

  /// How many of them the sampler chose.
  int acceptedInAll() {
    return acceptedInAll;
  }
}
