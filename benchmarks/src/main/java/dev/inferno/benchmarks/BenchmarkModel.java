package dev.inferno.benchmarks;

import dev.inferno.Model;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The models that are measured, by the name that a parameter gives them.
final class BenchmarkModel {
  /// The model that comes with the examples.
  static final String BUNDLED = "bundled";

  private static final String BUNDLED_FILE = "inferno-tiny-q8_0.gguf";

  private BenchmarkModel() {}

  /// Loads a model.
  ///
  /// @param name `bundled`; or a type such as `Q8_0`, for a model of SmolLM2-135M's shapes with
  ///   random weights of this type; or the path of a GGUF file
  static Model load(String name) throws IOException {
    if (name.equals(BUNDLED)) {
      return Model.load(bundled(), BUNDLED_FILE);
    }
    if (Arrays.stream(GgmlType.values()).anyMatch(type -> type.name().equals(name))) {
      return random(GgmlType.valueOf(name), Llama.SMOLLM2);
    }
    return Model.load(Path.of(name));
  }

  /// The file of the bundled model.
  static byte[] bundled() throws IOException {
    try (InputStream in = BenchmarkModel.class.getResourceAsStream(BUNDLED_FILE)) {
      if (in == null) {
        throw new FileNotFoundException(BUNDLED_FILE + " is missing from the jar");
      }
      return in.readAllBytes();
    }
  }

  /// What a llama's sizes are.
  record Llama(
      int layers,
      int width,
      int heads,
      int keyValueHeads,
      int feedForward,
      int vocabulary,
      int contextLength) {
    static final Llama SMOLLM2 = new Llama(30, 576, 9, 3, 1536, 49_152, 8192);

    int headSize() {
      return width / heads;
    }
  }

  /// A llama with random weights, all matrices of one type, the output tied to the embedding. It is
  /// written to a file and mapped, as a real one would be; on a system that does not let go of a
  /// mapped file it is deleted at the end.
  static Model random(GgmlType type, Llama sizes) throws IOException {
    Path file = Files.createTempFile("random-" + type + "-", ".gguf");
    try {
      write(file, type, sizes);
      return Model.load(file);
    } finally {
      delete(file);
    }
  }

  private static void delete(Path file) throws IOException {
    try {
      Files.delete(file);
    } catch (java.nio.file.FileSystemException e) {
      file.toFile().deleteOnExit();
    }
  }

  private static void write(Path file, GgmlType type, Llama sizes) throws IOException {
    GgufFile bundled = GgufFile.of(bundled(), BUNDLED_FILE);
    GgufWriter writer =
        new GgufWriter()
            .metadataOf(bundled) // its vocabulary; ids beyond it have no text
            .metadata("general.name", "str", "random " + type)
            .metadata("llama.context_length", "u32", (long) sizes.contextLength())
            .metadata("llama.embedding_length", "u32", (long) sizes.width())
            .metadata("llama.block_count", "u32", (long) sizes.layers())
            .metadata("llama.feed_forward_length", "u32", (long) sizes.feedForward())
            .metadata("llama.attention.head_count", "u32", (long) sizes.heads())
            .metadata("llama.attention.head_count_kv", "u32", (long) sizes.keyValueHeads())
            .metadata("llama.attention.key_length", "u32", (long) sizes.headSize())
            .metadata("llama.attention.value_length", "u32", (long) sizes.headSize())
            .metadata("llama.rope.dimension_count", "u32", (long) sizes.headSize())
            .metadata("llama.vocab_size", "u32", (long) sizes.vocabulary());
    Tensors tensors = new Tensors(writer, type, RandomNumbers.seeded(4));
    int keyValueWidth = sizes.keyValueHeads() * sizes.headSize();
    tensors.matrix("token_embd", sizes.vocabulary(), sizes.width());
    tensors.gain("output_norm", sizes.width());
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String block = "blk." + layer + ".";
      tensors.gain(block + "attn_norm", sizes.width());
      tensors.matrix(block + "attn_q", sizes.width(), sizes.width());
      tensors.matrix(block + "attn_k", keyValueWidth, sizes.width());
      tensors.matrix(block + "attn_v", keyValueWidth, sizes.width());
      tensors.matrix(block + "attn_output", sizes.width(), sizes.width());
      tensors.gain(block + "ffn_norm", sizes.width());
      tensors.matrix(block + "ffn_gate", sizes.feedForward(), sizes.width());
      tensors.matrix(block + "ffn_up", sizes.feedForward(), sizes.width());
      tensors.matrix(block + "ffn_down", sizes.width(), sizes.feedForward());
    }
    writer.write(file);
  }

  /// Random tensors, made while they are written.
  private record Tensors(GgufWriter writer, GgmlType type, RandomNumbers random) {
    void matrix(String name, long rows, long columns) {
      writer.tensor(
          name + ".weight",
          type,
          List.of(columns, rows),
          out -> out.write(random.blocks(type, rows * columns)));
    }

    void gain(String name, long width) {
      float[] ones = new float[(int) width];
      Arrays.fill(ones, 1);
      writer.tensor(name + ".weight", List.of(width), ones);
    }
  }
}
