package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.format.ModelFolder;
import dev.inferno.format.SafetensorsFile;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a safetensors file says, or a folder with its config.
///
/// @param about `metadata`, or `config` of a folder
/// @param values what that says
record Safetensors(String name, String about, Map<String, ?> values, List<SafetensorsFile> files) {

  static Safetensors of(SafetensorsFile file) {
    return new Safetensors(file.name(), "metadata", file.metadata(), List.of(file));
  }

  static Safetensors of(ModelFolder folder) {
    return new Safetensors(folder.name(), "config", folder.config(), folder.files());
  }

  private boolean isFolder() {
    return about.equals("config");
  }

  private long elements() {
    long elements = 0;
    for (SafetensorsFile file : files) {
      for (String tensor : file.names()) {
        elements += elements(file, tensor);
      }
    }
    return elements;
  }

  private static long elements(SafetensorsFile file, String tensor) {
    return file.shape(tensor).stream().reduce(1L, Math::multiplyExact);
  }

  private long bytes() {
    long bytes = 0;
    for (SafetensorsFile file : files) {
      bytes += file.names().stream().mapToLong(file::sizeBytes).sum();
    }
    return bytes;
  }

  /// What the file or folder is, on a line.
  void printSummary(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s: %s, %d %s values, %d tensors with %,d elements in %,d bytes%n",
        name,
        isFolder() ? "model folder with " + files.size() + " safetensors files" : "safetensors",
        values.size(),
        about,
        files.stream().mapToInt(file -> file.names().size()).sum(),
        elements(),
        bytes());
  }

  /// For people: one table of metadata, one of tensors.
  void print(PrintStream out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("key", "value"));
    values.forEach((key, value) ->
        rows.add(List.of(Columns.printable(key), Columns.shown(String.valueOf(value)))));
    Columns.print(out, rows, 0);
    List<List<String>> tensors = new ArrayList<>();
    tensors.add(row("tensor", "type", "shape", "file", "offset", "bytes"));
    for (SafetensorsFile file : files) {
      for (String tensor : file.names()) {
        tensors.add(
            row(
                Columns.shown(tensor),
                file.type(tensor),
                file.shape(tensor).toString(),
                file.name(),
                Long.toString(file.offset(tensor)),
                Long.toString(file.sizeBytes(tensor))));
      }
    }
    Columns.print(out, tensors, 2);
  }

  private List<String> row(
      String tensor, String type, String shape, String file, String offset, String bytes) {
    return isFolder()
        ? List.of(tensor, type, shape, file, offset, bytes)
        : List.of(tensor, type, shape, offset, bytes);
  }

  ObjectNode json() {
    ObjectNode result = Json.object();
    result.put("name", name);
    ObjectNode said = result.putObject(about);
    values.forEach(said::putPOJO);
    ArrayNode tensors = result.putArray("tensors");
    for (SafetensorsFile file : files) {
      for (String tensor : file.names()) {
        ObjectNode row = tensors.addObject();
        row.put("name", tensor);
        row.put("type", file.type(tensor));
        ArrayNode shape = row.putArray("shape");
        file.shape(tensor).forEach(shape::add);
        if (isFolder()) {
          row.put("file", file.name());
        }
        row.put("offset", file.offset(tensor));
        row.put("bytes", file.sizeBytes(tensor));
      }
    }
    result.put("elements", elements());
    result.put("bytes", bytes());
    return result;
  }
}
