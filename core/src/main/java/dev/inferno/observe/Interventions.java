package dev.inferno.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Interventions as JSON, and back: `{"edits": [{"op": "zero", "point": "blocks.5.attn.hook_z",
/// "heads": [3]}]}`. The guide `docs/guides/interventions.md` has all fields and operations.
///
/// What is written is read back as the same: floats are written with as many digits as it takes. Of
/// a patch the JSON has the file and the name of the array, not the values. A callback is code and
/// is refused.
///
/// Reading is strict: an unknown, missing or repeated field, a wrong type, or a number that is out
/// of range is an error that names it and says what is possible.
public final class Interventions {
  private Interventions() {}

  /// Interventions in the order they are registered.
  ///
  /// @throws IllegalArgumentException if a patch was not read from a file, or one is a callback
  public static String toJson(List<Intervention> interventions) {
    return InterventionWriter.write(interventions);
  }

  /// One intervention, as an element of `edits`.
  ///
  /// @throws IllegalArgumentException if a patch was not read from a file, or one is a callback
  public static String toJson(Intervention intervention) {
    return InterventionWriter.write(intervention);
  }

  /// Reads what {@link #toJson(List)} wrote. No file is opened, so that the text may come from
  /// anybody: one that names a file is refused.
  ///
  /// @throws IllegalArgumentException if the text is not of this form
  public static List<Intervention> parse(String json) {
    try {
      return new InterventionParser(json, Optional.empty()).list();
    } catch (IOException e) {
      throw new AssertionError("without a folder no file is read", e);
    }
  }

  /// The same; files that it names are looked for in a folder.
  ///
  /// @throws IllegalArgumentException if the text is not of this form, or a file has not the array
  /// @throws IOException if a file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if a file breaks its format
  public static List<Intervention> parse(String json, Path folder) throws IOException {
    return new InterventionParser(json, Optional.of(folder)).list();
  }

  /// Reads what {@link #toJson(Intervention)} wrote; files that it names are looked for in a
  /// folder.
  ///
  /// @throws IllegalArgumentException if the text is not of this form, or a file has not the array
  /// @throws IOException if a file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if a file breaks its format
  public static Intervention parseOne(String json, Path folder) throws IOException {
    return new InterventionParser(json, Optional.of(folder)).one();
  }

  /// Reads a file in UTF-8; files that it names are looked for in its folder.
  ///
  /// @throws IllegalArgumentException if the text is not of this form, or a file has not the array;
  ///   the message names the file
  /// @throws IOException if a file cannot be read
  /// @throws dev.inferno.format.MalformedModelException if a file breaks its format
  public static List<Intervention> read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      String json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return parse(json, file.resolveSibling(""));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + ": not UTF-8", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }
}
