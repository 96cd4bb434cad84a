package dev.inferno.convert;

import dev.inferno.LoadOptions;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.quant.BlockEncoder;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Brings the tensors of GGUF files, and of Hugging Face folders, into other types, mostly smaller
/// ones.
///
/// ```java
/// Quantizer.quantize(
///     Path.of("model-f16.gguf"), Path.of("model-q4_k_m.gguf"), FileType.Q4_K_M, (_, _) -> {});
/// ```
///
/// Which tensor gets which type, and each block's bytes, are as `llama-quantize` has them where no
/// importance matrix is given.
public final class Quantizer {
  static final long QUANTIZATION_VERSION = 2; // ggml's GGML_QNT_VERSION
  private static final float LARGEST_HALF = 65_504;

  private final ModelSource source;

  Quantizer(ModelSource source) {
    this.source = source;
  }

  /// Writes a file with the tensors of another in the types of `type`. The metadata is the same but
  /// for `general.file_type` and `general.quantization_version`; so is every tensor that keeps its
  /// type. The tensors pass through memory in pieces, encoded on all threads.
  ///
  /// What is at `out` is replaced when all is written; until then, and if anything fails, nothing
  /// changes.
  ///
  /// @param in the file, or any part of one that was split; or a folder, as {@link FolderConverter}
  ///   takes it
  /// @param progress told how many bytes of tensors are written; what it throws ends the work
  /// @throws IOException if a file cannot be read or written, or `out` is the file to read
  /// @throws dev.inferno.format.MalformedModelException if the file breaks the format
  /// @throws UnsupportedModelException if it has a matrix in a type that cannot be decoded, or a
  ///   weight that the new type does not hold
  public static Conversion quantize(Path in, Path out, FileType type, LoadOptions.Progress progress)
      throws IOException {
    try (ModelSource source =
        HuggingFaceModel.isAt(in) ? FolderSource.open(in) : GgufSource.open(in)) {
      source.requireElsewhere(out);
      return new Quantizer(source).write(out, Optional.of(type), progress);
    }
  }

  /// Writes a file in a type, or in the types that the source has.
  Conversion write(Path out, Optional<FileType> type, LoadOptions.Progress progress)
      throws IOException {
    var conversion = new Conversion(converted(type));
    conversion.tensors().forEach(this::requireDecodable);
    GgufWriter writer = new GgufWriter();
    source.describe(writer);
    type.ifPresent(known -> describe(writer, known));
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

  private List<ConvertedTensor> converted(Optional<FileType> type) {
    List<TensorInfo> tensors = source.tensors();
    return type.isPresent()
        ? TypeMix.choose(type.get(), TypeMix.Structure.of(source.metadata()), tensors)
        : tensors.stream()
            .map(each -> new ConvertedTensor(each, each.type(), each.type()))
            .toList();
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
              .formatted(source.name(), tensor.source().name(), type, supported));
    }
  }

  private GgufWriter.Data data(ConvertedTensor tensor, LongConsumer written) {
    TensorInfo from = tensor.source();
    return out ->
        source.lend(
            from,
            bytes ->
                new ChunkedData(
                        tensor.type(),
                        from.elements(),
                        tensor.isKept()
                            ? ChunkedData.copy(from.type(), bytes)
                            : new Encoding(
                                from,
                                bytes,
                                BlockFormats.of(from.type()).orElseThrow(),
                                BlockFormats.encoder(tensor.type()).orElseThrow()),
                        written)
                    .writeTo(out));
  }

  /// Decodes and encodes chunks of a tensor.
  private final class Encoding implements ChunkedData.Chunk {
    private final TensorInfo tensor;
    private final ModelSource.Bytes data;
    private final BlockFormat from;
    private final BlockEncoder to;

    Encoding(TensorInfo tensor, ModelSource.Bytes data, BlockFormat from, BlockEncoder to) {
      this.tensor = tensor;
      this.data = data;
      this.from = from;
      this.to = to;
    }

    @Override
    public void make(long first, int count, byte[] bytes, int at) throws IOException {
      var blocks = new byte[(int) from.type().bytes(count)];
      data.read(from.type().bytes(first), blocks, 0, blocks.length);
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
                  .formatted(
                      source.name(), first + i, tensor.name(), values[i], to.type(), largest));
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
