package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Stands between a page and its server, and cuts the stream of events where a test wants it to.
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket door;
  private final URI server;
  private final Map<Socket, Long> bytesLeft = new HashMap<>(); // of the streams that are open
  private final List<Optional<String>> resumed = new ArrayList<>();
  private long bytesOfNext = Long.MAX_VALUE;

  private CuttingProxy(ServerSocket door, URI server) {
    this.door = door;
    this.server = server;
  }

  static CuttingProxy before(URI server) throws IOException {
    var proxy = new CuttingProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server);
    Thread.ofVirtual().start(proxy::accept);
    return proxy;
  }

  /// The server's address, by way of this.
  URI address() {
    return URI.create(server.toString().replace(authority(server), authority()));
  }

  /// Lets so many bytes of the next stream of events through, wherever in an event that ends, and
  /// nothing more until it is cut.
  synchronized void stopNextAfter(long bytes) {
    bytesOfNext = bytes;
  }

  /// Cuts the streams of events that are open.
  synchronized void cut() throws IOException {
    for (Socket each : bytesLeft.keySet()) {
      each.close();
    }
    bytesLeft.clear();
  }

  /// Of each stream of events that was asked for the id to go on after, if one was given.
  synchronized List<Optional<String>> resumed() {
    return List.copyOf(resumed);
  }

  private String authority() {
    return "127.0.0.1:" + door.getLocalPort();
  }

  private static String authority(URI address) {
    return "127.0.0.1:" + address.getPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = door.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try (client;
        var upstream = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      InputStream requests = new BufferedInputStream(client.getInputStream());
      Thread.ofVirtual().start(() -> answer(upstream, client));
      for (String head = head(requests); !head.isEmpty(); head = head(requests)) {
        if (head.startsWith("GET /api/events ")) {
          begin(head, client);
        }
        // the server answers to its own name only
        String own = head.replace(authority(), authority(server));
        upstream.getOutputStream().write(own.getBytes(ISO_8859_1));
        long length = header(head, "content-length").map(Long::parseLong).orElse(0L);
        upstream.getOutputStream().write(requests.readNBytes((int) length));
      }
    } catch (IOException e) {
      // one of both has gone, which is what this is for
    }
  }

  private synchronized void begin(String head, Socket client) {
    resumed.add(header(head, "last-event-id"));
    bytesLeft.put(client, bytesOfNext);
    bytesOfNext = Long.MAX_VALUE;
  }

  /// How many of so many bytes a client may have.
  private synchronized int allowed(Socket client, int bytes) {
    long left = bytesLeft.getOrDefault(client, Long.MAX_VALUE);
    int allowed = (int) Math.min(left, bytes);
    bytesLeft.computeIfPresent(client, (_, _) -> left - allowed);
    return allowed;
  }

  private void answer(Socket upstream, Socket client) {
    try (upstream;
        client) {
      OutputStream out = client.getOutputStream();
      byte[] some = new byte[1 << 13];
      InputStream in = upstream.getInputStream();
      for (int read = in.read(some); read >= 0 && !client.isClosed(); read = in.read(some)) {
        out.write(some, 0, allowed(client, read));
      }
    } catch (IOException e) {
      // one of both has gone, which is what this is for
    }
  }

  /// The first line and the headers of a request, empty at the end.
  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static Optional<String> header(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  @Override
  public void close() throws IOException {
    door.close();
    cut();
  }
}
