package dev.inferno;

import dev.inferno.internal.models.ModelFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The bytes of a model file, mapped or copied, until they are closed. Thread-safe.
final class ModelBytes implements ModelStorage {
  private static final int CHUNK = 1 << 26;

  private final String name;
  private final Arena arena;
  private final MemorySegment data;
  private final Optional<Path> mapped;

  private ModelBytes(String name, Arena arena, MemorySegment data, Optional<Path> mapped) {
    this.name = name;
    this.arena = arena;
    this.data = data;
    this.mapped = mapped;
  }

  static ModelBytes map(Path file, boolean copied) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return of(channel, file.toString(), copied, Optional.of(file));
    }
  }

  static ModelBytes map(FileChannel channel, String name) throws IOException {
    return of(channel, name, false, Optional.empty());
  }

  @SuppressWarnings("MustBeClosed") // close() closes the arena
  static ModelBytes copy(byte[] file, String name) {
    Arena arena = Arena.ofShared();
    MemorySegment data = arena.allocate(Math.max(1, file.length), 64);
    MemorySegment.copy(MemorySegment.ofArray(file), 0, data, 0, file.length);
    return new ModelBytes(name, arena, data.asSlice(0, file.length), Optional.empty());
  }

  @SuppressWarnings("MustBeClosed") // close() closes the arena
  private static ModelBytes of(
      FileChannel channel, String name, boolean copied, Optional<Path> file) throws IOException {
    Arena arena = Arena.ofShared();
    boolean done = false;
    try {
      MemorySegment data =
          copied ? read(channel, arena) : channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      done = true;
      return new ModelBytes(name, arena, data, copied ? Optional.empty() : file);
    } finally {
      if (!done) {
        arena.close();
      }
    }
  }

  private static MemorySegment read(FileChannel channel, Arena arena) throws IOException {
    long size = channel.size();
    MemorySegment data = arena.allocate(size, 64);
    for (long at = 0; at < size; ) {
      long length = Math.min(CHUNK, size - at);
      int read = channel.read(data.asSlice(at, length).asByteBuffer(), at);
      if (read < 0) {
        throw new IOException("the file ends at byte %d of %d".formatted(at, size));
      }
      at += read;
    }
    return data;
  }

  /// All bytes of the file.
  MemorySegment data() {
    return data;
  }

  @Override
  public void requireWhole() {
    if (mapped.isEmpty()) {
      return;
    }
    try {
      long size = Files.size(mapped.get());
      if (size < data.byteSize()) {
        throw new IllegalStateException(
            "%s was cut short to %d bytes while it is mapped; it had %d"
                .formatted(name, size, data.byteSize()));
      }
    } catch (IOException e) {
      // deleted or out of reach: what is mapped stays readable
    }
  }

  @Override
  public Fingerprint fingerprint(ModelFile file) {
    return Fingerprint.of(file, tensor -> data.asSlice(tensor.offset(), tensor.sizeBytes()));
  }

  @Override
  public void close() {
    arena.close();
  }
}
