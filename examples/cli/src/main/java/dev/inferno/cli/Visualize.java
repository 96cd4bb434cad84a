package dev.inferno.cli;

import dev.inferno.SessionOptions;
import dev.inferno.visualizer.ModelSource;
import dev.inferno.visualizer.Visualizer;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Shows a model generating in the browser.
@Command(
    name = "visualize",
    description = {
      "Shows a model generating, token by token, in the browser of this machine.",
      "The address is printed; it has the token that control of the model needs.",
      "Ctrl-C ends it."
    })
final class Visualize implements Callable<Integer> {
  private final Console console;

  @Mixin private ModelFile modelFile;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "Where to listen, 0 to 65535; if it is taken, the next one that is free; 0 is any."
              + " Default: ${DEFAULT-VALUE}.")
  private int port = 4646;

  @Option(names = "--no-open", description = "Print the address only, open no browser.")
  private boolean noOpen;

  @Mixin private ThreadsOption threads;

  Visualize(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    SessionOptions options = threads.apply(SessionOptions.defaults());
    var source = new ModelSource(modelFile.name(), progress -> modelFile.load(console, progress));
    var end = new CountDownLatch(1);
    try (CtrlC _ = CtrlC.calls(end::countDown);
        Visualizer visualizer = Visualizer.start(port, source, options)) {
      console.out().println(visualizer.address());
      console.out().flush();
      end.await();
    }
    return 0;
  }
}
