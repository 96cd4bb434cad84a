package dev.inferno.cli;

import dev.inferno.LoadOptions;
import java.util.concurrent.CancellationException;

/// Says how far writing a file is, and ends it at Ctrl-C, so that no half of it stays behind.
final class WriteProgress implements LoadOptions.Progress, AutoCloseable {
  private final Progress progress;
  private final String file;
  private final CtrlC ctrlC = CtrlC.calls(() -> this.stopped = true);
  private volatile boolean stopped;

  WriteProgress(String file, Console console) {
    this.file = file;
    this.progress = new Progress(console.err());
  }

  @Override
  public void at(long bytes, long total) {
    if (stopped) {
      throw new CancellationException("interrupted; %s is not written".formatted(file));
    }
    progress.say("writing %s: %d %%", file, 100 * bytes / Math.max(1, total));
  }

  @Override
  public void close() {
    ctrlC.close();
  }
}
