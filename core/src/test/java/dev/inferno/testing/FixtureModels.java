package dev.inferno.testing;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.internal.models.GgufModelFile;
import dev.inferno.internal.models.ModelFile;
import dev.inferno.internal.quant.BlockFormats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// The models of `fixtures/arch` and, of those beside the tests, `tiny`, each as a Hugging Face
/// folder, and as a GGUF file where there is one. A new one is tested by existing.
public final class FixtureModels {
  private static final String GGUF = "/model-f32.gguf";
  private static final String TINY = "tiny/";

  private FixtureModels() {}

  /// Their names, `llama`, `llama/model-f32.gguf` and `tiny/granite`, without those of
  /// architectures that are not supported.
  public static List<String> names() throws IOException {
    return Stream.concat(
            names(Fixtures.shared("fixtures/arch"), "").filter(FixtureModels::isSupported),
            tiny().stream())
        .toList();
  }

  /// Those of `tiny`, which need nothing that is not beside the tests.
  public static List<String> tiny() throws IOException {
    return names(Fixtures.copied("tiny"), TINY).toList();
  }

  private static Stream<String> names(Path parent, String prefix) throws IOException {
    try (Stream<Path> folders = Files.list(parent)) {
      return folders
          .flatMap(folder ->
              Stream.of("/config.json", GGUF)
                  .filter(file -> Files.exists(Path.of(folder + file)))
                  .map(file -> prefix + folder.getFileName() + (file.equals(GGUF) ? GGUF : "")))
          .sorted()
          .toList()
          .stream();
    }
  }

  /// Those that have goldens of every point.
  public static List<String> namesWithHooks() throws IOException {
    return names().stream().filter(FixtureModels::hasHooks).toList();
  }

  /// The folders alone, where it does not matter that a GGUF has the same weights.
  public static List<String> folders() throws IOException {
    return names().stream().filter(name -> !name.endsWith(GGUF)).toList();
  }

  private static boolean hasHooks(String name) {
    return Files.exists(folder(name).resolve("hooks.safetensors"));
  }

  /// What has goldens of its points has to load.
  private static boolean isSupported(String name) {
    try {
      load(name).close();
      return true;
    } catch (UnsupportedModelException e) {
      if (hasHooks(name)) {
        throw e;
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Loads one. The GGUF of Mistral gets its sliding window, which the converter left out.
  public static Model load(String name) throws IOException {
    if (!name.equals("mistral" + GGUF)) {
      return Model.load(path(name));
    }
    Path file = Files.createTempFile("mistral", ".gguf");
    try {
      return Model.load(
          GgufVariant.of(path(name)).set("llama.attention.sliding_window", "u32", 12L).write(file),
          LoadOptions.defaults().copied());
    } finally {
      Files.delete(file);
    }
  }

  /// The folder of one, where its goldens are.
  public static Path folder(String name) {
    return path(name.replace(GGUF, ""));
  }

  private static Path path(String name) {
    return name.startsWith(TINY) ? Fixtures.copied(name) : Fixtures.shared("fixtures/arch/" + name);
  }

  /// Reads something from the file of one, whose names and layout are those of GGUF.
  public static <T> T read(String name, Function<ModelFile, T> what) throws IOException {
    Path path = path(name);
    if (name.endsWith(GGUF)) {
      var bytes = new FileInMemory(MemorySegment.ofArray(Files.readAllBytes(path)), Arena.ofAuto());
      return what.apply(new GgufModelFile(GgufFile.open(path), bytes));
    }
    try (HuggingFaceModel folder = HuggingFaceModel.open(path, true)) {
      return what.apply(folder);
    }
  }

  /// All numbers of a tensor.
  public static float[] floats(ModelFile file, TensorInfo tensor) {
    float[] floats = new float[Math.toIntExact(tensor.elements())];
    BlockFormats.of(tensor.type())
        .orElseThrow()
        .decode(file.data(tensor), 0, floats, 0, floats.length);
    return floats;
  }
}
