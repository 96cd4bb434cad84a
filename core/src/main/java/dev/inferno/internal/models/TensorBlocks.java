package dev.inferno.internal.models;

import dev.inferno.format.TensorInfo;
import dev.inferno.internal.kernels.BlockSource;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The blocks of one tensor of a file, as weights are made of them. Thread-safe.
final class TensorBlocks implements BlockSource {
  private final ModelFile file;
  private final TensorInfo tensor;
  private @Nullable MemorySegment kept;

  TensorBlocks(ModelFile file, TensorInfo tensor) {
    this.file = file;
    this.tensor = tensor;
  }

  @Override
  public long byteSize() {
    return tensor.sizeBytes();
  }

  @Override
  public synchronized MemorySegment keep() {
    MemorySegment kept = this.kept;
    if (kept == null) { // the experts of a tensor share what may have been made for it
      kept = file.data(tensor);
      this.kept = kept;
    }
    return kept;
  }

  @Override
  public void lend(long offset, long length, Consumer<MemorySegment> use) {
    file.lend(tensor, offset, length, use);
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return file.allocate(bytes);
  }
}
