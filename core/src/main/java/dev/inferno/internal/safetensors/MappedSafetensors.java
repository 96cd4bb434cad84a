package dev.inferno.internal.safetensors;

import dev.inferno.format.MalformedModelException;
import dev.inferno.internal.files.ReadableFile;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A safetensors file: what its validated header says, and the data of its tensors, mapped and not
/// copied. Immutable and thread-safe; {@link #close} ends the life of every segment handed out.
public final class MappedSafetensors implements Closeable {
  /// The one name in a header that is no tensor's.
  public static final String METADATA = "__metadata__";

  private final String name;
  private final SafetensorsHeader header;
  private final MemorySegment bytes;
  private final Arena arena;

  private MappedSafetensors(
      String name, SafetensorsHeader header, MemorySegment bytes, Arena arena) {
    this.name = name;
    this.header = header;
    this.bytes = bytes;
    this.arena = arena;
  }

  /// Maps a file and checks it.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks the format
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static MappedSafetensors open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = ReadableFile.open(path)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      String name = ReadableFile.name(path);
      return new MappedSafetensors(name, SafetensorsHeader.parse(bytes, name), bytes, arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /// Checks a file that is in memory. The array is not copied and must not change.
  ///
  /// @throws MalformedModelException if it breaks the format
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static MappedSafetensors of(byte[] bytes, String name) {
    MemorySegment file = MemorySegment.ofArray(bytes).asReadOnly();
    return new MappedSafetensors(name, SafetensorsHeader.parse(file, name), file, Arena.ofShared());
  }

  /// What messages call the file.
  public String name() {
    return name;
  }

  /// How many bytes the file has.
  public long sizeBytes() {
    return bytes.byteSize();
  }

  /// The strings that the file says about itself, in its order.
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /// The tensors by name, in the order of their data.
  public Map<String, SafetensorsTensor> tensors() {
    return header.tensors();
  }

  /// The tensor with this name, if there is one.
  public Optional<SafetensorsTensor> tensor(String tensor) {
    return Optional.ofNullable(header.tensors().get(tensor));
  }

  /// The bytes of a tensor of this file, little-endian and perhaps not aligned; read-only, valid
  /// until {@link #close}.
  public MemorySegment data(SafetensorsTensor tensor) {
    return bytes.asSlice(tensor.offset(), tensor.sizeBytes());
  }

  /// The elements of a tensor of this file as floats, in row-major order. Integers and doubles are
  /// rounded to the nearest float.
  ///
  /// @throws dev.inferno.format.UnsupportedModelException if they are of a type that has no plain
  ///   conversion, or more than an array can hold
  public float[] floats(SafetensorsTensor tensor) {
    return Elements.floats(data(tensor), tensor, name);
  }

  /// The nearest float of the `i`-th element of a tensor, whose {@link #data} and type these are.
  ///
  /// @throws IllegalArgumentException if the type is not one of numbers
  public static float number(MemorySegment data, SafetensorsType type, long i) {
    return Elements.number(data, type, i);
  }

  /// Unmaps the file.
  @Override
  public void close() {
    arena.close();
  }
}
