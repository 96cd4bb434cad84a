package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.function.Consumer;

/// Where the blocks of a tensor are, and memory to rearrange them into. Thread-safe.
public interface BlockSource {

  /// How many bytes of blocks there are.
  long byteSize();

  /// All of them, for as long as the weight is used; accessible from every thread.
  MemorySegment keep();

  /// Shows some of them, during the call only and on its thread only. What was shown takes no
  /// memory afterwards.
  void lend(long offset, long length, Consumer<MemorySegment> use);

  /// Zeros, for as long as the weight is used; accessible from every thread.
  MemorySegment allocate(long bytes);

  /// Blocks that are in memory already.
  static BlockSource of(MemorySegment blocks, SegmentAllocator memory) {
    return new InMemory(blocks, memory);
  }

  /// Some of these blocks, as a source of their own.
  default BlockSource slice(long offset, long length) {
    return new Slice(this, offset, length);
  }

  /// See {@link #of}.
  record InMemory(MemorySegment blocks, SegmentAllocator memory) implements BlockSource {
    @Override
    public long byteSize() {
      return blocks.byteSize();
    }

    @Override
    public MemorySegment keep() {
      return blocks;
    }

    @Override
    public void lend(long offset, long length, Consumer<MemorySegment> use) {
      use.accept(blocks.asSlice(offset, length));
    }

    @Override
    public MemorySegment allocate(long bytes) {
      return memory.allocate(bytes, ALIGNMENT);
    }
  }

  /// See {@link #slice}.
  record Slice(BlockSource whole, long offset, long byteSize) implements BlockSource {
    @Override
    public MemorySegment keep() {
      return whole.keep().asSlice(offset, byteSize);
    }

    @Override
    public void lend(long offset, long length, Consumer<MemorySegment> use) {
      whole.lend(this.offset + offset, length, use);
    }

    @Override
    public MemorySegment allocate(long bytes) {
      return whole.allocate(bytes);
    }
  }

  /// Memory begins at a multiple of this, a cache line.
  long ALIGNMENT = 64;
}
