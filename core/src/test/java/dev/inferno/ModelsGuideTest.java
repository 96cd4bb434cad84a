package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The table of `docs/guides/models.md`: it names every fixture and no other, and what it says of
/// their distance from the reference holds here. What it should say is written to
/// `target/models.md`.
@Tag("models")
class ModelsGuideTest {
  private static final Path GUIDE = Path.of("../docs/guides/models.md");
  private static final Path MEASURED = Path.of("target/models.md");
  private static final Pattern NUMBER = Pattern.compile("\\d\\.\\de-\\d+");

  /// How much farther another processor's order of sums may be.
  private static final double ELSEWHERE = 4;

  private static double farthest(String name) throws IOException {
    JsonNode goldens = Json.read(FixtureModels.folder(name).resolve("goldens.json"));
    Goldens arrays = Goldens.read(FixtureModels.folder(name).resolve("goldens.safetensors"));
    double farthest = 0;
    try (Model model = FixtureModels.load(name)) {
      for (Map.Entry<String, JsonNode> prompt : Prompts.of(goldens).entrySet()) {
        float[] actual = Prompts.logits(model, Prompts.ids(prompt.getValue()));
        float[] expected = arrays.floats(prompt.getKey() + ".logits");
        for (int i = 0; i < expected.length; i++) {
          farthest = Math.max(farthest, Math.abs((double) actual[i] - expected[i]));
        }
      }
    }
    return farthest;
  }

  /// The rows of the table: the file's architecture, the reference's class, what is special, and
  /// the distances of the GGUF file and of the folder.
  private static List<String> rows() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String name : FixtureModels.names()) {
      String fixture = name.replace("/model-f32.gguf", "");
      if (rows.containsKey(fixture)) {
        continue;
      }
      JsonNode goldens = Json.read(FixtureModels.folder(name).resolve("goldens.json"));
      String architecture;
      try (Model model = FixtureModels.load(name)) {
        architecture = model.info().architecture();
      }
      rows.put(
          fixture,
          "| `%s` | %s | %s | %s | %s |"
              .formatted(
                  architecture,
                  goldens.required("architecture").asText(),
                  goldens.required("note").asText().replace("|", "\\|"),
                  cell(fixture + "/model-f32.gguf"),
                  cell(fixture)));
    }
    return rows.values().stream().sorted().toList();
  }

  private static String cell(String name) throws IOException {
    return FixtureModels.names().contains(name)
        ? String.format(Locale.ROOT, "%.1e", farthest(name)).replace("e-0", "e-")
        : "";
  }

  @Test
  void theGuideNamesEveryFixtureAndItsDistanceHolds() throws IOException {
    List<String> measured = rows();
    Files.createDirectories(MEASURED.getParent());
    Files.write(MEASURED, measured);
    List<String> stated =
        Files.readAllLines(GUIDE).stream().filter(line -> line.startsWith("| `")).toList();
    assertThat(stated.stream().map(ModelsGuideTest::withoutNumbers))
        .as("the table of %s, which should be that of core/%s", GUIDE, MEASURED)
        .containsExactlyElementsOf(measured.stream().map(ModelsGuideTest::withoutNumbers).toList());
    for (int i = 0; i < stated.size(); i++) {
      List<Double> distances = numbers(measured.get(i));
      List<Double> allowed = numbers(stated.get(i));
      for (int k = 0; k < distances.size(); k++) {
        assertThat(distances.get(k))
            .as(stated.get(i))
            .isLessThanOrEqualTo(ELSEWHERE * allowed.get(k));
      }
    }
  }

  private static String withoutNumbers(String row) {
    return NUMBER.matcher(row).replaceAll("");
  }

  private static List<Double> numbers(String row) {
    List<Double> numbers = new ArrayList<>();
    for (Matcher matcher = NUMBER.matcher(row); matcher.find(); ) {
      numbers.add(Double.parseDouble(matcher.group()));
    }
    return numbers;
  }
}
