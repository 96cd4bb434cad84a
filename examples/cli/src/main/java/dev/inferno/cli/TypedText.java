package dev.inferno.cli;

/// What was typed in a chat: a message, or a command, which begins with a slash.
///
/// A message of several lines is a block between two times three quotation marks, or has a
/// backslash at the end of each line but the last.
///
/// @param text without the marks around a block
/// @param isCommand whether it is a command; a block never is
record TypedText(String text, boolean isCommand) {
  private static final String MARK = "\"\"\"";

  /// What a finished text is.
  static TypedText of(String typed) {
    String block = typed.strip();
    if (isBlock(block)) {
      String inside = block.substring(MARK.length(), block.length() - MARK.length());
      return new TypedText(inside.replaceFirst("^\\R", "").replaceFirst("\\R$", ""), false);
    }
    return new TypedText(typed, typed.startsWith("/"));
  }

  /// Whether a block has begun that has not ended yet.
  static boolean isOpen(String typed) {
    String block = typed.strip();
    return block.startsWith(MARK) && !isBlock(block);
  }

  /// Whether the last line says that another one follows; its backslash is no part of the message.
  static boolean goesOn(String typed) {
    return !isOpen(typed) && typed.endsWith("\\");
  }

  /// Whether there is nothing to say.
  boolean isBlank() {
    return text.isBlank();
  }

  private static boolean isBlock(String stripped) {
    return stripped.length() >= 2 * MARK.length()
        && stripped.startsWith(MARK)
        && stripped.endsWith(MARK);
  }
}
