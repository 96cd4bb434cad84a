package dev.inferno.internal.huggingface;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.files.ReadableFile;
import dev.inferno.internal.models.ModelFile;
import dev.inferno.internal.safetensors.Checkpoint;
import dev.inferno.internal.safetensors.JsonFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;

/// A model's folder, `config.json` and safetensors, as the GGUF that llama.cpp's converter would
/// make of it: its metadata, its names, its layout.
///
/// A tensor that both have alike stays mapped. The others are rearranged when they are taken, into
/// memory that lives until {@link #close}.
public final class HuggingFaceModel implements ModelFile, AutoCloseable {
  private final Path folder;
  private final Config config;
  private final Metadata metadata;
  private final Map<String, Object> generationConfig;
  private final Checkpoint checkpoint;
  private final Map<String, Source> sources;
  private final List<String> unused;
  private final boolean copied;
  private final Arena memory;
  private boolean unmapped;

  private HuggingFaceModel(
      Path folder,
      Config config,
      Metadata metadata,
      Map<String, Object> generationConfig,
      Checkpoint checkpoint,
      Map<String, Source> sources,
      List<String> unused,
      boolean copied,
      Arena memory) {
    this.folder = folder;
    this.config = config;
    this.metadata = metadata;
    this.generationConfig = generationConfig;
    this.checkpoint = checkpoint;
    this.sources = sources;
    this.unused = unused;
    this.copied = copied;
    this.memory = memory;
  }

  /// Whether a path is that of a folder or of a safetensors file.
  public static boolean isAt(Path path) {
    return !path.toString().isEmpty() // which the system takes for the folder it is in
        && (Files.isDirectory(path) || isFile(path));
  }

  private static boolean isFile(Path path) {
    return path.toString().endsWith(".safetensors") && !Files.isDirectory(path);
  }

  /// Opens a folder, or a safetensors file beside its `config.json`.
  ///
  /// @param copied whether nothing is to stay mapped
  /// @throws IOException if it cannot be read, or lacks `config.json`
  /// @throws MalformedModelException if something breaks its format, or does not fit together
  /// @throws UnsupportedModelException if it is something that is not handled
  public static HuggingFaceModel open(Path path, boolean copied) throws IOException {
    return open(path, copied, Families::of);
  }

  /// The same as llama.cpp's converter writes it, also where it is quicker to compute with
  /// otherwise.
  public static HuggingFaceModel openToConvert(Path path) throws IOException {
    return open(path, false, Families::ofFile);
  }

  @SuppressWarnings("MustBeClosedChecker") // both live until close()
  private static HuggingFaceModel open(Path path, boolean copied, Function<Config, Family> families)
      throws IOException {
    Path folder = path;
    if (isFile(path)) {
      ReadableFile.open(path).close();
      folder = path.toAbsolutePath().normalize().resolveSibling("");
      if (!Files.exists(folder.resolve("config.json"))) {
        throw new IOException(
            "cannot load "
                + path
                + ": there is no config.json beside it, which says what its tensors are");
      }
    }
    Config config =
        new Config(Checkpoint.name(folder) + "/config.json", "", JsonFile.config(folder));
    TextPart text = TextPart.of(config);
    Family family = families.apply(text.config());
    Metadata metadata = new Metadata(family.architecture(), "model_type");
    family.keys().accept(text.config(), metadata);
    Map<String, Object> generation = JsonFile.readIfThere(folder, "generation_config.json");
    Checkpoint checkpoint =
        isFile(path) ? Checkpoint.open(folder, ReadableFile.name(path)) : Checkpoint.open(folder);
    try {
      Map<String, Source> sources = new Sources(text, family, metadata, checkpoint).all();
      List<String> unused = UnusedTensors.of(text, family, metadata, checkpoint, sources.values());
      UnusedTensors.warn(checkpoint.name(), unused);
      return new HuggingFaceModel(
          folder,
          config,
          metadata,
          generation,
          checkpoint,
          sources,
          unused,
          copied,
          Arena.ofShared());
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return checkpoint.name();
  }

  @Override
  public Map<String, Object> metadata() {
    return Collections.unmodifiableMap(metadata.values());
  }

  /// Where it lies.
  public Path folder() {
    return folder;
  }

  /// The names of its tensors that are part of no model like it.
  List<String> unused() {
    return List.copyOf(unused);
  }

  /// What its `config.json` says of the part that works with text.
  Config described() {
    return TextPart.of(config).config();
  }

  /// What its `generation_config.json` says, nothing if there is none.
  public Map<String, Object> generationConfig() {
    return generationConfig;
  }

  /// Its tokenizer, as metadata.
  ///
  /// @throws IOException if a file cannot be read
  /// @throws MalformedModelException if one breaks its format
  /// @throws UnsupportedModelException if GGUF has no such tokenizer
  public Map<String, Object> tokenizerMetadata() throws IOException {
    return TokenizerFiles.metadata(folder, config, vocabulary());
  }

  /// How many tokens it has logits for.
  public int vocabulary() {
    return (int) metadata.count("vocab_size");
  }

  /// The files that its tensors are read from.
  public List<Path> files() {
    return checkpoint.paths();
  }

  /// Shows all bytes of a tensor, during the call only, to any thread. What was rearranged for it
  /// takes no memory afterwards.
  public void lendWhole(TensorInfo tensor, Consumer<MemorySegment> use) {
    try (Arena passing = Arena.ofShared()) {
      use.accept(source(tensor).data(passing, false));
    }
  }

  @Override
  public Optional<String> string(String key) {
    return value(key, String.class);
  }

  @Override
  public String requiredString(String key) {
    return string(key).orElseThrow(() -> missing(key));
  }

  @Override
  public OptionalLong integer(String key) {
    Optional<Long> value = value(key, Long.class);
    return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(value.get());
  }

  @Override
  public long requiredInteger(String key) {
    return integer(key).orElseThrow(() -> missing(key));
  }

  @Override
  public OptionalDouble real(String key) {
    Optional<Double> value = value(key, Double.class);
    return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(value.get());
  }

  @Override
  public double requiredReal(String key) {
    return real(key).orElseThrow(() -> missing(key));
  }

  /// A value, whose type in `config.json` was checked before.
  private <T> Optional<T> value(String key, Class<T> type) {
    Object value = metadata.values().get(key);
    return value == null ? Optional.empty() : Optional.of(type.cast(value));
  }

  private MalformedModelException missing(String key) {
    return new MalformedModelException(
        "%s: malformed: nothing in config.json says '%s'".formatted(name(), key));
  }

  @Override
  public String keyName(String key) {
    return metadata.source(key) + " of config.json";
  }

  @Override
  public List<TensorInfo> tensors() {
    return sources.values().stream().map(Source::info).toList();
  }

  @Override
  public Optional<TensorInfo> tensor(String name) {
    return Optional.ofNullable(sources.get(name)).map(Source::info);
  }

  @Override
  public String tensorName(String tensor) {
    Source source = sources.get(tensor);
    return source == null ? tensor : source.label();
  }

  @Override
  public MemorySegment data(TensorInfo tensor) {
    return source(tensor).data(memory, copied);
  }

  @Override
  public void lend(TensorInfo tensor, long offset, long length, Consumer<MemorySegment> use) {
    try (Arena passing = Arena.ofConfined()) {
      use.accept(source(tensor).data(passing, false).asSlice(offset, length));
    }
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return memory.allocate(bytes, Layout.ALIGNMENT);
  }

  private Source source(TensorInfo tensor) {
    Source source = sources.get(tensor.name());
    if (source == null) {
      throw new IllegalArgumentException("there is no tensor '%s'".formatted(tensor.name()));
    }
    return source;
  }

  @Override
  public long sizeBytes() {
    return tensors().stream().mapToLong(TensorInfo::sizeBytes).sum();
  }

  /// No more tensors will be asked for; what only they needed is freed.
  public void loaded() {
    if (copied) {
      unmap();
    }
  }

  /// Whether its files can be read until it is closed.
  public boolean staysMapped() {
    return !copied;
  }

  /// Checks that no mapped file was cut short.
  ///
  /// @throws IllegalStateException if one was
  public void requireWhole() {
    if (!copied) {
      checkpoint.requireWhole();
    }
  }

  /// Frees the memory.
  @Override
  public void close() {
    unmap();
    memory.close();
  }

  private void unmap() {
    if (!unmapped) {
      unmapped = true;
      checkpoint.close();
    }
  }
}
