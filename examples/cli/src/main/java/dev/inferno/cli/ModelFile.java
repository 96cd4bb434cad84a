package dev.inferno.cli;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Parameters;

/// The model that a command works with: a file, or the one that comes with the program.
final class ModelFile {
  /// How a GGUF file begins.
  private static final byte[] GGUF = {'G', 'G', 'U', 'F'};

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A GGUF file; for run, chat, trace, lens, attribute, perplexity, bench and verify also a"
              + " Hugging Face folder (config.json and safetensors) or a safetensors file in one; for tokenize,"
              + " detokenize and render also a tokenizer.json, a SentencePiece .model or a folder that"
              + " has one. Without one: the bundled model, "
              + BundledModel.NAME
              + ".")
  private Optional<Path> path = Optional.empty();

  /// What the file says, or the first of its parts, without its tensors; warnings go to the
  /// standard error.
  GgufFile header(Console console) throws IOException {
    GgufFile file =
        path.isPresent()
            ? GgufParts.open(path.get()).first()
            : GgufFile.of(BundledModel.bytes(), BundledModel.NAME);
    warn(file, console);
    return file;
  }

  /// The tokenizer, where no more is needed: of a GGUF file, a folder, a `tokenizer.json` or a
  /// SentencePiece `.model`. Warnings go to the standard error.
  Tokenizer tokenizer(Console console) throws IOException {
    if (path.isEmpty() || !isTokenizer(path.get())) {
      requireGguf();
      return Model.tokenizer(header(console));
    }
    return Tokenizer.read(path.get(), warning -> console.err().println("warning: " + warning));
  }

  /// A file of another kind is told what else would do. One that cannot be read is left to whoever
  /// opens it.
  private void requireGguf() throws IOException {
    if (path.isEmpty() || !Files.isRegularFile(path.get()) || !Files.isReadable(path.get())) {
      return;
    }
    try (InputStream in = Files.newInputStream(path.get())) {
      if (!Arrays.equals(in.readNBytes(GGUF.length), GGUF)) {
        throw new IOException(
            "%s: no GGUF file; possible are also a tokenizer.json, or another file that ends with"
                    .formatted(path.get())
                + " .json, a SentencePiece .model, and a folder that has one");
      }
    }
  }

  /// Whether a path is that of a tokenizer by itself: a folder, or a file that is named like one.
  private static boolean isTokenizer(Path path) {
    String name = path.toString();
    return (Files.isDirectory(path) && !name.isEmpty())
        || name.endsWith(".json")
        || name.endsWith(".model");
  }

  /// What messages call it.
  String name() {
    return path.map(Path::toString).orElse(BundledModel.NAME);
  }

  /// Whether it is a Hugging Face folder, or a safetensors file in one.
  boolean isFolder() {
    return path.filter(each ->
            (Files.isDirectory(each) && !each.toString().isEmpty())
                || each.toString().endsWith(".safetensors"))
        .isPresent();
  }

  /// The path of a GGUF file, if it is one that was named.
  Optional<Path> gguf() {
    return isFolder() ? Optional.empty() : path;
  }

  /// Refuses a text where none can be read.
  ///
  /// @param what what the text is
  void requireText(String what) {
    if (isFolder() && !hasTokenizer(path.orElseThrow())) {
      throw new IllegalArgumentException(
          "%s: %s cannot be a text, since the folder has neither tokenizer.json nor tokenizer.model;"
                  .formatted(path.orElseThrow(), what)
              + " token ids are possible, as in --ids 1,2,3");
    }
  }

  private static boolean hasTokenizer(Path path) {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().resolveSibling("");
    return Files.exists(folder.resolve("tokenizer.json"))
        || Files.exists(folder.resolve("tokenizer.model"));
  }

  /// The model; warnings, and a word if loading takes long, go to the standard error.
  Model load(Console console) throws IOException {
    return load(console, LoadOptions.defaults());
  }

  /// The same with options, whose progress is not told.
  Model load(Console console, LoadOptions options) throws IOException {
    if (path.isEmpty() && !options.adapters().isEmpty()) {
      throw new IllegalArgumentException("an adapter needs a model that is named");
    }
    if (isFolder()) {
      return load(
          path.orElseThrow(), path.orElseThrow().toString(), console, options, (_, _) -> {});
    }
    return load(header(console), console, options, (_, _) -> {});
  }

  /// The model whose header was read before; `alsoTold` is told how far loading is besides.
  Model load(GgufFile header, Console console, LoadOptions.Progress alsoTold) throws IOException {
    return load(header, console, LoadOptions.defaults(), alsoTold);
  }

  private Model load(
      GgufFile header, Console console, LoadOptions options, LoadOptions.Progress alsoTold)
      throws IOException {
    if (path.isEmpty()) {
      return Model.load(BundledModel.bytes(), BundledModel.NAME);
    }
    return load(path.get(), header.name(), console, options, alsoTold);
  }

  /// A model that another option names; warnings, and a word if loading takes long, go to the
  /// standard error.
  static Model load(Path path, Console console) throws IOException {
    boolean isFolder = Files.isDirectory(path) || path.toString().endsWith(".safetensors");
    if (!isFolder) {
      warn(GgufParts.open(path).first(), console);
    }
    return load(path, path.toString(), console, LoadOptions.defaults(), (_, _) -> {});
  }

  private static Model load(
      Path path, String name, Console console, LoadOptions options, LoadOptions.Progress alsoTold)
      throws IOException {
    var progress = new Progress(console.err());
    return Model.load(
        path,
        options.progress((bytes, total) -> {
          alsoTold.at(bytes, total);
          progress.say("loading %s: %d %%", name, 100 * bytes / Math.max(1, total));
        }));
  }

  /// A word if there is room for more than a model was trained for.
  static void warnOfContext(int context, ModelInfo model, Console console) {
    if (context > model.contextLength()) {
      console
          .err()
          .printf(
              "warning: a context of %d is more than the %d that %s was trained for%n",
              context, model.contextLength(), model.name());
    }
  }

  static void warn(GgufFile file, Console console) {
    file.warnings().forEach(warning -> console.err().println("warning: " + warning));
  }
}
