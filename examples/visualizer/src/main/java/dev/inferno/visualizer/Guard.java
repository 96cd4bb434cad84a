package dev.inferno.visualizer;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Who may ask. A page of another site that the same browser has open must reach nothing: its
/// requests name another `Origin`, or, if it had its name resolved to this machine, another `Host`.
/// What changes something needs the token besides, which only the printed address has.
final class Guard {
  private static final List<String> NAMES = List.of("127.0.0.1", "localhost", "[::1]");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final String token;
  private final List<String> hosts;

  Guard(int port) {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    this.token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    this.hosts = NAMES.stream().map(name -> name + ":" + port).toList();
  }

  String token() {
    return token;
  }

  /// Why a request is refused, if it is.
  Optional<String> refusal(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || !hosts.contains(host.getFirst().toLowerCase(Locale.ROOT))) {
      return Optional.of("the Host must be one of %s, but is %s".formatted(hosts, host));
    }
    for (String origin : headers.getOrDefault("Origin", List.of())) {
      if (!origin.equalsIgnoreCase("http://" + host.getFirst())) {
        return Optional.of("requests of the origin %s are not answered".formatted(origin));
      }
    }
    String site = headers.getFirst("Sec-Fetch-Site");
    boolean opensThePage = "navigate".equals(headers.getFirst("Sec-Fetch-Mode"));
    if (site != null && !OWN_SITE.contains(site) && !opensThePage) {
      return Optional.of("requests of other sites are not answered");
    }
    return Optional.empty();
  }

  /// Whether a request may change something.
  boolean mayControl(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8),
            ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
  }
}
