package dev.inferno.visualizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.SessionOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Collections;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What other sites, other machines and broken clients must not be able to do.
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecurityTest {
  private Visualizer visualizer;
  private Client client;

  @BeforeAll
  void start() throws IOException {
    var none =
        new ModelSource(
            "none",
            _ -> {
              throw new IOException("there is no model here");
            });
    visualizer = Visualizer.start(0, none, SessionOptions.defaults());
    client = Client.of(visualizer);
  }

  @AfterAll
  void stop() {
    client.close();
    visualizer.close();
  }

  private String get(String path, String... headers) throws IOException {
    return client.raw(
        "GET "
            + path
            + " HTTP/1.1\r\n"
            + String.join("\r\n", headers)
            + "\r\nConnection: close\r\n\r\n");
  }

  private String own() {
    return "Host: 127.0.0.1:" + client.port();
  }

  @Test
  void itsOwnPageIsServed() throws IOException {
    assertThat(get("/", own())).startsWith("HTTP/1.1 200 ").contains("Content-type: text/html");
    assertThat(get("/", "Host: LocalHost:" + client.port())).startsWith("HTTP/1.1 200 ");
    assertThat(get("/", own(), "Origin: http://127.0.0.1:" + client.port()))
        .startsWith("HTTP/1.1 200 ");
    assertThat(get("/", own(), "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void nothingListensOnOtherAddresses() throws IOException {
    for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(card.getInetAddresses())) {
        if (!address.isLoopbackAddress()) {
          assertThat(accepts(address)).as("%s", address).isFalse();
        }
      }
    }
  }

  private boolean accepts(InetAddress address) {
    try (var _ = new Socket(address, client.port())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example",
        "Host: evil.example:PORT",
        "Host: 127.0.0.1",
        "Host: 127.0.0.1:1",
        "Host: 127.0.0.1.evil.example:PORT",
        "Host:",
        "X: no host",
        "Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT",
        "Host: 127.0.0.1:PORT\r\nHost: evil.example",
      })
  void aForeignHostIsRefused(String headers) throws IOException {
    String given = headers.replace("PORT", Integer.toString(client.port()));
    assertThat(get("/", given)).startsWith("HTTP/1.1 403 ");
    assertThat(get("/api/events", given)).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void anOldClientWithoutAHostIsRefused() throws IOException {
    assertThat(client.raw("GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: https://127.0.0.1:PORT",
        "Origin: http://localhost:PORT",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors",
      })
  void aForeignOriginIsRefused(String headers) throws IOException {
    String given = headers.replace("PORT", Integer.toString(client.port()));
    assertThat(get("/api/state", own(), given)).startsWith("HTTP/1.1 403 ");
    String post = post(given + "\r\nContent-Length: 2\r\nConnection: close") + "{}";
    assertThat(client.raw(post)).startsWith("HTTP/1.1 403 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer ", "Bearer wrong", "Basic TOKEN", "TOKEN", "bearer TOKEN"})
  void controlNeedsTheToken(String authorization) throws IOException, InterruptedException {
    var request =
        client
            .request("/api/stop")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{}"));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization.replace("TOKEN", client.token()));
    }
    HttpResponse<String> response = client.send(request);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.body()).doesNotContain(client.token());
  }

  @Test
  void theTokenIsNowhereButInTheAddress() throws IOException, InterruptedException {
    assertThat(client.token()).hasSizeGreaterThanOrEqualTo(32);
    assertThat(client.get("/").body()).doesNotContain(client.token());
    assertThat(client.get("/api/state").body()).doesNotContain(client.token());
  }

  @Test
  void aFormOfAnotherSiteCannotPost() throws IOException, InterruptedException {
    for (String type : new String[] {"text/plain", "application/x-www-form-urlencoded"}) {
      var request =
          client
              .request("/api/stop")
              .header("Authorization", "Bearer " + client.token())
              .header("Content-Type", type)
              .POST(BodyPublishers.ofString("{}"));
      assertThat(client.send(request).statusCode()).isEqualTo(415);
    }
  }

  @Test
  void theContentPolicyAllowsNothingFromElsewhere() throws IOException, InterruptedException {
    var headers = client.get("/").headers();
    assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe", "http:", "https:", "*");
    assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(headers.firstValue("Cross-Origin-Resource-Policy")).contains("same-origin");
    assertThat(headers.firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/views/..%2findex.html",
        "/views/../index.html",
        "//index.html",
        "/./index.html",
        "/index.html%00.js",
        "/..%5c..%5cServer.class",
        "/../Server.class",
        "/Server.class",
        "/../recording/events.jsonl",
        "http://127.0.0.1/../recording/events.jsonl",
        "/api/../../x",
        "/" + "a/" + "../../x",
      })
  void aPathLeadsNowhereElse(String path) throws IOException {
    assertThat(get(path, own())).startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET",
        "GET /",
        "GET / HTTP/1.1 extra",
        "GET %zz HTTP/1.1",
        "GET mailto:x HTTP/1.1",
        "GET * HTTP/1.1",
        "\u0000\u0001\u0002",
        "POST / HTTP/1.1\r\nContent-Length: x",
        "POST / HTTP/1.1\r\nContent-Length: -1",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip",
      })
  void garbageIsSurvived(String head) throws IOException {
    String response = client.raw(head + "\r\nConnection: close\r\n\r\n");
    assertThat(response).doesNotStartWith("HTTP/1.1 200").doesNotStartWith("HTTP/1.1 500");
    assertThat(get("/", own())).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void anEndlessHeaderIsCutOff() throws IOException {
    try (Socket socket = client.connect()) {
      OutputStream out = socket.getOutputStream();
      byte[] much = "x".repeat(1 << 16).getBytes(ISO_8859_1);
      out.write("GET / HTTP/1.1\r\nX: ".getBytes(ISO_8859_1));
      assertThat(writesAreRefused(out, much, 1000)).isTrue();
    }
    assertThat(get("/", own())).startsWith("HTTP/1.1 200 ");
  }

  private static boolean writesAreRefused(OutputStream out, byte[] bytes, int times) {
    try {
      for (int i = 0; i < times; i++) {
        out.write(bytes);
      }
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private String post(String more) {
    return "POST /api/generate HTTP/1.1\r\n%s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s\r\n\r\n"
        .formatted(own(), client.token(), more);
  }

  @Test
  void aHundredMegabytesAreRefusedBeforeTheyAreSent() throws IOException {
    try (Socket socket = client.connect()) {
      socket.getOutputStream().write(post("Content-Length: 104857600").getBytes(ISO_8859_1));
      byte[] response = new byte[12];
      socket.getInputStream().readNBytes(response, 0, response.length);
      assertThat(new String(response, UTF_8)).isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void aHundredMegabytesThatAreSentAllTheSameAreNotRead() throws IOException {
    try (Socket socket = client.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(post("Content-Length: 104857600").getBytes(ISO_8859_1));
      assertThat(writesAreRefused(out, new byte[1 << 16], 1600)).isTrue();
    }
    assertThat(get("/", own())).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void chunksAreReadUpToTheLimit() throws IOException {
    try (Socket socket = client.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(post("Transfer-Encoding: chunked").getBytes(ISO_8859_1));
      byte[] chunk = ("10000\r\n" + " ".repeat(1 << 16) + "\r\n").getBytes(ISO_8859_1);
      assertThat(writesAreRefused(out, chunk, 1600)).isTrue();
    }
    assertThat(get("/", own())).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aBodyOfExactlyTheLimitIsRead() throws IOException, InterruptedException {
    String start = "{\"prompt\":\"";
    String body = start + "a".repeat((1 << 20) - start.length() - 2) + "\"}";
    assertThat(client.post("/api/generate", body).statusCode()).isEqualTo(503); // no model
    assertThat(client.post("/api/generate", body + " ").statusCode()).isEqualTo(413);
  }

  @Test
  void otherMethodsAreRefusedByName() throws IOException, InterruptedException {
    for (String method : new String[] {"PUT", "DELETE", "OPTIONS", "PATCH", "X"}) {
      var response = client.send(client.request("/").method(method, BodyPublishers.noBody()));
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow")).contains("GET, POST");
    }
  }

  @Test
  void headGivesTheHeadersOfAFile() throws IOException, InterruptedException {
    var head = client.send(client.request("/").HEAD());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
        .isEqualTo(client.bytes("/").body().length);
    assertThat(client.send(client.request("/nothing.js").HEAD()).statusCode()).isEqualTo(404);
    assertThat(client.send(client.request("/api/events").HEAD()).statusCode()).isEqualTo(405);
  }
}
