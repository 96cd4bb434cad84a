package dev.inferno.convert;

import dev.inferno.LoadOptions;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.files.ReadableFile;
import dev.inferno.internal.quant.BlockEncoder;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/// Brings the tensors of GGUF files into other types, mostly smaller ones.
///
/// ```java
/// Quantizer.quantize(
///     Path.of("model-f16.gguf"), Path.of("model-q4_k_m.gguf"), FileType.Q4_K_M, (_, _) -> {});
/// ```
///
/// Which tensor gets which type, and each block's bytes, are as `llama-quantize` has them where no
/// importance matrix is given.
public final class Quantizer {
  private static final long QUANTIZATION_VERSION = 2; // ggml's GGML_QNT_VERSION
  private static final float LARGEST_HALF = 65_504;

  private final GgufFile file;
  private final FileChannel channel;

  private Quantizer(GgufFile file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Writes a file with the tensors of another in the types of `type`. The metadata is the same but
  /// for `general.file_type` and `general.quantization_version`; so is every tensor that keeps its
  /// type. The tensors pass through memory in pieces, encoded on all threads.
  ///
  /// What is at `out` is replaced when all is written; until then, and if anything fails, nothing
  /// changes.
  ///
  /// @param progress told how many bytes of tensors are written; what it throws ends the work
  /// @throws IOException if a file cannot be read or written, or `out` is the file to read
  /// @throws dev.inferno.format.MalformedModelException if the file breaks the format
  /// @throws UnsupportedModelException if it is one part of several, has a matrix in a type that
  ///   cannot be decoded, or a weight that the new type does not hold
  public static Conversion quantize(Path in, Path out, FileType type, LoadOptions.Progress progress)
      throws IOException {
    try (FileChannel channel = ReadableFile.open(in)) {
      GgufFile file = GgufFile.of(channel, ReadableFile.name(in));
      if (Files.exists(out) && Files.isSameFile(in, out)) {
        throw new IOException("cannot write %s: it is the file to read".formatted(out));
      }
      GgufParts.requireWhole(file);
      return new Quantizer(file, channel).write(out, type, progress);
    }
  }

  private Conversion write(Path out, FileType type, LoadOptions.Progress progress)
      throws IOException {
    var conversion =
        new Conversion(TypeMix.choose(type, TypeMix.Structure.of(file), file.tensors()));
    conversion.tensors().forEach(this::requireDecodable);
    GgufWriter writer = new GgufWriter().metadataOf(file);
    describe(writer, type);
    var written = new Written(conversion.bytesAfter(), progress);
    for (ConvertedTensor tensor : conversion.tensors()) {
      writer.tensor(
          tensor.source().name(),
          tensor.type(),
          tensor.source().dimensions(),
          data(tensor, written));
    }
    writer.write(out);
    return conversion;
  }

  /// Says in the metadata which types the tensors have.
  static void describe(GgufWriter writer, FileType type) {
    writer
        .metadata("general.quantization_version", "u32", QUANTIZATION_VERSION)
        .metadata("general.file_type", "u32", (long) type.id());
  }

  private void requireDecodable(ConvertedTensor tensor) {
    GgmlType type = tensor.source().type();
    if (!tensor.isKept() && BlockFormats.of(type).isEmpty()) {
      List<GgmlType> supported = BlockFormats.all().stream().map(BlockFormat::type).toList();
      throw new UnsupportedModelException(
          "%s: unsupported: tensor '%s' is %s; supported are %s"
              .formatted(file.name(), tensor.source().name(), type, supported));
    }
  }

  private GgufWriter.Data data(ConvertedTensor tensor, LongConsumer written) {
    TensorInfo source = tensor.source();
    ChunkedData.Chunk chunk =
        tensor.isKept()
            ? (first, count, bytes, at) -> read(source, first, count, bytes, at)
            : new Encoding(
                source,
                BlockFormats.of(source.type()).orElseThrow(),
                BlockFormats.encoder(tensor.type()).orElseThrow());
    return new ChunkedData(tensor.type(), source.elements(), chunk, written);
  }

  /// Reads the blocks of `count` numbers of a tensor to `bytes[at]` and on.
  private void read(TensorInfo tensor, long first, int count, byte[] bytes, int at)
      throws IOException {
    long position = tensor.offset() + tensor.type().bytes(first);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, at, (int) tensor.type().bytes(count));
    while (buffer.hasRemaining()) {
      int length = channel.read(buffer, position);
      if (length < 0) {
        throw new EOFException("%s ends in the middle of its data".formatted(file.name()));
      }
      position += length;
    }
  }

  /// Decodes and encodes chunks of a tensor.
  private final class Encoding implements ChunkedData.Chunk {
    private final TensorInfo tensor;
    private final BlockFormat from;
    private final BlockEncoder to;

    Encoding(TensorInfo tensor, BlockFormat from, BlockEncoder to) {
      this.tensor = tensor;
      this.from = from;
      this.to = to;
    }

    @Override
    public void make(long first, int count, byte[] bytes, int at) throws IOException {
      var blocks = new byte[(int) from.type().bytes(count)];
      read(tensor, first, count, blocks, 0);
      var values = new float[count];
      from.decode(MemorySegment.ofArray(blocks), 0, values, 0, count);
      requireHoldable(values, first);
      to.encode(values, 0, count, MemorySegment.ofArray(bytes), at);
    }

    /// One bad weight would spoil its whole block, and all that is computed with it.
    private void requireHoldable(float[] values, long first) {
      boolean isWide = to.type() == GgmlType.F32 || to.type() == GgmlType.BF16;
      float largest = isWide ? Float.MAX_VALUE : LARGEST_HALF;
      for (int i = 0; i < values.length; i++) {
        if (!(Math.abs(values[i]) <= largest)) {
          throw new UnsupportedModelException(
              "%s: unsupported: element %d of tensor '%s' is %s; %s is supported up to %s"
                  .formatted(file.name(), first + i, tensor.name(), values[i], to.type(), largest));
        }
      }
    }
  }

  /// Adds up what is written of all tensors.
  static final class Written implements LongConsumer {
    private final long total;
    private final LoadOptions.Progress progress;
    private long bytes;

    Written(long total, LoadOptions.Progress progress) {
      this.total = total;
      this.progress = progress;
    }

    @Override
    public void accept(long more) {
      bytes += more;
      progress.at(bytes, total);
    }
  }
}
