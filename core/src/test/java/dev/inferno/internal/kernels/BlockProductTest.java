package dev.inferno.internal.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFixture;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every block format in the vector set against its reference: a new one is tested by existing.
final class BlockProductTest {
  private final Kernels scalar = KernelSets.scalar();
  private final Kernels vector = KernelSets.vector().orElseGet(KernelSets::scalar);

  static List<BlockFormat> formats() {
    return BlockFormats.all();
  }

  static List<BlockFormat> formatsWithFixture() {
    Set<GgmlType> plain =
        EnumSet.of(
            GgmlType.F32, GgmlType.F64, GgmlType.I8, GgmlType.I16, GgmlType.I32, GgmlType.I64);
    return BlockFormats.all().stream().filter(format -> !plain.contains(format.type())).toList();
  }

  @ParameterizedTest
  @MethodSource("formatsWithFixture")
  void vectorDecodeGivesTheBitsOfGgml(BlockFormat format) {
    BlockFixture fixture = BlockFixture.of(format.type());
    float[] values = new float[fixture.values().length];
    vector.format(format).decode(fixture.blocks(), 0, values, 0, values.length);
    assertSameBits(values, fixture.values(), format);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void vectorDecodeGivesTheBitsOfTheReferenceForAnyCount(BlockFormat format) {
    TestData data = TestData.seeded(format.type().id());
    int size = format.type().blockSize();
    for (int count = size; count <= 33 * size; count += size) {
      MemorySegment blocks = data.blocks(format, count + size);
      float[] expected = new float[count];
      float[] values = new float[count + 1];
      format.decode(blocks, format.type().blockBytes(), expected, 0, count);
      values[0] = 7;
      vector.format(format).decode(blocks, format.type().blockBytes(), values, 1, count);
      assertThat(values[0]).isEqualTo(7);
      assertSameBits(Arrays.copyOfRange(values, 1, count + 1), expected, format);
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void productsOfWholeNumbersAreExact(BlockFormat format) {
    TestData data = TestData.seeded(100 + format.type().id());
    for (int count : counts(format)) {
      MemorySegment blocks = data.exactBlocks(format, count);
      float[] x = data.integers(count + 3);
      assertThat(product(format, blocks, x, 3, count))
          .as("%s, %d values, %s", format.type(), count, data)
          .isEqualTo(format.dot(blocks, 0, x, 3, count));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void productsAreCloseToTheReference(BlockFormat format) {
    TestData data = TestData.seeded(200 + format.type().id());
    int count = 32 * 33 * Math.max(1, format.type().blockSize() / 32);
    MemorySegment blocks = data.blocks(format, count);
    float[] x = data.floats(count);
    float[] values = new float[count];
    format.decode(blocks, 0, values, 0, count);
    double exact = 0;
    double absolute = 0;
    for (int i = 0; i < count; i++) {
      exact += (double) values[i] * x[i];
      absolute += Math.abs((double) values[i] * x[i]);
    }
    double tolerance = 4 * Math.ulp(1f) * absolute;
    assertThat((double) product(format, blocks, x, 0, count))
        .as("%s, %s", format.type(), data)
        .isCloseTo(exact, within(tolerance));
    assertThat((double) format.dot(blocks, 0, x, 0, count)).isCloseTo(exact, within(tolerance));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void straightFromTheBlocksOrDecodedFirstTheSumHasTheSameBits(BlockFormat format) {
    for (int count : counts(format)) {
      TestData data = TestData.seeded(300 + count);
      MemorySegment blocks = data.blocks(format, count);
      float[] x = data.floats(count);
      float[] values = new float[count];
      format.decode(blocks, 0, values, 0, count);
      assertThat(product(format, blocks, x, 0, count))
          .as("%s, %d values, %s", format.type(), count, data)
          .isEqualTo(vector.dot(values, 0, x, 0, count));
      assertThat(format.dot(blocks, 0, x, 0, count)).isEqualTo(scalar.dot(values, 0, x, 0, count));
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void fourRowsAtOnceHaveTheBitsOfEach(BlockFormat format) {
    if (!(vector.format(format) instanceof FusedProduct)) {
      return; // the reference, for want of vectors
    }
    for (int count : counts(format)) {
      TestData data = TestData.seeded(400 + count);
      assertFourRowsAreAlike(format, data.blocks(format, FusedProduct.ROWS * count), data, count);
    }
  }

  @Test
  void halvesThatAreNotFiniteMakeNoOtherSumsOfFourRows() {
    BlockFormat format = BlockFormats.of(GgmlType.F16).orElseThrow();
    if (!(vector.format(format) instanceof FusedProduct)) {
      return;
    }
    int count = 96;
    for (int half : new int[] {0x7C00, 0xFC00, 0x7E01, 0x7BFF, 0xFBFF, 0x0001, 0x83FF}) {
      for (int i = 0; i < 2 * FusedProduct.ROWS; i++) {
        TestData data = TestData.seeded(500 + i);
        MemorySegment blocks = data.blocks(format, FusedProduct.ROWS * count);
        int at = i / 2 * count + (i % 2 == 0 ? 77 : 93); // of either sum
        blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * at, (short) half);
        assertFourRowsAreAlike(format, blocks, data, count);
        assertScaledIsAlike(blocks, data, count, (half & 0x7C00) != 0x7C00);
      }
    }
  }

  @Test
  void everyHalfIsTheSameWhenItIsScaled() {
    if (!(vector.format(BlockFormats.of(GgmlType.F16).orElseThrow()) instanceof FusedProduct)) {
      return;
    }
    int count = Kernels.PARTIAL_SUMS; // each sum is of one product
    MemorySegment blocks = Arena.ofAuto().allocate(2L * FusedProduct.ROWS * count, 2);
    for (int first = 0; first < 0x1_0000; first += FusedProduct.ROWS * count) {
      boolean isFinite = (first & 0x7C00) != 0x7C00;
      for (int i = 0; i < FusedProduct.ROWS * count; i++) {
        blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) (first + i));
      }
      assertScaledIsAlike(blocks, TestData.seeded(first), count, isFinite);
    }
  }

  @Test
  void scaledHalvesHaveTheBitsOfOthers() {
    BlockFormat format = BlockFormats.of(GgmlType.F16).orElseThrow();
    if (!(vector.format(format) instanceof FusedProduct)) {
      return;
    }
    for (int count : counts(format)) {
      TestData data = TestData.seeded(600 + count);
      assertScaledIsAlike(data.blocks(format, FusedProduct.ROWS * count), data, count, true);
    }
  }

  private void assertScaledIsAlike(
      MemorySegment blocks, TestData data, int count, boolean isFinite) {
    BlockFormat format = BlockFormats.of(GgmlType.F16).orElseThrow();
    var scaling = (ScaledProduct) vector.format(format);
    float[] x = data.floats(count + 3);
    int apart = Kernels.PARTIAL_SUMS + 5;
    float[] expected = new float[FusedProduct.ROWS * apart + 1];
    float[] actual = expected.clone();
    scaling.products(blocks, 0, 2L * count, x, 3, count, expected, 1, apart);
    float[] scaled = new float[count];
    assertThat(scaling.scale(x, 3, count, scaled)).isTrue();
    assertThat(scaling.scaledProducts(blocks, 0, 2L * count, scaled, count, actual, 1, apart))
        .isEqualTo(isFinite);
    if (isFinite) {
      assertSameBits(actual, expected, format);
    }
  }

  @Test
  void xThatIsTooLargeToBeScaledIsMultipliedAsItIs() {
    BlockFormat format = BlockFormats.of(GgmlType.F16).orElseThrow();
    int columns = 64;
    MemorySegment ones = Arena.ofAuto().allocate(2L * 4 * columns, 2);
    for (int i = 0; i < 4 * columns; i++) {
      ones.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(1));
    }
    Weight weight = Weights.of("w", GgmlType.F16, 4, columns, ones, vector);
    for (float large : new float[] {0x1p111f, 0x1p112f, 0x1p127f, Float.POSITIVE_INFINITY}) {
      Rows x = new Rows(1, columns).resize(1, 0);
      x.data()[40] = -large;
      Rows out = new Rows(1, 4);
      weight.multiply(x, out);
      assertThat(Arrays.copyOf(out.data(), 4)).containsOnly(-large);
      if (vector.format(format) instanceof ScaledProduct scaling) {
        assertThat(scaling.scale(x.data(), 0, columns, new float[columns]))
            .isEqualTo(large < 0x1p112f);
      }
    }
  }

  private void assertFourRowsAreAlike(
      BlockFormat format, MemorySegment blocks, TestData data, int count) {
    var fused = (FusedProduct) vector.format(format);
    float[] x = data.floats(count + 3);
    long stride = format.type().bytes(count);
    int apart = Kernels.PARTIAL_SUMS + 5;
    float[] together = new float[FusedProduct.ROWS * apart + 1];
    float[] alone = together.clone();
    fused.products(blocks, 0, stride, x, 3, count, together, 1, apart);
    for (int row = 0; row < FusedProduct.ROWS; row++) {
      fused.product(blocks, row * stride, x, 3, count, alone, 1 + row * apart);
    }
    assertSameBits(together, alone, format);
  }

  /// One to many blocks, always a multiple of 32.
  private static int[] counts(BlockFormat format) {
    int unit = Math.max(32, format.type().blockSize());
    return IntStream.of(1, 2, 3, 4, 7, 18).map(n -> n * unit).toArray();
  }

  /// The vector set's product of blocks with x; that of decoded values where it has no other.
  private float product(BlockFormat format, MemorySegment blocks, float[] x, int at, int count) {
    if (vector.format(format) instanceof FusedProduct fused) {
      float[] partial = new float[Kernels.PARTIAL_SUMS + 1];
      fused.product(blocks, 0, x, at, count, partial, 1);
      return vector.total(partial, 1);
    }
    float[] values = new float[count];
    vector.format(format).decode(blocks, 0, values, 0, count);
    return vector.dot(values, 0, x, at, count);
  }

  private static void assertSameBits(float[] actual, float[] expected, BlockFormat format) {
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
        assertThat(Integer.toHexString(Float.floatToRawIntBits(actual[i])))
            .as("%s: value %d is %s, not %s", format.type(), i, actual[i], expected[i])
            .isEqualTo(Integer.toHexString(Float.floatToRawIntBits(expected[i])));
      }
    }
  }
}
