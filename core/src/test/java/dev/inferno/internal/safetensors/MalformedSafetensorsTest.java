package dev.inferno.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.MalformedModelException;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MalformedSafetensorsTest {

  @TestFactory
  List<DynamicTest> everyFileIsHandledAsItsVerdictSays() {
    return Json.read(Fixtures.copied("malformed/manifest.json"))
        .required("cases")
        .valueStream()
        .filter(row -> row.required("format").asText().equals("safetensors"))
        .map(row -> DynamicTest.dynamicTest(row.required("file").asText(), () -> check(row)))
        .toList();
  }

  private static void check(JsonNode row) {
    String file = row.required("file").asText();
    String reason = row.required("reason").asText();
    // Of the borderline files, the library accepts one; that one is recommended for rejection.
    if (row.required("verdict").asText().equals("accept")) {
      assertThatCode(() -> open(file)).as(reason).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> open(file))
          .as(reason)
          .isInstanceOf(MalformedModelException.class)
          .hasMessageStartingWith(file.substring(file.indexOf('/') + 1) + ": malformed")
          .hasMessageNotContaining("\n");
    }
  }

  private static void open(String file) throws IOException {
    MappedSafetensors.open(Fixtures.copied("malformed/" + file)).close();
  }

  @Test
  void aMessageNamesTheByteWhatWasFoundAndWhatWasPossible() {
    assertThatThrownBy(
            () -> parse("{\"a\":{\"dtype\":\"f32\",\"shape\":[],\"data_offsets\":[0,4]}}"))
        .hasMessageStartingWith("x: malformed at byte 22: tensor 'a' has dtype 'f32'; known are [")
        .hasMessageContaining("F32");
    assertThatThrownBy(
            () -> parse("{\"a\":{\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,4]}}"))
        .hasMessage(
            "x: malformed at byte 37: tensor 'a' shape holds -0, must be integers from 0 to 2^63"
                + " - 1");
    assertThatThrownBy(() -> parse("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}"))
        .hasMessage("x: malformed at byte 39: tensor 'a' has no data_offsets");
    assertThatThrownBy(() -> parse("{\"a\":{},\"\\u0061\":{}}"))
        .hasMessageContaining("tensor 'a' has no dtype");
    assertThatThrownBy(() -> parse("{\"__metadata__\":{\"a\":\"\",\"\\u0061\":\"\"}}"))
        .hasMessageContaining("Duplicate field 'a'");
    assertThatThrownBy(() -> parse("{\"__metadata__\":{\"a\":\"\\ud800x\"}}"))
        .hasMessageContaining("__metadata__ 'a' with half a surrogate pair, \\ud800");
  }

  @Test
  void whatTheFormatDoesNotKnowIsSkipped() {
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"note\":{\"x\":[1,{}]},\"shape\":[2,0],\"data_offsets\":[0,0]}}   ";
    assertThat(parse(header).tensors()).containsOnlyKeys("a");
  }

  @Test
  void whatTheReferenceLibraryAcceptsBeyondTheFormatIsAccepted() {
    String empty = "\"dtype\":\"F32\",\"shape\":[4611686018427387904,0],\"data_offsets\":[0,0]";
    assertThat(parse("{\"a\":{" + empty + "}}").tensors()).containsOnlyKeys("a");
    assertThat(parse("{\"__metadata__\":null}").metadata()).isEmpty();
  }

  @Test
  void damageAnywhereIsReportedAsDamageOrLeavesAValidFile() throws IOException {
    byte[] valid = Files.readAllBytes(Fixtures.copied("malformed/safetensors/ok_one.safetensors"));
    for (int at = 0; at < valid.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = valid.clone();
        damaged[at] ^= (byte) (1 << bit);
        openOrReport(damaged, "bit " + bit + " of byte " + at);
      }
      byte[] shorter = java.util.Arrays.copyOf(valid, at);
      assertThatThrownBy(() -> MappedSafetensors.of(shorter, "x"))
          .as("%d bytes", at)
          .isInstanceOf(MalformedModelException.class);
    }
  }

  private static void openOrReport(byte[] bytes, String what) {
    try (MappedSafetensors file = MappedSafetensors.of(bytes, "x")) {
      file.tensors().values().forEach(file::data);
    } catch (MalformedModelException e) {
      assertThat(e).as(what).hasMessageStartingWith("x: malformed");
    }
  }

  private static MappedSafetensors parse(String header) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[8 + json.length];
    bytes[0] = (byte) json.length;
    bytes[1] = (byte) (json.length >> 8);
    System.arraycopy(json, 0, bytes, 8, json.length);
    return MappedSafetensors.of(bytes, "x");
  }
}
