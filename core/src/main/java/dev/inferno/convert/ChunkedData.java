package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import dev.inferno.internal.kernels.Team;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.LongConsumer;

/// The data of a tensor, made chunk by chunk on all threads while the file is written, so that a
/// tensor of any size takes some megabytes.
///
/// @param elements how many numbers the tensor has, whole blocks
/// @param chunk what makes a part of it
/// @param written told how many bytes were written since it was last told
record ChunkedData(GgmlType type, long elements, Chunk chunk, LongConsumer written)
    implements GgufWriter.Data {
  /// A multiple of every block size.
  private static final int CHUNK_ELEMENTS = 1 << 14;

  private static final int CHUNKS = 128;

  /// Makes a part of the data of a tensor. Called on several threads.
  @FunctionalInterface
  interface Chunk {
    /// Writes the blocks of `count` numbers, from number `first` of the tensor on, to `bytes[at]`
    /// and on.
    void make(long first, int count, byte[] bytes, int at) throws IOException;
  }

  /// A chunk that is as it was.
  static Chunk copy(GgmlType type, ModelSource.Bytes source) {
    return (first, count, bytes, at) ->
        source.read(type.bytes(first), bytes, at, (int) type.bytes(count));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    long slabElements = Math.min(elements, (long) CHUNK_ELEMENTS * CHUNKS);
    byte[] slab = new byte[Math.toIntExact(type.bytes(slabElements))];
    for (long first = 0; first < elements; first += slabElements) {
      int count = (int) Math.min(slabElements, elements - first);
      fill(slab, first, count);
      int length = (int) type.bytes(count);
      out.write(slab, 0, length);
      written.accept(length);
    }
  }

  private void fill(byte[] slab, long first, int count) throws IOException {
    Team team = Team.shared();
    try {
      team.run(
          team.size(),
          Math.ceilDiv(count, CHUNK_ELEMENTS),
          task -> {
            int from = task * CHUNK_ELEMENTS;
            make(first + from, Math.min(CHUNK_ELEMENTS, count - from), slab, from);
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void make(long first, int count, byte[] slab, int from) {
    try {
      chunk.make(first, count, slab, (int) type.bytes(from));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
