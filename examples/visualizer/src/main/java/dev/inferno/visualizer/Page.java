package dev.inferno.visualizer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The files of the page, which ship with the program.
final class Page {
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9-]+/)*[a-z0-9-]+\\.(html|js|css|svg)");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  /// A file and its media type.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Found(String type, byte[] bytes) {}

  private Page() {}

  /// The file of a path of a request, such as `/views/attention.js`; `/` is the page itself.
  static Optional<Found> find(String path) throws IOException {
    String name = path.equals("/") ? "index.html" : path.substring(1);
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
      String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      return in == null || type == null
          ? Optional.empty()
          : Optional.of(new Found(type, in.readAllBytes()));
    }
  }
}
