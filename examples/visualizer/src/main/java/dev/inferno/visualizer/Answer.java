package dev.inferno.visualizer;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/// What a request is answered with.
@FunctionalInterface
interface Answer {
  void send(HttpExchange exchange) throws IOException;

  static Answer json(int status, Object value) {
    return bytes(status, Map.of("Content-Type", "application/json"), Json.write(value));
  }

  static Answer failure(int status, String message) {
    return json(status, new Wire.Failure(message));
  }

  /// A failure after which the connection is of no use, since more of the request may follow.
  static Answer lastFailure(int status, String message) {
    return bytes(
        status,
        Map.of("Content-Type", "application/json", "Connection", "close"),
        Json.write(new Wire.Failure(message)));
  }

  static Answer notAllowed(String allowed) {
    return bytes(
        405,
        Map.of("Content-Type", "application/json", "Allow", allowed),
        Json.write(new Wire.Failure("answered here: " + allowed)));
  }

  static Answer file(Page.Found file) {
    return bytes(200, Map.of("Content-Type", file.type()), file.bytes());
  }

  static Answer tensor(Tensor tensor) {
    return bytes(
        200,
        Map.of(
            "Content-Type",
            "application/octet-stream",
            "Inferno-Shape",
            Arrays.stream(tensor.shape())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(",")),
            "Inferno-Axes",
            String.join(",", tensor.axes()),
            "Inferno-First-Position",
            Integer.toString(tensor.firstPosition())),
        tensor.littleEndian());
  }

  private static Answer bytes(int status, Map<String, String> headers, byte[] body) {
    return exchange -> {
      headers.forEach(exchange.getResponseHeaders()::set);
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
      // The server would first read on, for the end of a body that may never come.
      exchange.getResponseBody().flush();
    };
  }
}
