package dev.inferno.cli;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether a model runs: it is loaded as far as that takes no memory.
///
/// @param problem why it does not run
/// @param windows for each layer, how many positions it sees, 0 for all; empty where it is not
///   known
record ModelCheck(Optional<String> problem, List<Integer> windows) {

  /// All of it is as it should be; the rest would only take memory.
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /// A GGUF file, whose tensors are mapped and not read.
  ///
  /// @param header what the file says
  /// @param options what is put beside its weights
  static ModelCheck gguf(Path file, GgufFile header, LoadOptions options) {
    ModelCheck check = gguf(file, options);
    Set<GgmlType> missing = EnumSet.noneOf(GgmlType.class);
    header.tensors().stream()
        .map(TensorInfo::type)
        .filter(type -> !Model.supports(type))
        .forEach(missing::add);
    return check.problem().isPresent() && !missing.isEmpty()
        ? new ModelCheck(
            check.problem().map(problem -> problem + "; not supported are tensors of " + missing),
            List.of())
        : check;
  }

  private static ModelCheck gguf(Path file, LoadOptions options) {
    try (Model model = Model.load(file, options.inFileLayout())) {
      return new ModelCheck(Optional.empty(), model.cost().windows());
    } catch (IOException | RuntimeException e) {
      return new ModelCheck(Optional.of(Failures.message(e)), List.of());
    }
  }

  /// A folder. Matrices that GGUF has in another order would be made anew, so loading ends behind
  /// the first tensor: then the architecture is known, its sizes are right, all of its tensors are
  /// there, and adapters fit.
  static ModelCheck folder(Path folder, LoadOptions options) {
    LoadOptions first =
        options
            .inFileLayout()
            .progress((_, _) -> {
              throw new Enough();
            });
    try (Model _ = Model.load(folder, first)) {
      return new ModelCheck(Optional.empty(), List.of());
    } catch (Enough e) {
      return new ModelCheck(Optional.empty(), List.of());
    } catch (IOException | RuntimeException e) {
      return new ModelCheck(Optional.of(Failures.message(e)), List.of());
    }
  }
}
