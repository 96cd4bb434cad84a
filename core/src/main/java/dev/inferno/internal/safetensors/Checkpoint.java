package dev.inferno.internal.safetensors;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The tensors of a model's folder: those of `model.safetensors`, or those that
/// `model.safetensors.index.json` says are in which file. Every file is checked completely; what
/// the index does not list is ignored, as by the reference library.
///
/// Immutable and thread-safe; {@link #close} ends the life of every segment handed out.
public final class Checkpoint implements Closeable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /// What other formats are called, to name what a folder has instead.
  private static final List<String> OTHERS =
      List.of(
          "pytorch_model.bin",
          "pytorch_model.bin.index.json",
          "consolidated.safetensors",
          "consolidated.00.pth",
          "adapter_model.safetensors",
          "tf_model.h5",
          "flax_model.msgpack");

  private final String name;
  private final Map<Path, MappedSafetensors> files;
  private final Map<String, Stored> tensors;

  /// A tensor and the file it is in.
  public record Stored(MappedSafetensors file, SafetensorsTensor tensor) {}

  private Checkpoint(String name, Map<Path, MappedSafetensors> files, Map<String, Stored> tensors) {
    this.name = name;
    this.files = files;
    this.tensors = tensors;
  }

  /// What messages call a folder: its name, also where the path is `.`.
  public static String name(Path folder) {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return last == null ? folder.toString() : last.toString();
  }

  /// Maps and checks the files of a folder.
  ///
  /// @throws IOException if one cannot be read
  /// @throws MalformedModelException if one breaks its format, or they do not fit together
  /// @throws UnsupportedModelException if the tensors are in another format
  public static Checkpoint open(Path folder) throws IOException {
    if (Files.exists(folder.resolve(SINGLE))) { // which the reference library prefers, too
      return open(folder, SINGLE);
    }
    if (Files.exists(folder.resolve(INDEX))) {
      return sharded(folder);
    }
    String name = name(folder);
    for (String other : OTHERS) {
      if (Files.exists(folder.resolve(other))) {
        throw new UnsupportedModelException(
            "%s: unsupported: the tensors are in %s; supported are %s and %s"
                .formatted(name, other, SINGLE, INDEX));
      }
    }
    throw new MalformedModelException(
        "%s: malformed: there is neither %s nor %s".formatted(name, SINGLE, INDEX));
  }

  /// Maps and checks one file of a folder, taken for all of it.
  ///
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks its format
  @SuppressWarnings("MustBeClosedChecker") // lives until close()
  public static Checkpoint open(Path folder, String file) throws IOException {
    Path path = folder.resolve(file);
    MappedSafetensors mapped = MappedSafetensors.open(path);
    Map<String, Stored> tensors = LinkedHashMap.newLinkedHashMap(mapped.tensors().size());
    mapped.tensors().forEach((tensor, info) -> tensors.put(tensor, new Stored(mapped, info)));
    return new Checkpoint(name(folder), Map.of(path, mapped), tensors);
  }

  @SuppressWarnings("MustBeClosedChecker") // they live until close()
  private static Checkpoint sharded(Path folder) throws IOException {
    Map<String, String> places = places(folder);
    Map<String, MappedSafetensors> shards = new LinkedHashMap<>();
    boolean done = false;
    try {
      for (String shard : new TreeSet<>(places.values())) {
        Path path = folder.resolve(shard);
        if (!Files.exists(path)) {
          throw malformed(folder, "lists the file '%s', which is not there".formatted(shard));
        }
        shards.put(shard, MappedSafetensors.open(path));
      }
      Map<String, Stored> tensors = new HashMap<>();
      for (Map.Entry<String, String> place : places.entrySet()) {
        tensors.put(place.getKey(), stored(folder, place.getKey(), place.getValue(), shards));
      }
      Map<Path, MappedSafetensors> files = new LinkedHashMap<>();
      shards.forEach((shard, file) -> files.put(folder.resolve(shard), file));
      done = true;
      return new Checkpoint(name(folder), files, tensors);
    } finally {
      if (!done) {
        shards.values().forEach(MappedSafetensors::close);
      }
    }
  }

  private static Stored stored(
      Path folder, String tensor, String shard, Map<String, MappedSafetensors> shards) {
    return Optional.ofNullable(shards.get(shard))
        .flatMap(file -> file.tensor(tensor).map(info -> new Stored(file, info)))
        .orElseThrow(() ->
            malformed(
                folder,
                "says that tensor '%s' is in '%s', which has no such tensor"
                    .formatted(tensor, shard)));
  }

  /// The names of tensors and of the files they are in, which are names in this folder and no paths
  /// to elsewhere.
  private static Map<String, String> places(Path folder) throws IOException {
    Object map = JsonFile.read(folder, INDEX).get("weight_map");
    if (!(map instanceof Map<?, ?> weightMap) || weightMap.isEmpty()) {
      throw malformed(folder, "has no object weight_map that names files");
    }
    Map<String, String> places = LinkedHashMap.newLinkedHashMap(weightMap.size());
    weightMap.forEach((tensor, file) -> {
      if (!(file instanceof String shard)) {
        throw malformed(
            folder, "has '%s' as the file of tensor '%s', must be a text".formatted(file, tensor));
      }
      if (!shard.matches("[^/\\\\:\\p{Cntrl}]+\\.safetensors")) {
        throw malformed(
            folder,
            "puts tensor '%s' into '%s'; possible are names of safetensors files in the folder"
                .formatted(tensor, shard));
      }
      places.put(String.valueOf(tensor), shard);
    });
    return places;
  }

  private static MalformedModelException malformed(Path folder, String what) {
    return new MalformedModelException("%s/%s: malformed: %s".formatted(name(folder), INDEX, what));
  }

  /// What messages call the folder.
  public String name() {
    return name;
  }

  /// The files, in the order of their names.
  public List<MappedSafetensors> files() {
    return new ArrayList<>(files.values());
  }

  /// Where they are, in the same order.
  public List<Path> paths() {
    return new ArrayList<>(files.keySet());
  }

  /// The tensors by name.
  public Map<String, Stored> tensors() {
    return tensors;
  }

  /// The tensor with this name, if there is one.
  public Optional<Stored> tensor(String tensor) {
    return Optional.ofNullable(tensors.get(tensor));
  }

  /// Checks that no file was cut short, because reading beyond its end brings the JVM down.
  ///
  /// @throws IllegalStateException if one was
  public void requireWhole() {
    files.forEach((path, file) -> {
      try {
        long size = Files.size(path);
        if (size < file.sizeBytes()) {
          throw new IllegalStateException(
              "%s was cut short to %d bytes while it is mapped; it had %d"
                  .formatted(path, size, file.sizeBytes()));
        }
      } catch (IOException e) {
        // deleted or out of reach: what is mapped stays readable
      }
    });
  }

  /// Unmaps the files.
  @Override
  public void close() {
    files.values().forEach(MappedSafetensors::close);
  }
}
