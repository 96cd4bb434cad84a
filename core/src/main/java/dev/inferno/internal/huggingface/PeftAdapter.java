package dev.inferno.internal.huggingface;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.models.Adapter;
import dev.inferno.internal.models.ModelFile;
import dev.inferno.internal.safetensors.Checkpoint;
import dev.inferno.internal.safetensors.JsonFile;
import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.internal.safetensors.SafetensorsTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A LoRA adapter as PEFT saves it: a folder with `adapter_config.json` and
/// `adapter_model.safetensors`. Its names are those of the model's folder and are translated to
/// GGUF's, its factors rearranged as the matrices are. For one model.
public final class PeftAdapter {
  private static final String CONFIG = "adapter_config.json";
  private static final String TENSORS = "adapter_model.safetensors";
  private static final String PICKLED = "adapter_model.bin";

  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String UNCHANGED = ".base_layer.weight"; // a copy that is kept of embeddings
  private static final String PART = "language_model."; // of models that understand pictures, too

  private final String name;
  private final PeftConfig config;
  private final ModelFile base;
  private final List<Family> families;
  private final Config described; // what chooses between two ways to rearrange a matrix
  private final Map<String, Adapter.Change> changes = new TreeMap<>();

  private PeftAdapter(String name, PeftConfig config, ModelFile base, List<Family> families) {
    this.name = name;
    this.config = config;
    this.base = base;
    this.families = families;
    this.described = described(base);
  }

  /// What a folder says of the model. A file says how many tokens it knows.
  private static Config described(ModelFile base) {
    if (base instanceof HuggingFaceModel folder) {
      return folder.described();
    }
    Map<String, Object> values =
        base.tensor("token_embd.weight")
            .filter(table -> table.dimensions().size() == 2)
            .map(table -> Map.<String, Object>of("vocab_size", table.dimensions().getLast()))
            .orElse(Map.of());
    return new Config(base.name(), "", values);
  }

  /// Reads a folder to memory.
  ///
  /// @param scale what its changes are multiplied by, besides what the folder says
  /// @param base the model that is to be changed
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks its format, or does not fit the model
  /// @throws UnsupportedModelException if it is something else than low-rank changes of matrices
  public static Adapter read(Path folder, float scale, ModelFile base) throws IOException {
    String name = Checkpoint.name(folder);
    if (!Files.exists(folder.resolve(CONFIG))) {
      throw new IOException(
          "cannot read %s: it is a folder without %s, which says what the adapter is"
              .formatted(folder, CONFIG));
    }
    Map<String, Object> values = JsonFile.readIfThere(folder, CONFIG);
    PeftConfig config = PeftConfig.of(new Config(name + "/" + CONFIG, "", values));
    if (!Files.exists(folder.resolve(TENSORS)) && Files.exists(folder.resolve(PICKLED))) {
      throw new UnsupportedModelException(
          "%s: unsupported: the tensors are in %s; supported is %s"
              .formatted(name, PICKLED, TENSORS));
    }
    String architecture = base.requiredString("general.architecture");
    List<Family> families = Families.ofArchitecture(architecture);
    if (families.isEmpty()) {
      throw new UnsupportedModelException(
          "%s: unsupported: %s is '%s'; supported with the folder of an adapter are %s"
              .formatted(name, base.name(), architecture, Families.architectures()));
    }
    var adapter = new PeftAdapter(name, config, base, families);
    try (MappedSafetensors tensors = MappedSafetensors.open(folder.resolve(TENSORS))) {
      adapter.readChanges(tensors);
    }
    return new Adapter(name, scale, adapter.changes);
  }

  private void readChanges(MappedSafetensors tensors) {
    var modules = new TreeSet<String>();
    for (String tensor : tensors.tensors().keySet()) {
      if (tensor.endsWith(UNCHANGED)) {
        continue;
      }
      String suffix = tensor.endsWith(A) ? A : B;
      if (!tensor.startsWith(PREFIX) || !tensor.endsWith(suffix)) {
        throw unsupported(
            "tensor '%s'; supported in an adapter are %sNAME%s and %sNAME%s"
                .formatted(tensor, PREFIX, A, PREFIX, B));
      }
      modules.add(tensor.substring(PREFIX.length(), tensor.length() - suffix.length()));
    }
    for (String module : modules) {
      readChange(tensors, module);
    }
  }

  private void readChange(MappedSafetensors tensors, String module) {
    SafetensorsTensor down = required(tensors, module, A);
    SafetensorsTensor up = required(tensors, module, B);
    double strength = config.strength(module, size(down, 0));
    Adapter.Factor first =
        Adapter.Factor.of(down.name(), size(down, 0), size(down, 1), tensors.floats(down));
    float[] values = tensors.floats(up);
    for (Row row : rows(module)) {
      Adapter.Factor second = rearranged(row.change(), up, values);
      if (changes.put(row.name(), Adapter.change(name, module, first, second, strength)) != null) {
        throw malformed("it changes '%s' twice".formatted(module));
      }
    }
  }

  private SafetensorsTensor required(MappedSafetensors tensors, String module, String suffix) {
    String tensor = PREFIX + module + suffix;
    SafetensorsTensor found =
        tensors
            .tensor(tensor)
            .orElseThrow(() ->
                malformed(
                    "there is '%s%s%s', but no '%s'"
                        .formatted(PREFIX, module, suffix.equals(A) ? B : A, tensor)));
    if (found.shape().size() != 2 || found.elements() > Integer.MAX_VALUE / Float.BYTES) {
      throw unsupported(
          "tensor '%s' has the shape %s; supported in an adapter are matrices"
              .formatted(tensor, found.shape()));
    }
    return found;
  }

  private static int size(SafetensorsTensor tensor, int dimension) {
    return Math.toIntExact(tensor.shape().get(dimension));
  }

  /// Where the matrix of a module is in GGUF. A model that was saved without its head goes without
  /// what the names of the others begin with.
  private List<Row> rows(String module) {
    String own = module + ".weight";
    return Stream.of(own, own.replaceFirst(PART, ""), families.getFirst().base() + own)
        .map(this::rowsOf)
        .filter(rows -> !rows.isEmpty())
        .findFirst()
        .orElseThrow(() ->
            unsupported(
                "it changes '%s', which is no matrix of %s that every token is multiplied by"
                    .formatted(module, base.name())));
  }

  /// The rows of the families of this architecture, which agree where they have a matrix both. Of
  /// two that one family has for a matrix, its {@link Row#condition} chooses.
  private List<Row> rowsOf(String tensor) {
    String number =
        Stream.of(tensor.split("\\.", -1))
            .filter(part -> part.matches("\\d{1,5}"))
            .findFirst()
            .orElse("");
    Map<String, Row> rows = new TreeMap<>();
    for (Family family : families) {
      for (Row row : family.rows()) {
        Row here = row.perLayer() && !number.isEmpty() ? row.at(Integer.parseInt(number)) : row;
        if (here.source().equals(tensor)) {
          rows.merge(here.name(), here, (one, other) -> other.appliesTo(described) ? other : one);
        }
      }
    }
    return List.copyOf(rows.values());
  }

  /// B with its rows where GGUF has those of the matrix.
  private Adapter.Factor rearranged(Change change, SafetensorsTensor up, float[] values) {
    int rows = size(up, 0);
    int rank = size(up, 1);
    Arena memory = Arena.ofAuto();
    MemorySegment data = Layout.floats(values, memory);
    long heads = heads("attention.head_count", 1);
    long keys = heads("attention.head_count_kv", heads);
    if (heads % keys != 0) {
      throw malformed(
          "%s has %d heads, which %d of keys and values do not divide"
              .formatted(base.name(), heads, keys));
    }
    requireRows(up, parts(change, heads, keys));
    MemorySegment rearranged =
        switch (change) {
          case NONE, TRANSPOSED -> data; // B A is `[outputs, inputs]` where the matrix is not, too
          case QUERY_PAIRS -> Layout.paired(data, rows, heads, memory);
          case KEY_PAIRS -> Layout.paired(data, rows, keys, memory);
          case QUERY_KEY_VALUE -> Layout.gathered(data, keys, heads / keys, memory);
          case FIRST_HALF -> Layout.halves(data, 1, 0, memory);
          case SECOND_HALF -> Layout.halves(data, 1, 1, memory);
          case PACKED_QUERIES -> Layout.queries(data, 1, heads, keys, rows, memory);
          case PACKED_KEYS -> Layout.keys(data, 1, heads, keys, rows, memory);
          case PACKED_VALUES -> Layout.values(data, 1, heads, keys, rows, memory);
          case GROUPED_QUERIES -> Layout.queries(data, keys, heads, keys, rows, memory);
          case GROUPED_KEYS -> Layout.keys(data, keys, heads, keys, rows, memory);
          case GROUPED_VALUES -> Layout.values(data, keys, heads, keys, rows, memory);
          case UNIT_ROWS ->
              throw unsupported(
                  "'%s' changes rows that %s divides by their length; supported are matrices that every token is multiplied by as they are"
                      .formatted(up.name(), base.name()));
          case PLUS_ONE,
              EXPERTS,
              EVEN,
              ODD,
              EVEN_TRANSPOSED,
              ODD_TRANSPOSED,
              BLOCKS,
              EVEN_BLOCKS,
              ODD_BLOCKS,
              QUERY_HEADS,
              KEY_HEADS,
              LATENT_KEYS,
              LATENT_VALUES ->
              throw unsupported(
                  "it changes '%s'; supported are matrices that every token is multiplied by"
                      .formatted(up.name()));
        };
    int kept = (int) (rearranged.byteSize() / Float.BYTES / rank);
    return new Adapter.Factor(up.name(), kept, rank, rearranged);
  }

  /// Of what the rows of a matrix have to be a multiple, to be rearranged.
  private static long parts(Change change, long heads, long keys) {
    return switch (change) {
      case QUERY_PAIRS -> 2 * heads;
      case KEY_PAIRS -> 2 * keys;
      case FIRST_HALF, SECOND_HALF -> 2;
      case QUERY_KEY_VALUE -> heads + 2 * keys;
      case PACKED_QUERIES,
          PACKED_KEYS,
          PACKED_VALUES,
          GROUPED_QUERIES,
          GROUPED_KEYS,
          GROUPED_VALUES ->
          2 * (heads + 2 * keys);
      case NONE,
          TRANSPOSED,
          PLUS_ONE,
          UNIT_ROWS,
          EXPERTS,
          EVEN,
          ODD,
          EVEN_TRANSPOSED,
          ODD_TRANSPOSED,
          BLOCKS,
          EVEN_BLOCKS,
          ODD_BLOCKS,
          QUERY_HEADS,
          KEY_HEADS,
          LATENT_KEYS,
          LATENT_VALUES ->
          1;
    };
  }

  private void requireRows(SafetensorsTensor up, long parts) {
    if (size(up, 0) < 1 || size(up, 1) < 1 || size(up, 0) % parts != 0) {
      throw malformed(
          "tensor '%s' has the shape %s; possible is a multiple of %d rows"
              .formatted(up.name(), up.shape(), parts));
    }
  }

  /// A number of heads, which a GGUF file may have for each layer.
  private long heads(String key, long absent) {
    String full = base.requiredString("general.architecture") + "." + key;
    Object value = base.metadata().get(full);
    if (value instanceof long[] each && each.length > 0) {
      value = each[0];
    }
    long heads = value instanceof Long stated ? stated : absent;
    if (heads < 1 || heads > Keys.LARGEST_SIZE) {
      throw new MalformedModelException(
          "%s: malformed: %s is %d; possible are 1 to %d"
              .formatted(base.name(), base.keyName(full), heads, Keys.LARGEST_SIZE));
    }
    return heads;
  }

  private MalformedModelException malformed(String what) {
    return new MalformedModelException("%s: malformed: %s".formatted(name, what));
  }

  private UnsupportedModelException unsupported(String what) {
    return new UnsupportedModelException("%s: unsupported: %s".formatted(name, what));
  }
}
