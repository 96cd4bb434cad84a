package dev.inferno.convert;

import dev.inferno.LoadOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Makes GGUF files of Hugging Face folders, with the names, the layout and the metadata that
/// llama.cpp's converter gives them.
///
/// ```java
/// FolderConverter.convert(Path.of("Qwen3-0.6B"), Path.of("qwen3.gguf"), FileType.BF16, (_, _) -> {});
/// ```
///
/// The tokenizer is taken from `tokenizer.json` and the files beside it. Vectors, norms and what
/// else is small or touchy are in single precision, whatever the folder has.
public final class FolderConverter {
  private FolderConverter() {}

  /// Writes a file with the matrices in the types of `type`.
  ///
  /// What is at `out` is replaced when all is written; until then, and if anything fails, nothing
  /// changes.
  ///
  /// @param folder the folder, or a safetensors file in it
  /// @param progress told how many bytes of tensors are written; what it throws ends the work
  /// @throws IOException if a file cannot be read or written
  /// @throws dev.inferno.format.MalformedModelException if a file breaks its format
  /// @throws dev.inferno.format.UnsupportedModelException if the family or the tokenizer is one
  ///   that is not handled
  public static Conversion convert(
      Path folder, Path out, FileType type, LoadOptions.Progress progress) throws IOException {
    return convert(folder, out, Optional.of(type), progress);
  }

  /// Writes a file with the matrices in the types that the folder has them in, or that hold its
  /// numbers exactly; 64-bit numbers are rounded to single precision.
  public static Conversion convert(Path folder, Path out, LoadOptions.Progress progress)
      throws IOException {
    return convert(folder, out, Optional.empty(), progress);
  }

  private static Conversion convert(
      Path folder, Path out, Optional<FileType> type, LoadOptions.Progress progress)
      throws IOException {
    try (ModelSource source = FolderSource.open(folder)) {
      source.requireElsewhere(out);
      return new Quantizer(source).write(out, type, progress);
    }
  }
}
