package dev.inferno.cli;

import dev.inferno.ModelInfo;
import dev.inferno.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Changes of the computation that a file declares.
final class EditsOption {
  @Option(
      names = {"--edits", "--edit"},
      paramLabel = "FILE",
      description = {
        "Change the computation: {\"edits\":[{\"op\":\"zero\",\"point\":\"blocks.1.attn.hook_z\","
            + "\"heads\":[1]}, ...]}, all applied together, in the prompt and in the steps.",
        "op is zero, scale (with factor), add (vector or value, and perhaps factor), set (vector or"
            + " value), mean (vector), clamp (min, max), project_out (direction), noise (sigma,"
            + " seed), patch (file, array), cut (key) or mask (tokens as neurons); layers, heads,"
            + " neurons, positions, steps, tokens and when select, and without them all are meant."
            + " docs/guides/interventions.md has them all.",
        "Here a point may be a name with *, a vector may be the name of a tensor of"
            + " edits.safetensors in the same folder, query is the one position of a cut, and name"
            + " and max_abs_change are labels."
      })
  private Optional<Path> file = Optional.empty();

  /// Has a session compute with the changes.
  ///
  /// @return the edits as they stand in the file, or empty if there is none
  /// @throws IOException if the file cannot be read, or an edit means nothing or cannot be done
  Optional<String> intervene(Session session, ModelInfo model) throws IOException {
    if (file.isEmpty()) {
      return Optional.empty();
    }
    EditFile edits = EditFile.read(file.get());
    edits.interventions(model).forEach(session::intervene);
    return Optional.of(edits.json());
  }
}
