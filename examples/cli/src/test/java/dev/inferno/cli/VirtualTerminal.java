package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;

/// A terminal that a test types on and reads.
final class VirtualTerminal implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 30_000;

  private final PipedOutputStream keys = new PipedOutputStream();
  private final Screen screen = new Screen();
  private final Terminal terminal;

  /// @param type what it can do, such as `xterm` or `dumb`
  VirtualTerminal(String type) throws IOException {
    this.terminal =
        new ExternalTerminal("test", type, new PipedInputStream(keys, 1 << 16), screen, UTF_8);
  }

  Terminal terminal() {
    return terminal;
  }

  /// Types keys, which are there at once.
  void type(String text) throws IOException {
    keys.write(text.getBytes(UTF_8));
    keys.flush();
  }

  /// Waits until a text is shown, behind all that was waited for before.
  void await(String shown) throws InterruptedException {
    screen.await(shown);
  }

  /// All that was shown.
  String shown() {
    return screen.text();
  }

  @Override
  public void close() throws IOException {
    keys.close();
    terminal.close();
  }

  private static final class Screen extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int read;

    @Override
    public synchronized void write(int octet) {
      bytes.write(octet);
      notifyAll();
    }

    synchronized String text() {
      return bytes.toString(UTF_8);
    }

    synchronized void await(String shown) throws InterruptedException {
      long end = System.currentTimeMillis() + PATIENCE_MILLIS;
      int at = text().indexOf(shown, read);
      while (at < 0) {
        long left = end - System.currentTimeMillis();
        if (left <= 0) {
          throw new AssertionError("'%s' is not in %s".formatted(shown, text().substring(read)));
        }
        wait(left);
        at = text().indexOf(shown, read);
      }
      read = at + shown.length();
    }
  }
}
