package dev.inferno.convert;

import dev.inferno.LoadOptions;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes llamas of random weights: they compute what real ones of their shape do, as fast and in
/// as many bytes, and mean nothing.
///
/// Weights are normally distributed around 0. A matrix's standard deviation is 1 over the root of
/// its row length, so that its output is as large as its input; those that add to the residual
/// stream are smaller by the root of their number, so that the stream stays the same size however
/// deep the model is. The gains of norms are 1.
public final class SyntheticModel {
  private static final double LOW_FREQUENCY_FACTOR = 1; // Llama 3.1's rope_scaling
  private static final double HIGH_FREQUENCY_FACTOR = 4;
  private static final double ORIGINAL_CONTEXT = 8192;

  private record Spread(GgmlType type, float deviation) {}

  private final LlamaShape shape;
  private final long seed;
  private final Map<Spread, WeightPool> pools = new HashMap<>();

  private SyntheticModel(LlamaShape shape, long seed) {
    this.shape = shape;
    this.seed = seed;
  }

  /// Writes a model with its tensors in the types that {@link Quantizer} would give them. The same
  /// shape, type and seed give the same file on every machine and with any number of threads. The
  /// vocabulary is made up too, and encodes every text.
  ///
  /// What is at `out` is replaced when all is written; until then, and if anything fails, nothing
  /// changes.
  ///
  /// @param progress told how many bytes of matrices are written; what it throws ends the work
  /// @return what the file holds
  /// @throws IOException if the file cannot be written
  public static Conversion write(
      Path out, LlamaShape shape, FileType type, long seed, LoadOptions.Progress progress)
      throws IOException {
    return new SyntheticModel(shape, seed).write(out, type, progress);
  }

  private Conversion write(Path out, FileType type, LoadOptions.Progress progress)
      throws IOException {
    int queries = shape.heads() / shape.keyValueHeads();
    var structure = new TypeMix.Structure(shape.layers(), 0, queries, false, false);
    var conversion = new Conversion(TypeMix.choose(type, structure, shape.tensors()));
    var writer = new GgufWriter();
    describe(writer);
    SyntheticVocabulary.describe(writer, shape.vocabulary());
    Quantizer.describe(writer, type);
    List<ConvertedTensor> tensors = conversion.tensors();
    long bytes =
        tensors.stream()
            .filter(tensor -> isMatrix(tensor.source()))
            .mapToLong(ConvertedTensor::sizeBytes)
            .sum();
    var written = new Quantizer.Written(bytes, progress);
    for (int i = 0; i < tensors.size(); i++) {
      add(writer, tensors.get(i), i, written);
    }
    writer.write(out);
    return conversion;
  }

  private void describe(GgufWriter writer) {
    writer
        .metadata("general.architecture", "str", "llama")
        .metadata("general.type", "str", "model")
        .metadata("general.name", "str", "Synthetic llama, seed " + seed)
        .metadata("llama.block_count", "u32", (long) shape.layers())
        .metadata("llama.context_length", "u32", (long) shape.contextLength())
        .metadata("llama.embedding_length", "u32", (long) shape.width())
        .metadata("llama.feed_forward_length", "u32", (long) shape.feedForward())
        .metadata("llama.attention.head_count", "u32", (long) shape.heads())
        .metadata("llama.attention.head_count_kv", "u32", (long) shape.keyValueHeads())
        .metadata("llama.attention.key_length", "u32", (long) shape.headSize())
        .metadata("llama.attention.value_length", "u32", (long) shape.headSize())
        .metadata("llama.attention.layer_norm_rms_epsilon", "f32", (double) 1e-5f)
        .metadata("llama.rope.freq_base", "f32", (double) (float) shape.ropeBase())
        .metadata("llama.rope.dimension_count", "u32", (long) shape.headSize())
        .metadata("llama.vocab_size", "u32", (long) shape.vocabulary());
  }

  private void add(
      GgufWriter writer, ConvertedTensor tensor, int index, Quantizer.Written written) {
    TensorInfo info = tensor.source();
    if (info.name().equals("rope_freqs.weight")) {
      writer.tensor(info.name(), info.dimensions(), ropeDivisors());
    } else if (!isMatrix(info)) {
      float[] gains = new float[info.dimensions().getFirst().intValue()];
      Arrays.fill(gains, 1);
      writer.tensor(info.name(), info.dimensions(), gains);
    } else {
      ChunkedData.Chunk chunk =
          (first, count, bytes, at) ->
              pool(tensor.type(), deviation(info))
                  .fill(bytes, at, at + (int) tensor.type().bytes(count), seed(index, first));
      writer.tensor(
          info.name(),
          tensor.type(),
          info.dimensions(),
          new ChunkedData(tensor.type(), info.elements(), chunk, written));
    }
  }

  private static boolean isMatrix(TensorInfo tensor) {
    return tensor.dimensions().size() > 1;
  }

  /// A seed of its own for every part of every tensor.
  private long seed(int tensor, long first) {
    return seed ^ ((tensor + 1L) * 0x9E37_79B9_7F4A_7C15L) ^ (first * 0xD1B5_4A32_D192_ED03L);
  }

  private float deviation(TensorInfo tensor) {
    double deviation = 1 / Math.sqrt(tensor.dimensions().getFirst());
    boolean addsToTheStream =
        tensor.name().contains("attn_output") || tensor.name().contains("ffn_down");
    return (float) (addsToTheStream ? deviation / Math.sqrt(2.0 * shape.layers()) : deviation);
  }

  /// Pools are made when they are first wanted; whoever else wants one waits.
  private synchronized WeightPool pool(GgmlType type, float deviation) {
    return pools.computeIfAbsent(
        new Spread(type, deviation), _ -> WeightPool.of(type, deviation, seed));
  }

  /// What the frequencies of RoPE are divided by in Llama 3.1 and later: the low ones by the
  /// factor, the high ones by 1, those between by something between.
  private float[] ropeDivisors() {
    var divisors = new float[shape.headSize() / 2];
    for (int i = 0; i < divisors.length; i++) {
      double frequency = Math.pow(shape.ropeBase(), -2.0 * i / shape.headSize());
      double turns = ORIGINAL_CONTEXT * frequency / (2 * Math.PI);
      double smooth =
          (turns - LOW_FREQUENCY_FACTOR) / (HIGH_FREQUENCY_FACTOR - LOW_FREQUENCY_FACTOR);
      double high = Math.clamp(smooth, 0, 1);
      divisors[i] = (float) (1 / ((1 - high) / shape.ropeFactor() + high));
    }
    return divisors;
  }
}
