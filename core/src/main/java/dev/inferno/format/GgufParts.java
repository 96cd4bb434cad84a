package dev.inferno.format;

import dev.inferno.internal.gguf.GgufFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files that a GGUF model lies in: one, or several as llama.cpp's `llama-gguf-split` writes
/// them, named `NAME-00001-of-00003.gguf` and so on. Each part is a whole GGUF file with tensors of
/// its own; the metadata of the model are those of the first. Immutable and thread-safe.
///
/// @param paths where they are, in order
/// @param files what they say, in the same order
public record GgufParts(List<Path> paths, List<GgufFile> files) {
  private static final String NUMBER_KEY = GgufFormat.SPLIT_NUMBER_KEY;
  private static final String COUNT_KEY = GgufFormat.SPLIT_COUNT_KEY;
  private static final String TENSORS_KEY = GgufFormat.SPLIT_TENSORS_KEY;
  private static final int MAX_COUNT = 99_999; // five digits in the names

  private static final Pattern NAME = Pattern.compile("(.*)-\\d{5}-of-\\d{5}\\.gguf");

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if they are empty or not equally long
  public GgufParts {
    paths = List.copyOf(paths);
    files = List.copyOf(files);
    if (files.isEmpty() || paths.size() != files.size()) {
      throw new IllegalArgumentException(
          "paths and files must be equally many and at least one, but are %d and %d"
              .formatted(paths.size(), files.size()));
    }
  }

  /// Reads what a file says and, if it is a part of a model, whichever it is, what the others
  /// beside it say. All parts are checked, and that they belong together.
  ///
  /// @throws IOException if there is no such file, a part of it is missing, or one cannot be read
  /// @throws MalformedModelException if one breaks the format, or they do not belong together
  /// @throws UnsupportedModelException if one holds something that is not handled
  public static GgufParts open(Path path) throws IOException {
    GgufFile file = GgufFile.open(path);
    int count = count(file);
    if (count == 1) {
      return new GgufParts(List.of(path), List.of(file));
    }
    Path fileName = path.getFileName();
    Matcher name = NAME.matcher(fileName == null ? "" : fileName.toString());
    long number = number(file);
    String expected = name.matches() ? name(name.group(1), number, count) : "";
    if (!expected.equals(file.name())) {
      throw malformed(
          file,
          "it is part %d of %d, must be named %s"
              .formatted(
                  number + 1, count, expected.isEmpty() ? name("NAME", number, count) : expected));
    }
    List<Path> paths = new ArrayList<>(count);
    List<GgufFile> files = new ArrayList<>(count);
    for (int part = 0; part < count; part++) {
      Path at = path.resolveSibling(name(name.group(1), part, count));
      paths.add(at);
      files.add(part == number ? file : part(at, part, count));
    }
    requireWhole(files);
    return new GgufParts(paths, files);
  }

  /// How many parts a file says that its model has; 1 if it says nothing of parts.
  ///
  /// @throws MalformedModelException if it says a number that is not possible
  static int count(GgufFile file) {
    long count = file.integer(COUNT_KEY).orElse(0);
    if (count < 0 || count > MAX_COUNT) {
      throw malformed(
          file, "key '%s' is %d, must be 0 to %d".formatted(COUNT_KEY, count, MAX_COUNT));
    }
    return (int) Math.max(count, 1); // 0 is what merging leaves
  }

  private static long number(GgufFile file) {
    long number = file.requiredInteger(NUMBER_KEY);
    int count = count(file);
    if (number < 0 || number >= count) {
      throw malformed(
          file, "key '%s' is %d, must be 0 to %d".formatted(NUMBER_KEY, number, count - 1));
    }
    return number;
  }

  /// What a part must be called.
  ///
  /// @param prefix the name of the model
  /// @param number which part, from 0
  /// @param count how many parts
  public static String name(String prefix, long number, int count) {
    return "%s-%05d-of-%05d.gguf".formatted(prefix, number + 1, count);
  }

  private static GgufFile part(Path path, int number, int count) throws IOException {
    if (Files.notExists(path)) {
      throw new IOException(
          "cannot read %s: part %d of %d is missing".formatted(path, number + 1, count));
    }
    GgufFile file = GgufFile.open(path);
    if (count(file) != count || number(file) != number) {
      throw malformed(
          file,
          "by its metadata it is part %d of %d, by its name part %d of %d"
              .formatted(number(file) + 1, count(file), number + 1, count));
    }
    return file;
  }

  private static void requireWhole(List<GgufFile> files) {
    Set<String> names = new HashSet<>();
    for (GgufFile file : files) {
      for (TensorInfo tensor : file.tensors()) {
        if (!names.add(tensor.name())) {
          throw malformed(
              file, "tensor '%s' is in a part before this one too".formatted(tensor.name()));
        }
      }
    }
    GgufFile first = files.getFirst();
    OptionalLong expected = first.integer(TENSORS_KEY);
    if (expected.isPresent() && expected.getAsLong() != names.size()) {
      throw malformed(
          first,
          "key '%s' is %d, but the %d parts have %d tensors"
              .formatted(TENSORS_KEY, expected.getAsLong(), files.size(), names.size()));
    }
  }

  private static MalformedModelException malformed(GgufFile file, String what) {
    return new MalformedModelException("%s: malformed: %s".formatted(file.name(), what));
  }

  /// The file whose metadata are the model's.
  public GgufFile first() {
    return files.getFirst();
  }

  /// Refuses a file that is one of several parts where only whole ones can be read.
  ///
  /// @throws UnsupportedModelException if it is
  public static void requireWhole(GgufFile file) {
    int count = count(file);
    if (count > 1) {
      throw new UnsupportedModelException(
          "%s: unsupported: it is part %d of %d; supported here are whole files, and parts where a model is loaded by path"
              .formatted(file.name(), number(file) + 1, count));
    }
  }
}
