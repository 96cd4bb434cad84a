package dev.inferno.internal.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.quant.BlockFixture;
import dev.inferno.testing.FileInMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The experts of a mixture are slices of one tensor.
class ExpertTensorsTest {
  private static final int EXPERTS = 4;
  private static final int ROWS = 5;
  private static final int BLOCKS = 3; // of a row

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      names = {
        "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K",
        "Q6_K", "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_NL",
        "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0", "Q2_0"
      })
  void eachExpertHasItsOwnRowsInEveryFormat(GgmlType type) throws IOException {
    BlockFixture fixture = BlockFixture.of(type);
    int columns = BLOCKS * type.blockSize();
    int size = EXPERTS * ROWS * BLOCKS * type.blockBytes();
    byte[] blocks = fixture.blocks().asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    Path path = folder.resolve("experts.gguf");
    new GgufWriter()
        .tensor("experts", type, List.of((long) columns, (long) ROWS, (long) EXPERTS), blocks)
        .write(path);
    byte[] bytes = Files.readAllBytes(path);
    Arena arena = Arena.ofAuto();
    MemorySegment data = arena.allocate(bytes.length, 64);
    data.copyFrom(MemorySegment.ofArray(bytes));
    var file = new GgufModelFile(GgufFile.open(path), new FileInMemory(data, arena));
    for (Arrangement arrangement : Arrangement.values()) {
      var tensors = new Tensors(file, KernelSets.best(), arrangement, _ -> {});
      List<Weight> experts = tensors.experts("experts", EXPERTS, 2, ROWS, columns);
      assertThat(experts).hasSize(EXPERTS);
      var row = new Rows(1, columns).resize(1, 0);
      for (int expert = 0; expert < EXPERTS; expert++) {
        for (int r = 0; r < ROWS; r++) {
          experts.get(expert).gather(new int[] {r}, 1, row);
          int from = (expert * ROWS + r) * columns;
          assertThat(Arrays.copyOf(row.data(), columns))
              .as("expert %d, row %d, %s", expert, r, arrangement)
              .isEqualTo(Arrays.copyOfRange(fixture.values(), from, from + columns));
        }
      }
    }
  }
}
