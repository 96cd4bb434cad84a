package dev.inferno.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MalformedGgufTest {
  /// Borderline files that we open; the other ones are refused.
  private static final Set<String> OPENED =
      Set.of(
          "gguf/ok_trailing_bytes.gguf",
          "gguf/key_non_ascii.gguf",
          "gguf/arch_wrong_type.gguf",
          "gguf/zero_dim_big.gguf");

  @TestFactory
  List<DynamicTest> everyFileIsHandledAsItsVerdictSays() {
    return Json.read(Fixtures.copied("malformed/manifest.json"))
        .required("cases")
        .valueStream()
        .filter(row -> row.required("format").asText().equals("gguf"))
        .map(row -> DynamicTest.dynamicTest(row.required("file").asText(), () -> check(row)))
        .toList();
  }

  private static void check(JsonNode row) {
    String file = row.required("file").asText();
    String reason = row.required("reason").asText();
    boolean opens =
        switch (row.required("verdict").asText()) {
          case "accept", "model-reject", "model-policy" -> true;
          case "reject" -> false;
          case "policy" -> OPENED.contains(file);
          default -> throw new AssertionError(row);
        };
    if (opens) {
      assertThatCode(() -> open(file)).as(reason).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> open(file))
          .as(reason)
          .isInstanceOfAny(MalformedModelException.class, UnsupportedModelException.class)
          .hasMessageMatching("\\w+\\.gguf: (malformed at byte \\d+|unsupported): [^\n]*");
    }
  }

  @Test
  void aMessageNamesTheByteWhatWasFoundAndWhatWasPossible() {
    assertRefused("empty_file", "malformed at byte 0: not a GGUF file: it has 0 bytes, too few");
    assertRefused(
        "old_ggml_magic", "unsupported: a file of the old GGML format; supported is GGUF");
    assertRefused("big_endian", "unsupported: a big-endian file (of GGUF version 3)");
    assertRefused("n_kv_minus1", "18446744073709551615 key-value pairs, but the");
    assertRefused("str_len_minus1", "string of 18446744073709551615 bytes, but");
    assertRefused("key_dup", "appears twice");
    assertRefused("bool_2", "bool of value 2, must be 0 or 1");
    assertRefused("arr_over_1Gi", "elements, at most 1073741824 are possible");
    assertRefused(
        "align_3", "key 'general.alignment' is 3, must be a power of two from 8 to 1048576");
    assertRefused("align_wrong_type", "must be u32");
    assertRefused("type_removed_q4_2", "tensor 'a' has type 4, which was removed from ggml; known");
    assertRefused("type_43", "tensor 'a' has type 43, which is unknown; known are F32, F16, Q4_0");
    assertRefused("offset_gap", "bytes into the data, must be");
    assertRefused("data_truncated", "of the data, but the file has");
    assertRefused(
        "pad_missing", "tensor 'a' takes bytes 0 to 64 of the data, but the file has 38 of");
  }

  private static void assertRefused(String file, String message) {
    assertThatThrownBy(() -> open("gguf/" + file + ".gguf")).hasMessageContaining(message);
  }

  @Test
  void theBorderlineFilesThatOpenSayWhatIsUnusual() throws IOException {
    assertThat(open("gguf/ok_trailing_bytes.gguf").warnings())
        .containsExactly("4 bytes follow the end of the data");
    assertThat(open("gguf/key_non_ascii.gguf").warnings())
        .containsExactly("key 'général.x' is not ASCII");
    assertThat(open("gguf/ok_min.gguf").warnings()).isEmpty();
    assertThatThrownBy(() -> open("gguf/arch_wrong_type.gguf").string("general.architecture"))
        .hasMessage(
            "arch_wrong_type.gguf: malformed: key 'general.architecture' is u32, must be str");
  }

  @Test
  void damageAnywhereIsReportedAsDamageOrLeavesAValidFile() throws IOException {
    for (String file :
        List.of("ok_two_tensors", "ok_empty_array", "tok_merge_unknown", "arr_nested")) {
      byte[] valid = Files.readAllBytes(Fixtures.copied("malformed/gguf/" + file + ".gguf"));
      for (int at = 0; at < valid.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] damaged = valid.clone();
          damaged[at] ^= (byte) (1 << bit);
          openOrReport(damaged, "%s, bit %d of byte %d".formatted(file, bit, at));
        }
        byte[] extreme = valid.clone();
        Arrays.fill(extreme, at, Math.min(at + 8, extreme.length), (byte) 0xFF);
        openOrReport(extreme, "%s, ones from byte %d".formatted(file, at));
        openOrReport(Arrays.copyOf(valid, at), "%s, %d bytes".formatted(file, at));
      }
    }
  }

  private static void openOrReport(byte[] bytes, String what) {
    try {
      GgufFile file = GgufFile.of(bytes, "x");
      file.tensors().forEach(TensorInfo::elements);
    } catch (MalformedModelException | UnsupportedModelException e) {
      assertThat(e).as(what).hasMessageStartingWith("x: ");
    }
  }

  private static GgufFile open(String file) throws IOException {
    return GgufFile.open(Fixtures.copied("malformed/" + file));
  }
}
