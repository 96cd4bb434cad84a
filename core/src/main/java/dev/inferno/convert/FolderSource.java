package dev.inferno.convert;

import dev.inferno.GenerationDefaults;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A Hugging Face folder as the GGUF file that llama.cpp's converter makes of it. What is no matrix
/// of weights is in single precision, whatever the folder has.
final class FolderSource implements ModelSource {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MOSTLY_MXFP4 = 38; // llama.cpp's LLAMA_FTYPE_MOSTLY_MXFP4_MOE

  private final HuggingFaceModel model;
  private final Map<String, Object> tokenizer;
  private final GenerationDefaults defaults;
  private final Map<TensorInfo, TensorInfo> tensors = new LinkedHashMap<>(); // to the model's own

  private FolderSource(
      HuggingFaceModel model, Map<String, Object> tokenizer, GenerationDefaults defaults) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.defaults = defaults;
    for (TensorInfo tensor : model.tensors()) {
      boolean kept = TypeMix.isQuantized(tensor) || tensor.type() == GgmlType.F32;
      tensors.put(kept ? tensor : inSinglePrecision(tensor), tensor);
    }
  }

  private static TensorInfo inSinglePrecision(TensorInfo tensor) {
    return new TensorInfo(
        tensor.name(),
        GgmlType.F32,
        tensor.dimensions(),
        tensor.offset(),
        GgmlType.F32.bytes(tensor.elements()));
  }

  /// Opens a folder, or a safetensors file in one.
  ///
  /// @throws IOException if it cannot be read
  static FolderSource open(Path folder) throws IOException {
    if (!HuggingFaceModel.isAt(folder)) {
      throw new IOException(
          "cannot convert %s: it is no folder, and no safetensors file in one".formatted(folder));
    }
    HuggingFaceModel model = HuggingFaceModel.openToConvert(folder);
    boolean done = false;
    try {
      Map<String, Object> tokenizer = model.tokenizerMetadata();
      GenerationDefaults defaults =
          GenerationDefaults.ofConfig(
              model.name() + "/generation_config.json",
              model.generationConfig(),
              model.vocabulary());
      var source = new FolderSource(model, tokenizer, defaults);
      done = true;
      return source;
    } finally {
      if (!done) {
        model.close();
      }
    }
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public List<Path> files() {
    return model.files();
  }

  @Override
  public Map<String, Object> metadata() {
    return model.metadata();
  }

  @Override
  public void describe(GgufWriter writer) {
    writer.metadata("general.architecture", "str", model.requiredString("general.architecture"));
    writer.metadata("general.type", "str", "model");
    describeSampling(writer);
    writer.metadata("general.name", "str", model.name());
    writer.metadata("general.size_label", "str", SizeLabel.of(tensors()));
    model
        .metadata()
        .forEach((key, value) -> {
          if (!key.startsWith("general.")) {
            add(key, value, writer);
          }
        });
    writer.metadata("general.quantization_version", "u32", Quantizer.QUANTIZATION_VERSION);
    writer.metadata("general.file_type", "u32", fileType());
    tokenizer.forEach((key, value) -> add(key, value, writer));
  }

  /// Whoever does not sample has a temperature of 0, which is how GGUF says it.
  private void describeSampling(GgufWriter writer) {
    boolean sampled = defaults.sampled().orElse(true);
    defaults.topK().ifPresent(k -> writer.metadata("general.sampling.top_k", "i32", k.longValue()));
    defaults.topP().ifPresent(p -> real("top_p", p, writer));
    defaults.minP().ifPresent(p -> real("min_p", p, writer));
    if (sampled) {
      defaults.temperature().ifPresent(t -> real("temp", t, writer));
    } else {
      real("temp", 0, writer);
    }
    defaults.repetitionPenalty().ifPresent(r -> real("penalty_repeat", r, writer));
  }

  private static void real(String name, float value, GgufWriter writer) {
    writer.metadata("general.sampling." + name, "f32", (double) value);
  }

  /// Integers have the types that llama.cpp asks for.
  private static void add(String key, Object value, GgufWriter writer) {
    switch (value) {
      case Long number -> writer.metadata(key, number < 0 ? "i32" : "u32", number);
      case Double number -> writer.metadata(key, "f32", (double) number.floatValue());
      case Boolean flag -> writer.metadata(key, "bool", flag);
      case String text -> writer.metadata(key, "str", text);
      case long[] numbers -> writer.metadata(key, "arr[i32]", numbers);
      case float[] numbers -> writer.metadata(key, "arr[f32]", numbers);
      case boolean[] flags -> writer.metadata(key, "arr[bool]", flags);
      case List<?> texts -> writer.metadata(key, "arr[str]", texts);
      default -> throw new IllegalStateException(key + " is a " + value.getClass());
    }
  }

  /// That of the type of most numbers; MXFP4 is one that is not made here, but kept.
  private long fileType() {
    Map<GgmlType, Long> elements = new EnumMap<>(GgmlType.class);
    for (TensorInfo tensor : tensors.keySet()) {
      elements.merge(tensor.type(), tensor.elements(), Long::sum);
    }
    GgmlType most =
        elements.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(GgmlType.F32);
    return switch (most) {
      case F16 -> FileType.F16.id();
      case BF16 -> FileType.BF16.id();
      case MXFP4 -> MOSTLY_MXFP4;
      default -> FileType.F32.id();
    };
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(tensors.keySet());
  }

  @Override
  public void lend(TensorInfo tensor, Use use) throws IOException {
    TensorInfo stored = tensors.get(tensor);
    if (stored == null) {
      throw new IllegalArgumentException("there is no tensor '%s'".formatted(tensor.name()));
    }
    try {
      model.lendWhole(
          stored,
          data -> {
            try {
              use.with(bytes(stored.type() == tensor.type() ? data : floats(stored, data)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Bytes bytes(MemorySegment data) {
    return (offset, bytes, at, length) ->
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, bytes, at, length);
  }

  /// A small tensor, decoded.
  private static MemorySegment floats(TensorInfo tensor, MemorySegment data) {
    BlockFormat format = BlockFormats.of(tensor.type()).orElseThrow();
    var values = new float[Math.toIntExact(tensor.elements())];
    format.decode(data, 0, values, 0, values.length);
    byte[] floats = new byte[Float.BYTES * values.length];
    MemorySegment.copy(values, 0, MemorySegment.ofArray(floats), F32, 0, values.length);
    return MemorySegment.ofArray(floats);
  }

  @Override
  public void close() {
    model.close();
  }
}
