package dev.inferno.tokenizer;

/// Tokens on their way to text: the bytes that are not given out yet. For one thread.
///
/// With byte-level tokens they are one string of bytes, and malformed parts become U+FFFD when
/// given out. With byte tokens amid text, each run of these is one character or several, or else
/// every byte of the run becomes a U+FFFD.
final class PendingText implements Decoding {

  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private final TokenizerModel model;
  private final ByteSink pending;
  private boolean atBeginning = true;
  private boolean isFirst = true;

  /// Where the run of byte tokens at the end begins, or -1.
  private int runStart = -1;

  private boolean runMalformed;

  /// How many bytes the last character of the run lacks, and what the next one may be.
  private int runLacks;

  private int lowest;
  private int highest;

  PendingText(TokenizerModel model) {
    this.model = model;
    this.pending = new ByteSink(64);
  }

  private PendingText(PendingText other) {
    this.model = other.model;
    this.pending = other.pending.copy();
    this.atBeginning = other.atBeginning;
    this.isFirst = other.isFirst;
    this.runStart = other.runStart;
    this.runMalformed = other.runMalformed;
    this.runLacks = other.runLacks;
    this.lowest = other.lowest;
    this.highest = other.highest;
  }

  @Override
  public PendingText copy() {
    return new PendingText(this);
  }

  @Override
  public void append(int id) {
    ByteTable bytes = isFirst ? model.firstBytes() : model.bytes();
    isFirst = false;
    if (model.isByteToken(id)) {
      appendToRun(bytes.array()[bytes.start(id)]);
    } else {
      endRun();
      pending.add(bytes.array(), bytes.start(id), bytes.end(id));
    }
  }

  private void appendToRun(byte octet) {
    if (runStart < 0) {
      runStart = pending.length();
      runMalformed = false;
      runLacks = 0;
    }
    pending.add(octet);
    int unsigned = octet & 0xFF;
    if (runLacks > 0) {
      runMalformed |= unsigned < lowest || unsigned > highest;
      runLacks--;
      lowest = 0x80;
      highest = 0xBF;
    } else if (octet < 0) {
      runLacks = Utf8.continuations(octet);
      runMalformed |= runLacks == 0;
      lowest = Utf8.lowestSecond(octet);
      highest = Utf8.highestSecond(octet);
    }
  }

  private void endRun() {
    if (runStart >= 0 && (runMalformed || runLacks > 0)) {
      int length = pending.length() - runStart;
      pending.truncate(runStart);
      for (int i = 0; i < length; i++) {
        pending.add(REPLACEMENT, 0, REPLACEMENT.length);
      }
    }
    runStart = -1;
  }

  @Override
  public boolean isComplete() {
    return !(runStart >= 0 && runMalformed)
        && Utf8.endsWithCharacter(pending.array(), pending.length());
  }

  @Override
  public String take() {
    endRun();
    int from = 0;
    if (pending.length() > 0) {
      if (atBeginning && model.stripsFirstBlank() && pending.array()[0] == ' ') {
        from = 1;
      }
      atBeginning = false;
    }
    String text = Utf8.decode(pending.array(), from, pending.length());
    pending.truncate(0);
    return text;
  }
}
