package dev.inferno.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Golden values that are kept as JSON.
public final class Json {
  private static final ObjectMapper MAPPER;

  static {
    // Tests run inside the module under test, whose descriptor names no databind.
    ModuleLayer.boot()
        .findModule("com.fasterxml.jackson.databind")
        .ifPresent(Json.class.getModule()::addReads);
    MAPPER = new ObjectMapper();
  }

  private Json() {}

  /// The content of a file.
  public static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The content of a text.
  public static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// An array of integers, such as token ids.
  public static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.required(i).intValue();
    }
    return ints;
  }

  /// An array of numbers as floats.
  public static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = array.required(i).floatValue();
    }
    return floats;
  }

  /// An array of strings.
  public static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.textValue()));
    return strings;
  }
}
