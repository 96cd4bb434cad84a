package dev.inferno.convert;

import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What another model file is made from: metadata and tensors as GGUF has them, wherever they lie.
/// For one thread, but for the bytes that are lent.
interface ModelSource extends Closeable {

  /// What messages call it.
  String name();

  /// The files that are read.
  List<Path> files();

  /// All metadata, see {@link dev.inferno.format.GgufFile#metadata}.
  Map<String, Object> metadata();

  /// Gives a writer the metadata of the whole model.
  void describe(GgufWriter writer);

  /// All tensors.
  List<TensorInfo> tensors();

  /// Lends the bytes of a tensor.
  void lend(TensorInfo tensor, Use use) throws IOException;

  /// Reads the bytes of a tensor; for any thread, while they are lent.
  @FunctionalInterface
  interface Bytes {
    /// Reads `length` bytes from byte `offset` of the tensor on to `bytes[at]` and on.
    void read(long offset, byte[] bytes, int at, int length) throws IOException;
  }

  /// Does something with the bytes of a tensor.
  @FunctionalInterface
  interface Use {
    /// Called once; the bytes are there until it returns.
    void with(Bytes bytes) throws IOException;
  }

  /// Refuses to write where the model is read from.
  ///
  /// @throws IOException if `out` is one of its files
  default void requireElsewhere(Path out) throws IOException {
    for (Path file : files()) {
      if (Files.exists(out) && Files.isSameFile(file, out)) {
        throw new IOException("cannot write %s: it is the file to read".formatted(out));
      }
    }
  }

  @Override
  void close() throws IOException;
}
