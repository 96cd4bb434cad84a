package dev.inferno.visualizer;

import dev.inferno.SessionOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/// A page that shows a model generating, served to the browsers of this machine alone.
///
/// ```java
/// try (Visualizer visualizer = Visualizer.start(4646, source, SessionOptions.defaults())) {
///   System.out.println(visualizer.address());
/// }
/// ```
///
/// Thread-safe.
public final class Visualizer implements AutoCloseable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int PORTS_TRIED = 64;
  private static final int HIGHEST_PORT = 65535;
  private static final long EVENT_BYTES = Math.min(64L << 20, heapShare(32));
  private static final long TENSOR_BYTES = Math.min(256L << 20, heapShare(8));

  private final EventLog events;
  private final Runner runner;
  private final Server server;

  private static long heapShare(int parts) {
    return Runtime.getRuntime().maxMemory() / parts;
  }

  private Visualizer(EventLog events, Runner runner, Server server) {
    this.events = events;
    this.runner = runner;
    this.server = server;
  }

  /// Starts the server, which has a recorded run at once, and loads the model in the background.
  ///
  /// @param port where to listen; if it is taken, the next one that is free. 0 means any
  /// @param options how the sessions of the runs are made
  /// @throws IOException if no port can be had
  /// @throws IllegalArgumentException if the port is not 0 to 65535
  public static Visualizer start(int port, ModelSource source, SessionOptions options)
      throws IOException {
    if (port < 0 || port > HIGHEST_PORT) {
      throw new IllegalArgumentException(
          "port must be 0 to %d, but is %d".formatted(HIGHEST_PORT, port));
    }
    var events = new EventLog(EVENT_BYTES);
    var kept = new KeptRuns(TENSOR_BYTES);
    Recording.load(events, kept);
    var runner = new Runner(events, kept, source, options);
    Server server = bind(port, events, kept, runner);
    server.start();
    runner.start();
    return new Visualizer(events, runner, server);
  }

  static Server bind(int first, EventLog events, KeptRuns kept, Runner runner) throws IOException {
    int last = first == 0 ? 0 : Math.min(HIGHEST_PORT, first + PORTS_TRIED - 1);
    for (int port = first; port <= last; port++) {
      try {
        var address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
        return Server.bind(address, events, kept, runner);
      } catch (BindException e) {
        if (port == last) {
          throw new IOException(
              "the ports %d to %d are taken or not allowed: %s"
                  .formatted(first, last, e.getMessage()),
              e);
        }
      }
    }
    throw new AssertionError("unreachable: the last port returns or throws");
  }

  /// The address for a browser. Its fragment has the token that control needs: whoever has the
  /// address can start and stop runs.
  public URI address() {
    return URI.create("http://127.0.0.1:%d/#token=%s".formatted(server.port(), server.token()));
  }

  /// Ends what runs, frees the model and closes all connections. Called again it does nothing.
  @Override
  public void close() {
    events.close();
    server.close();
    runner.close();
  }
}
