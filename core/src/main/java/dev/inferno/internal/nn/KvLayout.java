package dev.inferno.internal.nn;

/// Where the numbers of a page's rows lie: head by head, so that what a head has in the page is one
/// run of an array, and a panel for {@link dev.inferno.internal.kernels.Kernels#pageProduct}. Keys
/// are multiplied from the left and lie number by number, `[heads][size][PAGE]`; values from the
/// right, position by position, `[heads][PAGE][size]`.
///
/// @param size how many numbers a head has at a position
/// @param step from a number of a head to its next
/// @param positionStep from a position to the next
record KvLayout(int heads, int size, int step, int positionStep) {

  static KvLayout keys(int heads, int size) {
    return new KvLayout(heads, size, KvCache.PAGE, 1);
  }

  static KvLayout values(int heads, int size) {
    return new KvLayout(heads, size, 1, size);
  }

  /// The length of a row of all heads.
  int width() {
    return heads * size;
  }

  /// How many numbers a page has.
  int numbers() {
    return width() * KvCache.PAGE;
  }

  /// Where a head begins at a position.
  int at(int head, int position) {
    return head * size * KvCache.PAGE + position * positionStep;
  }

  /// How many pieces the first positions of a page consist of, each one run of numbers.
  int pieces() {
    return isByPosition() ? heads : width();
  }

  /// Where a piece begins.
  int pieceAt(int piece) {
    return piece * (numbers() / pieces());
  }

  /// How many numbers of so many positions are in a piece.
  int pieceLength(int positions) {
    return positions * positionStep;
  }

  boolean isByPosition() {
    return step == 1;
  }

  /// The width of a head's panel: the positions of keys, or the numbers of a value up to a multiple
  /// of 16, as products take them.
  int panelWidth() {
    return isByPosition() ? valuePanelWidth(size) : KvCache.PAGE;
  }

  /// The width of a panel of values of this size.
  static int valuePanelWidth(int size) {
    return (size + 15) / 16 * 16;
  }

  /// Whether what a head has in the page is a panel as it lies.
  boolean isPanel() {
    return !isByPosition() || panelWidth() == size;
  }
}
