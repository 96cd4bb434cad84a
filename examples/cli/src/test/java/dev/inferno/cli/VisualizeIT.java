package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The packaged visualizer, as a process.
@DisabledOnOs(OS.WINDOWS) // which ends processes without a word to them
final class VisualizeIT {
  private static final int PATIENCE_SECONDS = 30;
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path folder;

  @Test
  void printsTheAddressAloneAndServesThePage() throws Exception {
    try (Program program = Program.start(folder, "--port=0")) {
      WireClient.Answer page = program.client().get("/");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.contentType()).isEqualTo("text/html; charset=utf-8");
      assertThat(program.terminate()).isEqualTo(TERMINATED);
      assertThat(program.out().read()).as("what follows the address").isNegative();
      assertThat(program.err()).contains("Ctrl-C ends it.");
    }
  }

  @Test
  void aPortThatIsTakenGivesTheNextOne() throws Exception {
    try (Program first = Program.start(folder, "--port=0");
        Program second = Program.start(folder, "--port=" + first.port())) {
      assertThat(second.port()).isGreaterThan(first.port());
      assertThat(second.client().get("/api/state").status()).isEqualTo(200);
    }
  }

  @Test
  void endsWhileItGeneratesAndIsWatched() throws Exception {
    try (Program program = Program.start(folder, "--port=0", "--ctx=1000000");
        WireClient.Events events = program.client().events()) {
      events.await("model", model -> model.required("status").asText().equals("ready"));
      WireClient.Answer accepted =
          program.client().post("/api/generate", "{\"prompt\":\"Once\",\"maxTokens\":1000000}");
      assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
      JsonNode run = accepted.json().required("run");
      events.await("step", step -> step.required("run").equals(run));
      assertThat(program.terminate()).isEqualTo(TERMINATED);
      try (var free = new ServerSocket()) {
        free.setReuseAddress(true); // connections that ended linger for a while
        free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), program.port()));
        assertThat(free.isBound()).isTrue();
      }
    }
  }

  @Test
  void nobodyNeedsToReadItsOutput() throws Exception {
    try (Program program = Program.start(folder, "--port=0")) {
      program.out().close();
      assertThat(program.client().get("/api/state").status()).isEqualTo(200);
      assertThat(program.terminate()).isEqualTo(TERMINATED);
    }
  }

  @Test
  void aModelThatCannotBeLoadedIsToldInThePage() throws Exception {
    String why = "general.architecture is 'lhama'";
    String model = new String(BundledModel.bytes(), ISO_8859_1);
    Path file = folder.resolve("lhama.gguf");
    Files.write(file, model.replaceFirst("llama", "lhama").getBytes(ISO_8859_1));
    try (Program program = Program.start(folder, file.toString(), "--port=0")) {
      assertThat(
              program
                  .client()
                  .await("model", event -> event.required("status").asText().equals("failed"))
                  .required("message")
                  .asText())
          .contains(why);
      assertThat(program.terminate()).isEqualTo(TERMINATED);
      assertThat(program.err().lines().filter(line -> line.contains(why))).hasSize(1);
    }
  }

  /// The program that a test started; closing it leaves nothing running.
  private record Program(Process process, BufferedReader out, WireClient client, Path errors)
      implements AutoCloseable {

    static Program start(Path folder, String... arguments) throws IOException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-p",
                  Path.of("target", "lib").toString(),
                  "-m",
                  "dev.inferno.cli/dev.inferno.cli.Main",
                  "visualize",
                  "--no-open"));
      command.addAll(List.of(arguments));
      Path errors = Files.createTempFile(folder, "program", ".err");
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      BufferedReader out = process.inputReader(UTF_8);
      String line = out.readLine();
      assertThat(line)
          .as("what it prints first; its errors: %s", Files.readString(errors))
          .matches("http://127\\.0\\.0\\.1:\\d+/#token=[\\w-]+");
      return new Program(process, out, new WireClient(URI.create(line)), errors);
    }

    int port() {
      return client.address().getPort();
    }

    String err() throws IOException {
      return Files.readString(errors);
    }

    /// Ends it as kill does (Ctrl-C is the same with another number), and returns its exit code.
    int terminate() throws InterruptedException {
      process.toHandle().destroy();
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
