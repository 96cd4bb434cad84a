package dev.inferno.cli;

import java.io.IOException;
import java.util.Optional;

/// Where somebody sits who chats with a model, or a file of what somebody would say. For one
/// thread.
interface ChatFront extends AutoCloseable {
  /// What is typed next; nothing at the end.
  Optional<TypedText> read() throws IOException;

  /// Shows a piece of a reply at once.
  ///
  /// @return false if nobody sees it any more
  boolean show(String piece);

  /// Ends a reply, the last piece of which was shown.
  void endReply();

  /// Says something that is no part of a reply, in lines.
  void say(String text);

  /// Says what went wrong.
  void complain(String message);

  /// Has Ctrl-C end what is under way and not the program, where there is a keyboard, until the
  /// result is closed.
  Interruption onInterrupt(Runnable stop);

  @Override
  void close() throws IOException;

  /// What ends with its closing.
  interface Interruption extends AutoCloseable {
    @Override
    void close();
  }
}
