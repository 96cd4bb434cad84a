package dev.inferno.convert;

import dev.inferno.LoadOptions;
import dev.inferno.format.GgufParts;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.gguf.GgufFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// Cuts GGUF files into parts and puts them together again, as `llama-gguf-split` does.
///
/// ```java
/// GgufSplitter.splitBySize(Path.of("model.gguf"), Path.of("model"), 2_000_000_000L, (_, _) -> {});
/// // model-00001-of-00003.gguf and so on
/// ```
///
/// Tensors keep their order and their bytes; none is cut. The first part has the metadata, each has
/// `split.no`, `split.count` and `split.tensors.count`, which merging takes away.
public final class GgufSplitter {
  private static final int MOST_PARTS = 65_535; // what the u16 of split.count holds

  private GgufSplitter() {}

  /// Writes `PREFIX-00001-of-0000N.gguf` and so on, each with at most so many bytes of tensors; a
  /// tensor that is larger has a part of its own. Files of these names are replaced when all is
  /// written; until then, and if anything fails, nothing changes.
  ///
  /// @param in a GGUF file, or any part of one that is already split
  /// @param maxBytes at least 1
  /// @param progress told how many bytes of tensors are written; what it throws ends the work
  /// @return the parts, in order
  /// @throws IOException if a file cannot be read or written, or is to be both
  /// @throws dev.inferno.format.MalformedModelException if the file breaks the format
  /// @throws UnsupportedModelException if it would be more parts than the format can number
  public static List<Path> splitBySize(
      Path in, Path prefix, long maxBytes, LoadOptions.Progress progress) throws IOException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, but is " + maxBytes);
    }
    return split(in, prefix, (_, bytes) -> bytes > maxBytes, progress);
  }

  /// The same with at most so many tensors in each part.
  ///
  /// @param maxTensors at least 1
  public static List<Path> splitByTensors(
      Path in, Path prefix, int maxTensors, LoadOptions.Progress progress) throws IOException {
    if (maxTensors < 1) {
      throw new IllegalArgumentException("maxTensors must be at least 1, but is " + maxTensors);
    }
    return split(in, prefix, (tensors, _) -> tensors > maxTensors, progress);
  }

  /// Writes the parts of a model as one file. What is at `out` is replaced when all is written;
  /// until then, and if anything fails, nothing changes.
  ///
  /// @param part any part; the others lie beside it
  /// @param progress told how many bytes of tensors are written; what it throws ends the work
  /// @throws IOException if a part is missing, a file cannot be read or written, or is to be both
  /// @throws dev.inferno.format.MalformedModelException if a part breaks the format, or they do not
  ///   belong together
  /// @throws UnsupportedModelException if the file is no part
  public static void merge(Path part, Path out, LoadOptions.Progress progress) throws IOException {
    try (GgufSource source = GgufSource.open(part)) {
      if (!source.isSplit()) {
        throw new UnsupportedModelException(
            "%s: unsupported: it is a whole file, with nothing to merge; supported are parts, such as %s"
                .formatted(source.name(), GgufParts.name("NAME", 0, 2)));
      }
      source.requireElsewhere(out);
      GgufWriter writer = new GgufWriter();
      source.describe(writer);
      add(source, source.tensors(), writer, written(source, progress));
      writer.write(out);
    }
  }

  /// Whether so many tensors, with so many bytes, are more than a part may have.
  @FunctionalInterface
  private interface Limit {
    boolean isExceeded(int tensors, long bytes);
  }

  private static List<Path> split(Path in, Path prefix, Limit limit, LoadOptions.Progress progress)
      throws IOException {
    Path name = prefix.getFileName();
    Path folder = prefix.toAbsolutePath().getParent();
    if (name == null || name.toString().isEmpty() || folder == null) {
      throw new IOException("cannot write '%s': it must end in a name".formatted(prefix));
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException("cannot write %s: there is no folder %s".formatted(prefix, folder));
    }
    try (GgufSource source = GgufSource.open(in)) {
      List<List<TensorInfo>> parts = dealt(source.tensors(), limit);
      if (parts.size() > MOST_PARTS) {
        throw new UnsupportedModelException(
            "%s: unsupported: a split into %d parts; supported are up to %d"
                .formatted(source.name(), parts.size(), MOST_PARTS));
      }
      List<Path> targets = new ArrayList<>();
      for (int part = 0; part < parts.size(); part++) {
        Path target = prefix.resolveSibling(GgufParts.name(name.toString(), part, parts.size()));
        if (Files.exists(target) && !Files.isRegularFile(target)) {
          throw new IOException("cannot write %s: it is not a regular file".formatted(target));
        }
        source.requireElsewhere(target);
        targets.add(target);
      }
      write(source, parts, targets, folder, progress);
      return List.copyOf(targets);
    }
  }

  private static List<List<TensorInfo>> dealt(List<TensorInfo> tensors, Limit limit) {
    List<List<TensorInfo>> parts = new ArrayList<>();
    List<TensorInfo> part = new ArrayList<>();
    long bytes = 0;
    for (TensorInfo tensor : tensors) {
      long size = GgufFormat.padded(tensor.sizeBytes(), GgufFormat.DEFAULT_ALIGNMENT);
      if (!part.isEmpty() && limit.isExceeded(part.size() + 1, bytes + size)) {
        parts.add(part);
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(tensor);
      bytes += size;
    }
    parts.add(part);
    return parts;
  }

  /// Writes all parts to a folder of their own first, so that a failure leaves none of them.
  private static void write(
      GgufSource source,
      List<List<TensorInfo>> parts,
      List<Path> targets,
      Path folder,
      LoadOptions.Progress progress)
      throws IOException {
    Path written = Files.createTempDirectory(folder, "split-");
    try {
      LongConsumer count = written(source, progress);
      for (int part = 0; part < parts.size(); part++) {
        GgufWriter writer = new GgufWriter();
        if (part == 0) {
          source.describe(writer);
        }
        writer
            .metadata(GgufFormat.SPLIT_NUMBER_KEY, "u16", (long) part)
            .metadata(GgufFormat.SPLIT_TENSORS_KEY, "i32", (long) source.tensors().size())
            .metadata(GgufFormat.SPLIT_COUNT_KEY, "u16", (long) parts.size());
        add(source, parts.get(part), writer, count);
        writer.write(written.resolve(Integer.toString(part)));
      }
      move(written, targets);
    } finally {
      try (Stream<Path> left = Files.list(written)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(written);
    }
  }

  private static void move(Path written, List<Path> targets) throws IOException {
    int moved = 0;
    try {
      for (; moved < targets.size(); moved++) {
        Files.move(
            written.resolve(Integer.toString(moved)),
            targets.get(moved),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      for (Path target : targets.subList(0, moved)) {
        Files.delete(target);
      }
      throw e;
    }
  }

  private static void add(
      GgufSource source, List<TensorInfo> tensors, GgufWriter writer, LongConsumer written) {
    for (TensorInfo tensor : tensors) {
      writer.tensor(
          tensor.name(),
          tensor.type(),
          tensor.dimensions(),
          out ->
              source.lend(
                  tensor,
                  bytes ->
                      new ChunkedData(
                              tensor.type(),
                              tensor.elements(),
                              ChunkedData.copy(tensor.type(), bytes),
                              written)
                          .writeTo(out)));
    }
  }

  private static LongConsumer written(ModelSource source, LoadOptions.Progress progress) {
    return new Quantizer.Written(
        source.tensors().stream().mapToLong(TensorInfo::sizeBytes).sum(), progress);
  }
}
