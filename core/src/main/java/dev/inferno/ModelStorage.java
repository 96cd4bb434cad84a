package dev.inferno;

import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.models.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The memory that a model's weights lie in, mapped or its own, until it is closed. Thread-safe.
interface ModelStorage extends AutoCloseable {

  /// No more is read; what only loading needed is freed.
  void loaded();

  /// Checks that a mapped file was not cut short, because reading beyond its end brings the JVM
  /// down.
  ///
  /// @throws IllegalStateException if it was
  void requireWhole();

  /// The fingerprint of a model that was just read from here.
  Fingerprint fingerprint(ModelFile file);

  @Override
  void close();

  /// That of a folder.
  record Folder(HuggingFaceModel model) implements ModelStorage {
    @Override
    public void loaded() {
      model.loaded();
    }

    @Override
    public void requireWhole() {
      model.requireWhole();
    }

    @Override
    public Fingerprint fingerprint(ModelFile file) {
      Fingerprint fingerprint = Fingerprint.of(file);
      if (!model.staysMapped()) { // nothing can be read later
        fingerprint.value();
      }
      return fingerprint;
    }

    @Override
    public void close() {
      model.close();
    }
  }

  /// That of a GGUF model in several files.
  record Parts(List<ModelBytes> parts) implements ModelStorage {
    static Parts open(List<Path> paths, boolean copied) throws IOException {
      List<ModelBytes> parts = new ArrayList<>(paths.size());
      try {
        for (Path path : paths) {
          parts.add(ModelBytes.open(path, copied));
        }
        return new Parts(List.copyOf(parts));
      } catch (IOException | RuntimeException e) {
        parts.forEach(ModelBytes::close);
        throw e;
      }
    }

    @Override
    public void loaded() {
      parts.forEach(ModelBytes::loaded);
    }

    @Override
    public void requireWhole() {
      parts.forEach(ModelBytes::requireWhole);
    }

    @Override
    public Fingerprint fingerprint(ModelFile file) {
      return parts.getFirst().fingerprint(file); // all are mapped or all are copied
    }

    @Override
    public void close() {
      parts.forEach(ModelBytes::close);
    }
  }
}
