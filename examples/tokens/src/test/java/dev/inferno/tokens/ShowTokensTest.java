package dev.inferno.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShowTokensTest {
  @Test
  void showsHowATextBecomesTokens() throws IOException {
    PrintStream before = System.out;
    var out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      ShowTokens.main(new String[] {"tokenizer.json", "I'm learning AI"});
    } finally {
      System.setOut(before);
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "piece 'I'",
            "  token 73 is I",
            "piece ''m'",
            "  ' + m, rank 10",
            "  token 266 is 'm",
            "piece ' learning'",
            "  i + n, rank 0",
            "  in + g, rank 1",
            "  a + r, rank 2",
            "  l + e, rank 3",
            "  Ġ + le, rank 4",
            "  n + ing, rank 5",
            "  ar + ning, rank 6",
            "  Ġle + arning, rank 7",
            "  token 263 is Ġlearning",
            "piece ' AI'",
            "  Ġ + A, rank 8",
            "  ĠA + I, rank 9",
            "  token 265 is ĠAI",
            "4 tokens: I'm learning AI");
  }

  @Test
  void nothingElseOfTheLibraryIsThere() {
    assertThat(ModuleLayer.boot().modules())
        .extracting(Module::getName)
        .filteredOn(name -> name.startsWith("dev.inferno"))
        .containsExactlyInAnyOrder("dev.inferno.tokens", "dev.inferno.tokenizer");
    assertThat(
            Stream.of("java.class.path", "jdk.module.path")
                .flatMap(path -> Stream.of(System.getProperty(path, "").split(File.pathSeparator)))
                .map(entry -> Path.of(entry).resolve("dev/inferno/Model.class")))
        .noneMatch(Files::exists)
        .noneMatch(entry -> entry.toString().contains("inferno-core"));
  }

  @Test
  void theGuideShowsThisProgram() throws IOException {
    String source = Files.readString(Path.of("src/main/java/dev/inferno/tokens/ShowTokens.java"));
    int from = source.indexOf("  private static void print");
    String shown = source.substring(from, source.indexOf("\n  }\n", from) + 4).indent(-2);
    assertThat(Files.readString(Path.of("../../docs/guides/tokenizers.md"))).contains(shown);
  }
}
