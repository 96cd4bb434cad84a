package dev.inferno.format;

import dev.inferno.internal.safetensors.Checkpoint;
import dev.inferno.internal.safetensors.JsonFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A model's folder as Hugging Face's tools write it: `config.json`, and tensors in
/// `model.safetensors` or in the files that `model.safetensors.index.json` lists. All of them are
/// checked when it is opened.
///
/// Immutable and thread-safe; not to be used after {@link #close}.
public final class ModelFolder implements Closeable {
  private final Map<String, Object> config;
  private final Checkpoint checkpoint;
  private final List<SafetensorsFile> files;

  private ModelFolder(
      Map<String, Object> config, Checkpoint checkpoint, List<SafetensorsFile> files) {
    this.config = config;
    this.checkpoint = checkpoint;
    this.files = files;
  }

  /// Opens a folder. Messages call it by the last part of its path.
  ///
  /// @throws IOException if there is no such folder, it has no `config.json`, or one of its files
  ///   cannot be read
  /// @throws MalformedModelException if one of its files breaks its format, or they do not fit
  ///   together
  /// @throws UnsupportedModelException if its tensors are in another format
  @SuppressWarnings("MustBeClosedChecker") // lives until close()
  public static ModelFolder open(Path folder) throws IOException {
    Map<String, Object> config = JsonFile.config(folder);
    Checkpoint checkpoint = Checkpoint.open(folder);
    return new ModelFolder(
        config, checkpoint, checkpoint.files().stream().map(SafetensorsFile::new).toList());
  }

  /// What messages call the folder.
  public String name() {
    return checkpoint.name();
  }

  /// What `config.json` says, in its order. A value is a String, a Long, a BigInteger beyond 64
  /// bits, a Double, a Boolean, an unmodifiable List or an unmodifiable Map of such. A `null`,
  /// which means that nothing is said, is left out.
  public Map<String, Object> config() {
    return config;
  }

  /// The files that hold the tensors, in the order of their names.
  public List<SafetensorsFile> files() {
    return files;
  }

  /// Unmaps the files.
  @Override
  public void close() {
    checkpoint.close();
  }
}
