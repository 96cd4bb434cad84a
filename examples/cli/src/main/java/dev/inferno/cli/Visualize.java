package dev.inferno.cli;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.format.GgufFile;
import dev.inferno.visualizer.ModelSource;
import dev.inferno.visualizer.Visualizer;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Shows a model generating in the browser.
@Command(
    name = "visualize",
    description = {
      "Shows a model generating, token by token, in the browser of this machine.",
      "The address is printed; it has the token that control of the model needs.",
      "Ctrl-C ends it; the exit code is then 130."
    })
final class Visualize implements Callable<Integer> {
  private static final int HIGHEST_PORT = 65535;

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "Where to listen, 0 to 65535; if it is taken, the next one that is free; 0 is any."
              + " Default: ${DEFAULT-VALUE}.")
  private int port = 4646;

  @Option(names = "--no-open", description = "Print the address only, open no browser.")
  private boolean addressOnly;

  @Mixin private CacheOptions cache;
  @Mixin private ThreadsOption threads;

  Visualize(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > HIGHEST_PORT) {
      throw new ParameterException(
          spec.commandLine(), "--port must be 0 to %d, but is %d".formatted(HIGHEST_PORT, port));
    }
    SessionOptions options =
        Failures.inRange(spec.commandLine(), () -> threads.apply(cache.sessionOptions()));
    GgufFile header = modelFile.header(console); // what is no model fails here, not in the page
    var end = new CountDownLatch(1);
    var source =
        new ModelSource(header.name(), progress -> load(header, options, untilEnd(end, progress)));
    try (CtrlC _ = CtrlC.calls(end::countDown);
        Visualizer visualizer = Visualizer.start(port, source, options)) {
      announce(visualizer.address());
      end.await();
    }
    return 0;
  }

  /// A load that is not waited for when the program is to end.
  private static LoadOptions.Progress untilEnd(CountDownLatch end, LoadOptions.Progress progress) {
    return (bytes, total) -> {
      if (end.getCount() == 0) {
        throw new CancellationException("the program ends");
      }
      progress.at(bytes, total);
    };
  }

  private Model load(GgufFile header, SessionOptions options, LoadOptions.Progress progress)
      throws IOException {
    Model model;
    try {
      model = modelFile.load(header, console, progress);
    } catch (CancellationException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      console.err().println(spec.qualifiedName() + ": " + Failures.message(e));
      throw e; // to the page
    }
    options
        .contextLength()
        .ifPresent(context -> ModelFile.warnOfContext(context, model.info(), console));
    return model;
  }

  private void announce(URI address) {
    console.out().println(address);
    if (console.out().checkError()) { // flushes; if nobody reads there, somebody may read here
      console.err().println(address);
    }
    if (port != 0 && address.getPort() != port) {
      console.err().printf("Port %d is taken, %d is not.%n", port, address.getPort());
    }
    console.err().println("Ctrl-C ends it.");
    if (!addressOnly) {
      Browser.open(address, console.err());
    }
  }
}
