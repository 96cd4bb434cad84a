package dev.inferno;

import dev.inferno.internal.models.FileBytes;
import dev.inferno.internal.models.ModelFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/// The bytes of a model file, until they are closed: those that a model keeps, mapped or copied,
/// and those that it made of others, which are mapped or copied for a moment, a piece at a time. A
/// mapping of the whole file would count twice what is rearranged, since the JDK has no way to give
/// back the pages that were read. Thread-safe.
final class ModelBytes implements FileBytes, ModelStorage {
  private static final int CHUNK = 1 << 26;
  private static final long ALIGNMENT = 64;

  private final String name;
  private final long size;
  private final Origin origin;
  private final Optional<Path> file; // to look after, if it is mapped
  private final Optional<FileChannel> own; // to be closed
  private final Arena arena = Arena.ofShared();
  private volatile boolean keepsMapped;

  /// How bytes are had for as long as an arena lives.
  private interface Origin {
    MemorySegment bytes(long offset, long length, Arena arena) throws IOException;
  }

  /// The file cannot be read.
  static final class Unreadable extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    Unreadable(IOException cause) {
      super(cause);
    }
  }

  private ModelBytes(
      String name, long size, Origin origin, Optional<Path> file, Optional<FileChannel> own) {
    this.name = name;
    this.size = size;
    this.origin = origin;
    this.file = file;
    this.own = own;
  }

  static ModelBytes open(Path file, boolean copied) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      Origin origin = copied ? reading(channel) : mapping(channel);
      Optional<Path> mapped = copied ? Optional.empty() : Optional.of(file);
      return new ModelBytes(file.toString(), channel.size(), origin, mapped, Optional.of(channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Those of a channel, which must stay open until all is loaded.
  static ModelBytes of(FileChannel channel, String name) throws IOException {
    return new ModelBytes(
        name, channel.size(), mapping(channel), Optional.empty(), Optional.empty());
  }

  static ModelBytes of(byte[] file, String name) {
    Origin copying =
        (offset, length, arena) ->
            arena
                .allocate(length, ALIGNMENT)
                .copyFrom(MemorySegment.ofArray(file).asSlice(offset, length));
    return new ModelBytes(name, file.length, copying, Optional.empty(), Optional.empty());
  }

  private static Origin mapping(FileChannel channel) {
    return (offset, length, arena) -> channel.map(MapMode.READ_ONLY, offset, length, arena);
  }

  private static Origin reading(FileChannel channel) {
    return (offset, length, arena) -> {
      MemorySegment data = arena.allocate(length, ALIGNMENT);
      for (long at = 0; at < length; ) {
        long chunk = Math.min(CHUNK, length - at);
        int read = channel.read(data.asSlice(at, chunk).asByteBuffer(), offset + at);
        if (read < 0) {
          throw new IOException("the file ends at byte " + (offset + at));
        }
        at += read;
      }
      return data;
    };
  }

  private MemorySegment bytes(long offset, long length, Arena arena) {
    try {
      if (length > size - offset) {
        throw new IOException(
            "cannot read bytes %d to %d of %s: it has %d"
                .formatted(offset, offset + length, name, size));
      }
      return origin.bytes(offset, length, arena);
    } catch (IOException e) {
      throw new Unreadable(e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public MemorySegment keep(long offset, long length) {
    keepsMapped = file.isPresent();
    return bytes(offset, length, arena);
  }

  @Override
  public void lend(long offset, long length, Consumer<MemorySegment> use) {
    try (Arena passing = Arena.ofConfined()) {
      use.accept(bytes(offset, length, passing));
    }
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return arena.allocate(bytes, ALIGNMENT);
  }

  /// A mapped file stays open, since somebody may ask for the fingerprint.
  @Override
  public void loaded() {
    if (file.isEmpty()) {
      closeFile();
    }
  }

  private void closeFile() {
    try {
      if (own.isPresent()) {
        own.get().close();
      }
    } catch (IOException e) {
      // all that was to be read has been
    }
  }

  @Override
  public void requireWhole() {
    if (!keepsMapped) {
      return;
    }
    try {
      long now = Files.size(file.orElseThrow());
      if (now < size) {
        throw new IllegalStateException(
            "%s was cut short to %d bytes while it is mapped; it had %d"
                .formatted(name, now, size));
      }
    } catch (IOException e) {
      // deleted or out of reach: what is mapped stays readable
    }
  }

  @Override
  public Fingerprint fingerprint(ModelFile file) {
    Fingerprint fingerprint = Fingerprint.of(file);
    if (this.file.isEmpty()) { // nothing can be read later
      fingerprint.value();
    }
    return fingerprint;
  }

  @Override
  public void close() {
    closeFile();
    arena.close();
  }
}
