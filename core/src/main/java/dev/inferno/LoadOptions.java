package dev.inferno;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// How a model is loaded. Immutable.
///
/// @param copy whether the tensors are copied to memory instead of mapped
/// @param rearrange whether matrices are rearranged to be fast
/// @param round whether what they multiply is rounded, see {@link #roundedActivations}
/// @param progress told how far loading is
/// @param adapters what is added to matrices, in this order
public record LoadOptions(
    boolean copy, boolean rearrange, boolean round, Progress progress, List<Lora> adapters) {

  /// A low-rank change of a model's matrices, see {@link LoadOptions#lora}. Immutable.
  ///
  /// @param path the file, or the folder
  /// @param scale what the change is multiplied by, any finite number
  public record Lora(Path path, float scale) {
    /// Checks the range.
    public Lora {
      if (!Float.isFinite(scale)) {
        throw new IllegalArgumentException("the scale must be finite, but is " + scale);
      }
    }
  }

  /// Is told how far a long work is, on the thread that does it.
  @FunctionalInterface
  public interface Progress {
    /// So many of the bytes are done.
    void at(long bytes, long total);
  }

  /// Mapped where nothing has to be rearranged, rearranged where it is faster, nobody told.
  public static LoadOptions defaults() {
    return new LoadOptions(false, true, false, (_, _) -> {}, List.of());
  }

  /// Checks, and copies the list.
  public LoadOptions {
    Objects.requireNonNull(progress);
    adapters = List.copyOf(adapters);
  }

  /// Copies the tensors to memory. A mapped file that another process truncates brings the JVM down
  /// (the system's SIGBUS); a copied one is immune.
  public LoadOptions copied() {
    return new LoadOptions(true, rearrange, round, progress, adapters);
  }

  /// Computes with matrices as the file has them. Loading is quicker, and a mapped file is shared
  /// with other processes; with weights of 4, 5, 6 or 8 bits, tokens take up to twice as long. The
  /// numbers differ in the last places.
  public LoadOptions inFileLayout() {
    return new LoadOptions(copy, false, round, progress, adapters);
  }

  /// Rounds activations to 8 bits before a matrix of 4 to 6 bits multiplies them, 32 at a time with
  /// a scale of their own, as llama.cpp always does. Steps of one token, drafts and sessions side
  /// by side become faster, with 4 bits by about a third, with 5 and 6 by little, and a little less
  /// exact; no number stays to the bit. Prompts of more than 16 tokens are computed as before, up
  /// to the logits, and so are matrices of other formats and those of {@link #inFileLayout}.
  public LoadOptions roundedActivations() {
    return new LoadOptions(copy, rearrange, true, progress, adapters);
  }

  /// Computes with a LoRA adapter beside the weights, which stay as they are: `W x + scale B (A
  /// x)`. Several add up. It is a GGUF file as llama.cpp's `convert_lora_to_gguf.py` writes it, or
  /// a folder as PEFT saves it: `adapter_config.json` and `adapter_model.safetensors`. Either is
  /// for a GGUF file or a folder of a model of the same architecture and sizes; loading refuses any
  /// other, and what is more than low-rank changes of matrices, such as DoRA, biases and modules
  /// that were trained as a whole.
  ///
  /// @param path the file, or the folder
  /// @param scale 1 is as it was trained, 0 is without it
  public LoadOptions lora(Path path, float scale) {
    List<Lora> more = new ArrayList<>(adapters);
    more.add(new Lora(path, scale));
    return new LoadOptions(copy, rearrange, round, progress, more);
  }

  /// Tells how far loading is.
  public LoadOptions progress(Progress progress) {
    return new LoadOptions(copy, rearrange, round, progress, adapters);
  }
}
