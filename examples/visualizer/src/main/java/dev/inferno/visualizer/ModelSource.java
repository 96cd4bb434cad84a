package dev.inferno.visualizer;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import java.io.IOException;

/// Where the model comes from. It is loaded on the visualizer's own thread, while the page is
/// already there, and closed with the visualizer.
///
/// @param name what the page calls it while it loads
/// @param loader loads it
public record ModelSource(String name, Loader loader) {

  /// Loads a model.
  @FunctionalInterface
  public interface Loader {
    /// The model; `progress` may be told how far loading is.
    ///
    /// @throws IOException if the file cannot be read
    Model load(LoadOptions.Progress progress) throws IOException;
  }
}
