package dev.inferno.tokenizer.huggingface;

/// Cuts at matches.
///
/// @param matches where
/// @param behavior what becomes of a match
/// @param inverted whether what lies between the matches is taken for the matches
record Cut(Matches matches, Behavior behavior, boolean inverted) implements TextSplitter {

  /// What becomes of a match.
  enum Behavior {
    /// It is dropped.
    REMOVED,
    /// It is a piece.
    ISOLATED,
    /// It ends the piece before it.
    MERGED_WITH_PREVIOUS,
    /// It begins the piece after it.
    MERGED_WITH_NEXT,
    /// Together with those right beside it, it is a piece.
    CONTIGUOUS;

    /// What a node says.
    ///
    /// @param absent what it means if it says nothing; nothing if it must
    static Behavior read(Node node, String absent) {
      String name =
          absent.isEmpty() ? node.requiredText("behavior") : node.text("behavior").orElse(absent);
      return switch (name) {
        case "Removed" -> REMOVED;
        case "Isolated" -> ISOLATED;
        case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
        case "MergedWithNext" -> MERGED_WITH_NEXT;
        case "Contiguous" -> CONTIGUOUS;
        default ->
            throw node.unsupported(
                "behavior",
                "is '%s'; supported are Contiguous, Isolated, MergedWithNext, MergedWithPrevious,"
                        .formatted(Node.quoted(name))
                    + " Removed");
      };
    }
  }

  @Override
  public Pieces split(Pieces pieces) {
    var bounds = new Pieces.Builder(4 * pieces.size());
    for (int i = 0; i < pieces.size(); i++) {
      int from = pieces.start(i);
      int to = pieces.end(i);
      join(segments(matches.in(pieces.text().text(), from, to), from, to), bounds);
    }
    return bounds.build(pieces.text());
  }

  /// Matches and what lies between them, alternating in no fixed way.
  ///
  /// @param bounds begin and end of each
  /// @param isMatch which are matches, after the inversion
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Segments(int[] bounds, boolean[] isMatch, int size) {}

  private Segments segments(int[] found, int from, int to) {
    int[] bounds = new int[2 * found.length + 2];
    boolean[] isMatch = new boolean[found.length + 1];
    int size = 0;
    int at = from;
    for (int i = 0; i < found.length; i += 2) {
      if (at < found[i]) {
        bounds[2 * size] = at;
        bounds[2 * size + 1] = found[i];
        isMatch[size++] = inverted;
      }
      bounds[2 * size] = found[i];
      bounds[2 * size + 1] = found[i + 1];
      isMatch[size++] = !inverted;
      at = found[i + 1];
    }
    if (at < to) {
      bounds[2 * size] = at;
      bounds[2 * size + 1] = to;
      isMatch[size++] = inverted;
    }
    return new Segments(bounds, isMatch, size);
  }

  private void join(Segments segments, Pieces.Builder pieces) {
    int[] bounds = segments.bounds();
    for (int i = 0; i < segments.size(); ) {
      int last = i;
      switch (behavior) {
        case REMOVED, ISOLATED -> {
          // each by itself
        }
        case CONTIGUOUS -> {
          while (last + 1 < segments.size()
              && isMatch(segments, last + 1) == isMatch(segments, i)) {
            last++;
          }
        }
        case MERGED_WITH_PREVIOUS -> {
          boolean joins = !isMatch(segments, i) && i + 1 < segments.size();
          last = joins && isMatch(segments, i + 1) ? i + 1 : i;
        }
        case MERGED_WITH_NEXT -> {
          boolean joins = isMatch(segments, i) && i + 1 < segments.size();
          last = joins && !isMatch(segments, i + 1) ? i + 1 : i;
        }
      }
      if (behavior != Behavior.REMOVED || !isMatch(segments, i)) {
        pieces.add(bounds[2 * i], bounds[2 * last + 1]);
      }
      i = last + 1;
    }
  }

  private static boolean isMatch(Segments segments, int i) {
    return segments.isMatch()[i];
  }
}
