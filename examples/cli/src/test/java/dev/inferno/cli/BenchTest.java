package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `bench`, with the bundled model where no other is named.
final class BenchTest {

  @Test
  void speedsOfEveryRunAreReported() {
    CommandRun run =
        CommandRun.of(
            "bench", "-p", "20", "-n", "3", "-t", "1", "-r", "3", "--warm-up=1", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err().lines().filter(line -> line.startsWith("prefill"))).hasSize(4);
    JsonNode json = run.json();
    assertThat(json.required("model").asText()).isEqualTo("Inferno Tiny");
    assertThat(json.required("architecture").asText()).isEqualTo("llama");
    assertThat(json.required("quantization").asText()).startsWith("Q8_0");
    assertThat(json.required("kv").asText()).isEqualTo("f16");
    assertThat(json.required("threads").intValue()).isEqualTo(1);
    assertThat(json.required("cpu").asText()).isNotBlank();
    assertThat(json.required("java").asText()).startsWith(System.getProperty("java.version"));
    assertThat(json.required("prompt_tokens").intValue()).isEqualTo(20);
    assertThat(json.required("decode_tokens").intValue()).isEqualTo(3);
    for (String speeds : new String[] {"prefill_tps", "decode_tps"}) {
      JsonNode object = json.required(speeds);
      assertThat(object.required("runs")).hasSize(3);
      assertThat(object.required("min").doubleValue())
          .isPositive()
          .isLessThanOrEqualTo(object.required("mean").doubleValue());
      assertThat(object.required("max").doubleValue())
          .isGreaterThanOrEqualTo(object.required("mean").doubleValue());
    }
  }

  @Test
  void aPartMayBeLeftOut() {
    CommandRun run = CommandRun.of("bench", "-p0", "-n2", "-r1", "-w0");
    assertThat(run.out()).contains("decode       2 tokens: ").doesNotContain("prefill");
    assertThat(
            CommandRun.of("bench", "-p2", "-n0", "-r1", "-w0", "--json")
                .json()
                .required("decode_tps")
                .isNull())
        .isTrue();
  }

  @Test
  void moreThanTheContextIsAFailure() {
    for (String count : List.of("-p513", "-n513")) {
      CommandRun run = CommandRun.of("bench", count, "-r1");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .contains("513 tokens do not fit in the context, which has room for 512")
          .doesNotContain("warm-up"); // said before anything is measured
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-p=-1", "-n=-1", "-r=0", "-w=-1", "-t=0", "-p=x", "--kv=q8", "--bogus"})
  void whatMakesNoSenseIsNotUnderstood(String option) {
    CommandRun run = CommandRun.of("bench", option);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(CommandRun.of("bench", "-p=0", "-n=0").exitCode()).isEqualTo(2);
  }
}
