package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.LoadOptions;
import dev.inferno.format.GgufFile;
import dev.inferno.format.ModelFolder;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a model file says.
@Command(
    name = "inspect",
    description = {
      "Explains a GGUF file or a Hugging Face folder (config.json and safetensors) in words: what"
          + " kind of model it is, whether it runs here and how much memory it needs. Then prints the"
          + " metadata and the tensors, also of a single safetensors file. The tensors are not"
          + " loaded.",
      "Shapes of GGUF have the fastest dimension (the length of a row) first, as in ggml; shapes of"
          + " safetensors have it last. Offsets count from the beginning of the file. Long values"
          + " are cut in the table."
    })
final class Inspect implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "The file or folder.")
  private Path path;

  @Option(
      names = "--json",
      description = {
        "Print one object: name, version, alignment, data_offset, warnings, metadata (every value"
            + " complete, arrays too), types (of the metadata, such as u32 or arr[str]), tensors"
            + " (name, type, shape, offset, bytes), elements and bytes (of all tensors).",
        "Of safetensors: name, metadata (of a folder: config), tensors (name, type, shape, offset,"
            + " bytes, of a folder file), elements and bytes.",
        "Of a GGUF file and a folder also card: architecture, parameters, bits_per_weight, layers,"
            + " width, context, attention, types (shares of the weights), adapters (name,"
            + " matrices, parameters), chat_template, runs, problem, memory (in bytes; tokens are those that there is room for) and words (what"
            + " the card says).",
        "Numbers that are not finite are the strings NaN, Infinity, -Infinity."
      })
  private boolean json;

  @Option(names = "--card", description = "Print the explanation in words only.")
  private boolean cardOnly;

  @Mixin private LoadingOptions loading;

  Inspect(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (Files.isDirectory(path)) {
      try (ModelFolder folder = ModelFolder.open(path)) {
        var check = ModelCheck.folder(path, loading.options());
        var card = ModelCard.of(FolderFacts.of(folder, path), check, adapters());
        show(Safetensors.of(folder), Optional.of(card));
      }
    } else if (path.toString().endsWith(".safetensors")) {
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        show(Safetensors.of(file), Optional.empty());
      }
    } else {
      showGguf();
    }
    return 0;
  }

  private void show(Safetensors file, Optional<ModelCard> card) throws IOException {
    if (json) {
      ObjectNode result = file.json();
      card.ifPresent(words -> result.set("card", words.json()));
      Json.print(result, console);
      return;
    }
    file.printSummary(console.out());
    card.ifPresent(words -> words.print(console.out()));
    if (!cardOnly) {
      file.print(console.out());
    }
  }

  private void showGguf() throws IOException {
    GgufFile file = GgufFile.open(path);
    ModelFile.warn(file, console);
    var check = ModelCheck.gguf(path, file, loading.options());
    var card = ModelCard.of(ModelFacts.of(file), check, adapters());
    if (json) {
      ObjectNode result = json(file);
      result.set("card", card.json());
      Json.print(result, console);
      return;
    }
    var table = new GgufTable(console.out());
    table.printSummary(file);
    card.print(console.out());
    if (!cardOnly) {
      table.print(file);
    }
  }

  private List<AdapterFacts> adapters() throws IOException {
    List<AdapterFacts> adapters = new ArrayList<>();
    for (LoadOptions.Lora adapter : loading.options().adapters()) {
      adapters.add(AdapterFacts.of(adapter.path()));
    }
    return adapters;
  }

  private static ObjectNode json(GgufFile file) {
    ObjectNode result = Json.object();
    result.put("name", file.name());
    result.put("version", file.version());
    result.put("alignment", file.alignment());
    result.put("data_offset", file.dataOffset());
    ArrayNode warnings = result.putArray("warnings");
    file.warnings().forEach(warnings::add);
    ObjectNode metadata = result.putObject("metadata");
    ObjectNode types = result.putObject("types");
    file.metadata()
        .forEach((key, value) -> {
          String type = file.metadataType(key);
          metadata.putPOJO(key, type.contains("u64") ? unsigned(value) : value);
          types.put(key, type);
        });
    ArrayNode tensors = result.putArray("tensors");
    for (TensorInfo tensor : file.tensors()) {
      ObjectNode row = tensors.addObject();
      row.put("name", tensor.name());
      row.put("type", tensor.type().name());
      ArrayNode shape = row.putArray("shape");
      tensor.dimensions().forEach(shape::add);
      row.put("offset", tensor.offset());
      row.put("bytes", tensor.sizeBytes());
    }
    result.put("elements", GgufTable.elements(file));
    result.put("bytes", GgufTable.bytes(file));
    return result;
  }

  /// A `u64` is kept in a long, whose sign is not meant.
  private static Object unsigned(Object value) {
    return switch (value) {
      case Long number -> unsigned(number.longValue());
      case long[] numbers -> Arrays.stream(numbers).mapToObj(Inspect::unsigned).toList();
      default -> value;
    };
  }

  private static BigInteger unsigned(long number) {
    return new BigInteger(Long.toUnsignedString(number));
  }
}
