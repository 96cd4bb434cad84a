package dev.inferno.format;

import dev.inferno.internal.files.ReadableFile;
import dev.inferno.internal.gguf.GgufHeader;
import dev.inferno.internal.gguf.GgufParser;
import dev.inferno.internal.gguf.MetadataValue;
import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// What a GGUF file says: its metadata and its table of tensors, read and checked completely when
/// it is opened, without the tensors' data. Nothing of the file stays open or mapped.
///
/// Versions 2 and 3, little-endian. A file that breaks the format, down to tensor data that is not
/// there, is refused by {@link MalformedModelException}; one of another version, byte order or
/// element type by {@link UnsupportedModelException}. The format:
/// <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
///
/// ```java
/// GgufFile file = GgufFile.open(Path.of("model.gguf"));
/// String architecture = file.requiredString("general.architecture");
/// long layers = file.requiredInteger(architecture + ".block_count");
/// ```
///
/// Immutable and thread-safe; the arrays among the metadata are not copied and must not be changed.
public final class GgufFile {
  private final String name;
  private final GgufHeader header;
  private final Map<String, Object> metadata;

  private GgufFile(String name, GgufHeader header) {
    this.name = name;
    this.header = header;
    Map<String, Object> values = LinkedHashMap.newLinkedHashMap(header.metadata().size());
    header.metadata().forEach((key, value) -> values.put(key, value.value()));
    this.metadata = Collections.unmodifiableMap(values);
  }

  /// Reads what a file says. Messages call it by the last part of its path.
  ///
  /// @throws IOException if there is no such file, it is a folder, or it cannot be read
  /// @throws MalformedModelException if it breaks the format
  /// @throws UnsupportedModelException if it holds something that is not handled
  public static GgufFile open(Path path) throws IOException {
    try (FileChannel channel = ReadableFile.open(path)) {
      return of(channel, ReadableFile.name(path));
    }
  }

  /// Reads what a file says, from the beginning of the channel to its end; the channel stays open
  /// and its position does not matter. Messages call the file by the name.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks the format
  /// @throws UnsupportedModelException if it holds something that is not handled
  public static GgufFile of(FileChannel channel, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufFile(name, GgufParser.parse(file, name));
    }
  }

  /// Reads what a file in memory says. Messages call it by the name.
  ///
  /// @throws MalformedModelException if it breaks the format
  /// @throws UnsupportedModelException if it holds something that is not handled
  public static GgufFile of(byte[] bytes, String name) {
    return new GgufFile(name, GgufParser.parse(MemorySegment.ofArray(bytes), name));
  }

  /// What messages call the file.
  public String name() {
    return name;
  }

  /// The version of the format, 2 or 3.
  public int version() {
    return header.version();
  }

  /// The data of every tensor begins at a multiple of this, in bytes.
  public int alignment() {
    return header.alignment();
  }

  /// Where the data section begins, in bytes from the beginning of the file. In a file without
  /// tensors this may lie beyond its end.
  public long dataOffset() {
    return header.dataOffset();
  }

  /// The metadata in file order. A value is a
  ///
  /// - String; bytes that are not UTF-8 became U+FFFD;
  /// - Long, for every type of integer; a `u64` beyond 2^63 - 1 is negative here, and {@link
  ///   #metadataType} tells;
  /// - Double, an `f32` exactly widened;
  /// - Boolean;
  /// - array of these: {@link Utf8List}, `long[]`, `float[]` (of `f32`), `double[]` (of `f64`),
  ///   `boolean[]`.
  public Map<String, Object> metadata() {
    return metadata;
  }

  /// The type of a metadata value in the file: `u8`, `i8`, `u16`, `i16`, `u32`, `i32`, `u64`,
  /// `i64`, `f32`, `f64`, `bool`, `str`, or an array such as `arr[str]`.
  ///
  /// @throws IllegalArgumentException if there is no such key
  public String metadataType(String key) {
    MetadataValue value = header.metadata().get(key);
    if (value == null) {
      throw new IllegalArgumentException("%s has no key '%s'".formatted(name, key));
    }
    return value.type();
  }

  /// The string of this key, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no string
  public Optional<String> string(String key) {
    return value(key, String.class, "str");
  }

  /// The string of this key.
  ///
  /// @throws MalformedModelException if there is no such key, or it is no string
  public String requiredString(String key) {
    return required(key, string(key));
  }

  /// The integer of this key, of whatever size, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no integer, or beyond 2^63 - 1
  public OptionalLong integer(String key) {
    Optional<Long> value = value(key, Long.class, "an integer");
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    if (value.get() < 0 && metadataType(key).equals("u64")) {
      throw malformed(
          "key '%s' is %s, must be below 2^63", key, Long.toUnsignedString(value.get()));
    }
    return OptionalLong.of(value.get());
  }

  /// The integer of this key, of whatever size.
  ///
  /// @throws MalformedModelException if there is no such key, it is no integer, or beyond 2^63 - 1
  public long requiredInteger(String key) {
    return integer(key).orElseThrow(() -> missing(key));
  }

  /// The integer of this key, of whatever size.
  ///
  /// @throws MalformedModelException if there is no such key, it is no integer, or not between the
  ///   least and the most
  public int requiredInteger(String key, int least, int most) {
    long value = requiredInteger(key);
    if (value < least || value > most) {
      throw malformed("key '%s' is %d, must be between %d and %d", key, value, least, most);
    }
    return (int) value;
  }

  /// The floating-point number of this key, if there is such a key.
  ///
  /// @throws MalformedModelException if it is neither `f32` nor `f64`
  public OptionalDouble real(String key) {
    Optional<Double> value = value(key, Double.class, "f32 or f64");
    return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(value.get());
  }

  /// The floating-point number of this key.
  ///
  /// @throws MalformedModelException if there is no such key, or it is neither `f32` nor `f64`
  public double requiredReal(String key) {
    return real(key).orElseThrow(() -> missing(key));
  }

  /// The truth value of this key, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no `bool`
  public Optional<Boolean> bool(String key) {
    return value(key, Boolean.class, "bool");
  }

  /// The truth value of this key.
  ///
  /// @throws MalformedModelException if there is no such key, or it is no `bool`
  public boolean requiredBool(String key) {
    return required(key, bool(key));
  }

  /// The array of strings of this key, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no array of strings
  public Optional<Utf8List> strings(String key) {
    return value(key, Utf8List.class, "arr[str]");
  }

  /// The array of integers of this key, of whatever size, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no array of integers
  public Optional<long[]> integers(String key) {
    return value(key, long[].class, "an array of integers");
  }

  /// The array of `f32` of this key, if there is such a key.
  ///
  /// @throws MalformedModelException if it is no array of `f32`
  public Optional<float[]> floats(String key) {
    return value(key, float[].class, "arr[f32]");
  }

  /// The tensors in file order, which is the order of their data.
  public List<TensorInfo> tensors() {
    return List.copyOf(header.tensors().values());
  }

  /// The tensor with this name, if there is one.
  public Optional<TensorInfo> tensor(String tensor) {
    return Optional.ofNullable(header.tensors().get(tensor));
  }

  /// The tensor with this name.
  ///
  /// @throws MalformedModelException if there is none
  public TensorInfo requiredTensor(String tensor) {
    return tensor(tensor).orElseThrow(() -> malformed("there is no tensor '%s'", tensor));
  }

  /// What is unusual about the file, but no reason to refuse it; one sentence each.
  public List<String> warnings() {
    return header.warnings();
  }

  private <T> Optional<T> value(String key, Class<T> type, String expected) {
    Object value = metadata.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw malformed("key '%s' is %s, must be %s", key, metadataType(key), expected);
    }
    return Optional.of(type.cast(value));
  }

  private <T> T required(String key, Optional<T> value) {
    return value.orElseThrow(() -> missing(key));
  }

  private MalformedModelException missing(String key) {
    return malformed("there is no key '%s'", key);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private MalformedModelException malformed(String format, Object... arguments) {
    return new MalformedModelException(
        "%s: malformed: ".formatted(name) + format.formatted(arguments));
  }
}
