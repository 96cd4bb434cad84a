package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what a model file says.
@Command(
    name = "inspect",
    description = {
      "Prints the metadata and the tensors of a GGUF file, without loading the tensors.",
      "Shapes have the fastest dimension (the length of a row) first, as in ggml. Offsets count"
          + " from the beginning of the file. Long values are cut in the table."
    })
final class Inspect implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "The GGUF file.")
  private Path path;

  @Option(
      names = "--json",
      description = {
        "Print one object: name, version, alignment, data_offset, warnings, metadata (every value"
            + " complete, arrays too), types (of the metadata, such as u32 or arr[str]), tensors"
            + " (name, type, shape, offset, bytes), elements and bytes (of all tensors).",
        "Numbers that are not finite are the strings NaN, Infinity, -Infinity."
      })
  private boolean json;

  Inspect(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    GgufFile file = GgufFile.open(path);
    ModelFile.warn(file, console);
    if (json) {
      Json.print(json(file), console);
    } else {
      new GgufTable(console.out()).print(file);
    }
    return 0;
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
