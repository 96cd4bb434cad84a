package dev.inferno.internal.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class BlockEncoderTest {
  private static final int LENGTH = 8192;

  static List<BlockEncoder> encoders() {
    return BlockFormats.all().stream()
        .filter(BlockEncoder.class::isInstance)
        .map(BlockEncoder.class::cast)
        .filter(encoder -> encoder.type() != GgmlType.F32)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void encodesToTheBytesOfGgml(BlockEncoder encoder) {
    BlockFixture fixture = BlockFixture.encoded(encoder.type());
    byte[] blocks = encoded(encoder, fixture.values());
    byte[] expected = fixture.blocks().toArray(ValueLayout.JAVA_BYTE);
    int blockBytes = encoder.type().blockBytes();
    for (int at = 0; at < expected.length; at += blockBytes) {
      assertThat(Arrays.copyOfRange(blocks, at, at + blockBytes))
          .as("%s, block %d", encoder.type(), at / blockBytes)
          .isEqualTo(Arrays.copyOfRange(expected, at, at + blockBytes));
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void encodesFromAnyPlaceToAnyPlace(BlockEncoder encoder) {
    BlockFixture fixture = BlockFixture.encoded(encoder.type());
    int from = 512; // a whole number of blocks of every type
    var blocks = new byte[3 + (int) encoder.type().bytes(256)];
    encoder.encode(fixture.values(), from, 256, MemorySegment.ofArray(blocks), 3);
    assertThat(Arrays.copyOf(blocks, 3)).containsOnly(0);
    assertThat(Arrays.copyOfRange(blocks, 3, blocks.length))
        .isEqualTo(
            fixture
                .blocks()
                .asSlice(encoder.type().bytes(from), encoder.type().bytes(256))
                .toArray(ValueLayout.JAVA_BYTE));
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void aBlockDoesNotDependOnThoseBesideIt(BlockEncoder encoder) {
    float[] values = normal();
    byte[] together = encoded(encoder, values);
    byte[] alone = new byte[together.length];
    for (int at = 0; at < LENGTH; at += 256) {
      encoder.encode(values, at, 256, MemorySegment.ofArray(alone), encoder.type().bytes(at));
    }
    assertThat(alone).isEqualTo(together);
  }

  /// The bounds are what a uniform rounding of normal numbers to so many bits leaves, generously.
  @ParameterizedTest
  @CsvSource({
    "F16, 0.0003",
    "BF16, 0.002",
    "Q8_0, 0.006",
    "Q6_K, 0.02",
    "Q5_K, 0.04",
    "Q5_1, 0.045",
    "Q5_0, 0.05",
    "Q4_K, 0.075",
    "Q4_1, 0.09",
    "Q4_0, 0.1",
    "IQ4_NL, 0.09",
    "IQ4_XS, 0.09",
    "MXFP4, 0.15",
    "Q3_K, 0.16",
    "Q2_K, 0.35"
  })
  void theRootMeanSquareErrorOfNormalNumbersIsSmall(GgmlType type, double bound) {
    BlockEncoder encoder = BlockFormats.encoder(type).orElseThrow();
    float[] values = normal();
    float[] decoded = new float[LENGTH];
    encoder.decode(MemorySegment.ofArray(encoded(encoder, values)), 0, decoded, 0, LENGTH);
    double squares = 0;
    for (int i = 0; i < LENGTH; i++) {
      double error = decoded[i] - values[i];
      squares += error * error;
    }
    assertThat(Math.sqrt(squares / LENGTH)).isBetween(bound / 2, bound);
  }

  @Test
  void singlePrecisionFloatsKeepTheirBits() {
    float[] values = {-0f, Float.MIN_VALUE, 1, Float.NEGATIVE_INFINITY};
    BlockEncoder encoder = BlockFormats.encoder(GgmlType.F32).orElseThrow();
    float[] decoded = new float[4];
    encoder.decode(MemorySegment.ofArray(encoded(encoder, values)), 0, decoded, 0, 4);
    assertThat(decoded).containsExactly(values);
  }

  @Test
  void aNanOfWhichHalfIsLostIsANanStill() {
    float[] values = {Float.intBitsToFloat(0x7F80_0001)};
    BlockEncoder encoder = BlockFormats.encoder(GgmlType.BF16).orElseThrow();
    float[] decoded = new float[1];
    encoder.decode(MemorySegment.ofArray(encoded(encoder, values)), 0, decoded, 0, 1);
    assertThat(decoded).containsExactly(Float.NaN);
  }

  @Test
  void aTypeThatIsOnlyReadHasNoEncoder() {
    assertThat(BlockFormats.encoder(GgmlType.TQ1_0)).isEmpty();
    assertThat(BlockFormats.encoder(GgmlType.IQ2_XXS)).isEmpty();
  }

  private static byte[] encoded(BlockEncoder encoder, float[] values) {
    byte[] blocks = new byte[(int) encoder.type().bytes(values.length)];
    encoder.encode(values, 0, values.length, MemorySegment.ofArray(blocks), 0);
    return blocks;
  }

  private static float[] normal() {
    var random = new Random(5);
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
