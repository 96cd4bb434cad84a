package dev.inferno.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.testing.Fixtures;
import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufWriterTest {
  @TempDir Path folder;

  @Test
  void everyTypeOfValueComesBackAsItWas() throws IOException {
    GgufFile file =
        written(
            new GgufWriter()
                .metadata("u8", "u8", 255L)
                .metadata("i8", "i8", -128L)
                .metadata("u16", "u16", 65535L)
                .metadata("i16", "i16", -32768L)
                .metadata("u32", "u32", 0xFFFF_FFFFL)
                .metadata("i32", "i32", -1L)
                .metadata("u64", "u64", -1L)
                .metadata("i64", "i64", Long.MIN_VALUE)
                .metadata("f32", "f32", (double) 0.1f)
                .metadata("f64", "f64", 0.1)
                .metadata("yes", "bool", true)
                .metadata("text", "str", "naïve 🔥")
                .metadata("u8s", "arr[u8]", new long[] {0, 200, 255})
                .metadata("i8s", "arr[i8]", new long[] {-128, 127})
                .metadata("u16s", "arr[u16]", new long[] {65535})
                .metadata("i16s", "arr[i16]", new long[] {-1})
                .metadata("u32s", "arr[u32]", new long[] {0xFFFF_FFFFL})
                .metadata("i32s", "arr[i32]", new long[] {-5, 5})
                .metadata("i64s", "arr[i64]", new long[] {Long.MAX_VALUE})
                .metadata("f32s", "arr[f32]", new float[] {1.5f, Float.NEGATIVE_INFINITY})
                .metadata("f64s", "arr[f64]", new double[] {Math.PI})
                .metadata("bools", "arr[bool]", new boolean[] {true, false})
                .metadata("texts", "arr[str]", List.of("a", "", "日本"))
                .metadata("none", "arr[i32]", new long[0]));

    assertThat(file.metadata().keySet()).startsWith("u8", "i8").endsWith("texts", "none");
    assertThat(file.metadata())
        .containsEntry("u8", 255L)
        .containsEntry("i8", -128L)
        .containsEntry("u16", 65535L)
        .containsEntry("i16", -32768L)
        .containsEntry("u32", 0xFFFF_FFFFL)
        .containsEntry("i32", -1L)
        .containsEntry("u64", -1L)
        .containsEntry("i64", Long.MIN_VALUE)
        .containsEntry("f32", (double) 0.1f)
        .containsEntry("f64", 0.1)
        .containsEntry("yes", true)
        .containsEntry("text", "naïve 🔥")
        .containsEntry("u8s", new long[] {0, 200, 255})
        .containsEntry("i8s", new long[] {-128, 127})
        .containsEntry("u16s", new long[] {65535})
        .containsEntry("i16s", new long[] {-1})
        .containsEntry("u32s", new long[] {0xFFFF_FFFFL})
        .containsEntry("i32s", new long[] {-5, 5})
        .containsEntry("i64s", new long[] {Long.MAX_VALUE})
        .containsEntry("f32s", new float[] {1.5f, Float.NEGATIVE_INFINITY})
        .containsEntry("f64s", new double[] {Math.PI})
        .containsEntry("bools", new boolean[] {true, false})
        .containsEntry("none", new long[0]);
    assertThat(file.strings("texts").orElseThrow()).containsExactly("a", "", "日本");
    assertThat(file.metadataType("u8s")).isEqualTo("arr[u8]");
    assertThat(file.metadataType("text")).isEqualTo("str");
  }

  @Test
  void bytesThatAreNotUtf8SurviveACopy() throws IOException {
    byte[] broken = {(byte) 0xFF, 'x'};
    Utf8List pieces =
        new Utf8List() {
          @Override
          public byte[] utf8(int index) {
            return broken.clone();
          }

          @Override
          public int size() {
            return 2;
          }
        };
    GgufFile first = written(new GgufWriter().metadata("pieces", "arr[str]", pieces));
    GgufFile second = written(new GgufWriter().metadataOf(first));

    assertThat(second.strings("pieces").orElseThrow().utf8(1)).isEqualTo(broken);
    assertThat(second.strings("pieces").orElseThrow()).containsExactly("\uFFFDx", "\uFFFDx");
  }

  @ParameterizedTest
  @EnumSource(GgmlType.class)
  void aTensorOfEveryTypeIsAsLargeAsItsBlocks(GgmlType type) throws IOException {
    byte[] data = new byte[3 * type.blockBytes()];
    Arrays.fill(data, (byte) 7);
    Path path = folder.resolve("x.gguf");
    new GgufWriter()
        .tensor("a", type, List.of((long) type.blockSize(), 3L), data)
        .tensor("b", List.of(2L), new float[] {1, 2})
        .write(path);
    GgufFile file = GgufFile.open(path);

    TensorInfo a = file.requiredTensor("a");
    assertThat(a.type()).isEqualTo(type);
    assertThat(a.dimensions()).containsExactly((long) type.blockSize(), 3L);
    assertThat(a.sizeBytes()).isEqualTo(data.length);
    byte[] bytes = Files.readAllBytes(path);
    int begin = (int) a.offset();
    assertThat(Arrays.copyOfRange(bytes, begin, begin + data.length)).isEqualTo(data);
    assertThat(bytes[begin + data.length]).isZero();
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(b.getFloat((int) file.requiredTensor("b").offset() + 4)).isEqualTo(2f);
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 64, 4096})
  void dataIsAlignedAsTheMetadataAsks(long alignment) throws IOException {
    GgufFile file =
        written(
            new GgufWriter()
                .metadata("general.alignment", "u32", alignment)
                .tensor("a", List.of(3L), new float[3])
                .tensor("b", List.of(0L), new float[0])
                .tensor("c", List.of(1L), new float[1]));
    assertThat(file.alignment()).isEqualTo(alignment);
    assertThat(file.tensors()).extracting(TensorInfo::name).containsExactly("a", "b", "c");
    assertThat(file.tensors()).allMatch(tensor -> tensor.offset() % alignment == 0);
  }

  @Test
  void aModelThatIsReadAndWrittenIsTheSameBytes() throws IOException {
    Path original = Fixtures.copied("quant/llama-256/model-Q4_K_M.gguf");
    byte[] bytes = Files.readAllBytes(original);
    GgufFile file = GgufFile.open(original);
    GgufWriter writer = new GgufWriter().metadataOf(file);
    for (TensorInfo tensor : file.tensors()) {
      writer.tensor(
          tensor.name(),
          tensor.type(),
          tensor.dimensions(),
          out -> out.write(bytes, (int) tensor.offset(), (int) tensor.sizeBytes()));
    }
    Path copy = folder.resolve("copy.gguf");
    writer.write(copy);
    assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
  }

  @Test
  void whatTheFormatCannotHoldIsRefusedWhenItIsGiven() {
    GgufWriter writer = new GgufWriter().tensor("a", List.of(1L), new float[1]);
    assertThatThrownBy(() -> writer.metadata("k", "u8", 256L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key 'k': 'u8' must be a type that holds 256 (Long)");
    for (var wrong :
        Map.of("i8", 128L, "f32", 0.1, "str", 1L, "u33", 1L, "arr[arr]", new long[0], "arr", 1L)
            .entrySet()) {
      assertThatThrownBy(() -> writer.metadata("k", wrong.getKey(), wrong.getValue()))
          .as("%s", wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> writer.metadata("general.alignment", "u32", 3L))
        .hasMessageContaining("power of two from 8 to 1048576, but is 3");
    assertThatThrownBy(() -> writer.tensor("a", List.of(1L), new float[1]))
        .hasMessage("there is a tensor 'a' already");
    assertThatThrownBy(() -> writer.tensor("b", List.of(2L), new float[1]))
        .hasMessage("tensor 'b' must have 8 bytes, but has 4");
    assertThatThrownBy(() -> writer.tensor("b", GgmlType.Q4_0, List.of(16L), new byte[9]))
        .hasMessageContaining("the first in whole blocks of 32, but has [16]");
    assertThatThrownBy(() -> writer.tensor("b".repeat(64), List.of(1L), new float[1]))
        .hasMessageContaining("at most 63 bytes");
  }

  @Test
  void aFailedWriteLeavesWhatWasThere() throws IOException {
    Path path = folder.resolve("x.gguf");
    Files.writeString(path, "old", StandardCharsets.UTF_8);
    GgufWriter writer =
        new GgufWriter().tensor("a", GgmlType.F32, List.of(2L), out -> out.write(1));
    assertThatThrownBy(() -> writer.write(path))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor 'a' must have 8 bytes, but 1 were written");
    assertThat(path).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  private GgufFile written(GgufWriter writer) throws IOException {
    Path path = folder.resolve("x.gguf");
    writer.write(path);
    return GgufFile.open(path);
  }
}
