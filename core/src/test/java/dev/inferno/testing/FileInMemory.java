package dev.inferno.testing;

import dev.inferno.internal.models.FileBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// A model file that is in memory.
public record FileInMemory(MemorySegment data, Arena arena) implements FileBytes {
  @Override
  public long size() {
    return data.byteSize();
  }

  @Override
  public MemorySegment keep(long offset, long length) {
    return data.asSlice(offset, length);
  }

  @Override
  public void lend(long offset, long length, Consumer<MemorySegment> use) {
    use.accept(data.asSlice(offset, length));
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return arena.allocate(bytes, 64);
  }
}
