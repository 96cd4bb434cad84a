package dev.inferno.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Between its making and its closing, Ctrl-C (or a polite kill) does not end the program in the
/// middle of a word: the work is told to stop, and the program ends once {@link #allIsSaid}: its
/// results, or what became of them. The exit code is then 130 (143), as usual for a program ended
/// by a signal.
final class CtrlC implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;
  private static final CountDownLatch END = new CountDownLatch(1);

  private final Thread hook;

  private CtrlC(Runnable stop) {
    this.hook =
        new Thread(
            () -> {
              stop.run();
              awaitResults();
            },
            "ctrl-c");
  }

  /// Calls `stop`, from another thread, when the program is to end.
  static CtrlC calls(Runnable stop) {
    var ctrlC = new CtrlC(stop);
    Runtime.getRuntime().addShutdownHook(ctrlC.hook);
    return ctrlC;
  }

  private void awaitResults() {
    try {
      var _ = END.await(PATIENCE_SECONDS, TimeUnit.SECONDS); // in time or not, the JVM ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The program has printed everything: nothing keeps it from ending any more.
  static void allIsSaid() {
    END.countDown();
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending: the hook runs already.
    }
  }
}
