package dev.inferno.format;

/// Makes a message about an untrusted file safe to print: names in it may hold line breaks,
/// terminal controls, or 64 KiB of text.
final class OneLine {
  private static final int MOST_CHARACTERS = 1000;

  private OneLine() {}

  /// The message with every control character as U+FFFD, cut where it is too long to read.
  static String of(String message) {
    boolean cut = message.length() > MOST_CHARACTERS;
    StringBuilder line =
        new StringBuilder(cut ? message.substring(0, MOST_CHARACTERS) + "..." : message);
    for (int i = 0; i < line.length(); i++) {
      if (Character.isISOControl(line.charAt(i))) {
        line.setCharAt(i, '\uFFFD');
      }
    }
    return line.toString();
  }
}
