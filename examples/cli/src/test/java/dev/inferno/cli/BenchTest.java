package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.ModelCost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `bench`, with the bundled model where no other is named. What it measures says
/// nothing here, only that it does.
final class BenchTest {
  private static final List<String> KEYS =
      List.of("cpu", "jdk", "vector_bits", "threads", "bandwidth_gbs", "fma_gflops", "rows");
  private static final List<String> ROW_KEYS =
      List.of("test", "tps", "min", "max", "roofline_tps", "ratio");
  private static final Path MODEL = Fixtures.copied("arch/llama/model-f32.gguf");

  @TempDir Path folder;

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> tests(JsonNode json) {
    List<String> tests = new ArrayList<>();
    json.required("rows").forEach(row -> tests.add(row.required("test").asText()));
    return tests;
  }

  @Test
  void theObjectHasTheKeysThatOtherProgramsReadFirstAndInThisOrder() {
    CommandRun run =
        CommandRun.of(
            "bench", "-p", "20", "-n", "3", "-t", "1", "-r", "3", "--warm-up=1", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err().lines().filter(line -> line.startsWith("pp20 "))).hasSize(4);
    JsonNode json = run.json();
    assertThat(names(json)).startsWith(KEYS.toArray(String[]::new));
    assertThat(json.required("cpu").asText()).isNotBlank();
    assertThat(json.required("jdk").asText()).contains(System.getProperty("java.vm.name"));
    assertThat(json.required("vector_bits").intValue()).isPositive();
    assertThat(json.required("threads").intValue()).isEqualTo(1);
    assertThat(json.required("bandwidth_gbs").doubleValue()).isPositive();
    assertThat(json.required("fma_gflops").doubleValue()).isPositive();
    assertThat(json.required("model").asText()).isEqualTo("Inferno Tiny");
    assertThat(json.required("quantization").asText()).startsWith("Q8_0");
    assertThat(json.required("kv").asText()).isEqualTo("f16");
    assertThat(tests(json)).containsExactly("pp20", "tg3");
    for (JsonNode row : json.required("rows")) {
      assertThat(names(row)).startsWith(ROW_KEYS.toArray(String[]::new));
      double median = row.required("tps").doubleValue();
      assertThat(row.required("runs")).hasSize(3);
      assertThat(row.required("min").doubleValue()).isPositive().isLessThanOrEqualTo(median);
      assertThat(row.required("max").doubleValue()).isGreaterThanOrEqualTo(median);
      assertThat(row.required("ratio").doubleValue())
          .isEqualTo(median / row.required("roofline_tps").doubleValue());
      assertThat(row.has("peer")).isFalse();
    }
  }

  @Test
  void roundedActivationsAreNamed() {
    String[] arguments = {"bench", "-p1", "-n2", "-t1", "-r1", "-w0", "--round-activations"};
    assertThat(CommandRun.of(arguments).out()).contains("KV cache F16, activations rounded to 8");
  }

  @Test
  void lengthsDepthsAndSessionsGiveARowEach() {
    CommandRun run =
        CommandRun.of(
            "bench",
            "-p",
            "3,0",
            "-n",
            "2,4",
            "-d",
            "0,70",
            "--sessions=2",
            "-r1",
            "-w0",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(tests(run.json()))
        .containsExactly(
            "pp3",
            "tg2",
            "tg2x2",
            "tg4",
            "tg4x2", //
            "pp3@d70",
            "tg2@d70",
            "tg2x2@d70",
            "tg4@d70",
            "tg4x2@d70");
    JsonNode last = run.json().required("rows").get(9);
    assertThat(last.required("tokens").intValue()).isEqualTo(4);
    assertThat(last.required("depth").intValue()).isEqualTo(70);
    assertThat(last.required("sessions").intValue()).isEqualTo(2);
  }

  @Test
  void peopleSeeTheMachineAndATable() {
    CommandRun run = CommandRun.of("bench", "-p0", "-n2", "-d8", "-r2", "-w0", "--kv=f32");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("Inferno Tiny: llama, Q8_0", "KV cache F32", "GB/s", "GFLOP/s", "roofline")
        .contains("Java " + System.getProperty("java.runtime.version"))
        .containsPattern("tg2 @ d8( +[0-9.]+){5}\n")
        .doesNotContain("pp", "llama.cpp");
  }

  @Test
  void moreThanTheContextIsAFailure() {
    for (List<String> counts :
        List.of(
            List.of("-p513"),
            List.of("-n513"),
            List.of("-p1", "-n1", "-d0,512"),
            List.of("-p0", "-n512", "--sessions=2"))) {
      List<String> arguments = new ArrayList<>(List.of("bench", "-r1"));
      arguments.addAll(counts);
      CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .contains("513 tokens do not fit in the context, which has room for 512")
          .hasLineCount(1); // said before anything is measured
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-p=-1",
        "-n=-1",
        "-n=1,-1",
        "-d=-1",
        "-r=0",
        "-w=-1",
        "-t=0",
        "-p=x",
        "--sessions=0",
        "--kv=q8",
        "--peer",
        "--bogus"
      })
  void whatMakesNoSenseIsNotUnderstood(String option) {
    CommandRun run = CommandRun.of("bench", option);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(CommandRun.of("bench", "-p=0", "-n=0").exitCode()).isEqualTo(2);
  }

  /// A program that answers as llama-bench does, and notes what it was asked.
  private Path peerThat(String... lines) throws IOException {
    List<String> script = new ArrayList<>(List.of("#!/bin/sh"));
    script.addAll(List.of(lines));
    Path program = folder.resolve("llama-bench");
    Files.write(program, script);
    return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void thePeerIsMeasuredInTurnsOnTheSameTests() throws IOException {
    Path asked = folder.resolve("asked");
    Path program =
        peerThat(
            "echo \"$@\" >> " + asked,
            "echo 'loading' >&2",
            "echo '[{\"n_prompt\": 4, \"avg_ts\": 12.5, \"samples_ts\": [12.5]}]'");
    String[] arguments = {
      "bench", MODEL.toString(), "-p4", "-n2", "-d8", "-t1", "-r2", "-w0", "--peer=" + program
    };
    List<String> forJson = new ArrayList<>(List.of(arguments));
    forJson.addAll(List.of("--json", "--sessions=2"));
    CommandRun run = CommandRun.of(forJson.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readAllLines(asked))
        .containsExactly(
            "-m " + MODEL + " -p 4 -n 0 -d 8 -t 1 -ctk f16 -ctv f16 -r 1 -o json",
            "-m " + MODEL + " -p 4 -n 0 -d 8 -t 1 -ctk f16 -ctv f16 -r 1 -o json",
            "-m " + MODEL + " -p 0 -n 2 -d 8 -t 1 -ctk f16 -ctv f16 -r 1 -o json",
            "-m " + MODEL + " -p 0 -n 2 -d 8 -t 1 -ctk f16 -ctv f16 -r 1 -o json");
    assertThat(run.err().lines().limit(4).map(line -> line.contains("llama.cpp")))
        .as("ours first, then theirs")
        .containsExactly(false, true, false, true);
    JsonNode rows = run.json().required("rows");
    for (int i = 0; i < 2; i++) {
      JsonNode peer = rows.get(i).required("peer");
      assertThat(names(peer)).containsExactly("tps", "min", "max", "ratio");
      assertThat(peer.required("tps").doubleValue()).isEqualTo(12.5);
      assertThat(peer.required("ratio").doubleValue())
          .isEqualTo(rows.get(i).required("tps").doubleValue() / 12.5);
    }
    assertThat(rows.get(2).has("peer")).as("llama-bench decodes one text").isFalse();

    assertThat(CommandRun.of(arguments).out())
        .contains("llama.cpp", "ours/theirs")
        .containsPattern("tg2 @ d8( +[0-9.]+){5} +12\\.5 +12\\.5 +12\\.5 +[0-9.]+\n");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void thePeerIsFoundInAFolderOfThePath() throws IOException {
    Path program = peerThat("exit 0");
    assertThat(LlamaBench.onPath("/no/such/folder:" + folder + ":"))
        .isEqualTo(new LlamaBench(program));
    assertThatThrownBy(() -> LlamaBench.onPath("/no/such/folder"))
        .hasMessage(
            "--peer: there is no llama-bench on the PATH; --peer=/path/to/llama-bench names one");
  }

  @Test
  void aPeerThatIsNotThereIsSaidBeforeAnythingIsMeasured() {
    CommandRun run = CommandRun.of("bench", MODEL.toString(), "--peer=no/such/program");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("inferno bench: --peer: no/such/program is no program\n");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerThatFailsIsAFailureThatNamesItsReason() throws IOException {
    String[] arguments = {"bench", MODEL.toString(), "-p1", "-n0", "-r1", "-w0", ""};
    arguments[6] = "--peer=" + peerThat("echo begin >&2", "echo 'no such type' >&2", "exit 3");
    CommandRun failed = CommandRun.of(arguments);
    assertThat(failed.err()).endsWith("exit code 3: no such type\n");
    assertThat(failed.out()).as("our own row is there all the same").contains("\npp1 ");
    peerThat("exit 3");
    assertThat(CommandRun.of(arguments).err()).endsWith("exit code 3: it says no more\n");
    peerThat("exit 132");
    assertThat(CommandRun.of(arguments).err())
        .endsWith("exit code 132: ended by signal 4, without a word\n");
    peerThat("exit 0");
    assertThat(CommandRun.of(arguments).err()).endsWith("its answer is empty, must be JSON\n");
    peerThat("echo '[]'");
    assertThat(CommandRun.of(arguments).err()).contains("its answer has 0 results");
    peerThat("echo '| pp1 |'");
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("its answer is not valid JSON");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPeerIsEndedWhenAllIsToEnd() throws IOException {
    LlamaBench peer = LlamaBench.at(peerThat("exec sleep 1000"));
    var workload = new BenchWorkload(BenchWorkload.Kind.PROMPT, 1, 0, 1);
    var stop = new Stop();
    stop.stop();
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    assertThatThrownBy(() -> peer.run(workload, MODEL, 1, KeyValueType.F16, stop))
        .isInstanceOf(CancellationException.class);
    assertThat(ProcessHandle.current().children()).isSubsetOf(before);
  }

  @Test
  void rooflinesAreWhatTheMachineHasByWhatATokenTakes() {
    // 1,000 bytes, 300 multiply-adds in layers and 100 in the head; a layer that sees everything
    // has 10 numbers a position in its cache, and 20 multiply-adds
    var cost = new ModelCost(1000, 300, 100, 10, 20, List.of(0));
    assertThat(
            new BenchWorkload(BenchWorkload.Kind.PROMPT, 2, 0, 1)
                .roofline(cost, KeyValueType.F16, 12_000, 6_000))
        .isEqualTo(6_000 / (2 * (300 + 1.5 * 20 + 100 / 2.0)));
    assertThat(
            new BenchWorkload(BenchWorkload.Kind.DECODE, 1, 9, 1)
                .roofline(cost, KeyValueType.F16, 12_000, 6_000))
        .isEqualTo(12_000 / (1000.0 + 10 * 10 * 2));

    var two = new BenchWorkload(BenchWorkload.Kind.DECODE, 1, 9, 2);
    assertThat(two.roofline(cost, KeyValueType.F16, 12_000, 6_000))
        .as("two sessions, limited by multiply-adds")
        .isEqualTo(6_000 / (2 * (300.0 + 10 * 20 + 100)));
    assertThat(two.roofline(cost, KeyValueType.F16, 12_000, 60_000))
        .as("limited by memory: the weights once, two caches")
        .isEqualTo(12_000 / (1000 / 2.0 + 10 * 10 * 2));
  }

  @Test
  void theMedianIsInTheMiddle() {
    var speeds = new Speeds();
    speeds.add(5);
    assertThat(speeds.median()).isEqualTo(5);
    speeds.add(1);
    assertThat(speeds.median()).isEqualTo(3);
    speeds.add(9);
    assertThat(speeds.median()).isEqualTo(5);
    assertThat(speeds.least()).isEqualTo(1);
    assertThat(speeds.most()).isEqualTo(9);
    assertThat(speeds.runs()).containsExactly(5.0, 1.0, 9.0);
  }
}
