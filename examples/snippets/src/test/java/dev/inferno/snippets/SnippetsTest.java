package dev.inferno.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every example runs, and the README shows what runs.
class SnippetsTest {
  private static final Path ROOT = Path.of("../..");
  private static final Path MODEL =
      ROOT.resolve("examples/cli/src/main/resources/dev/inferno/cli/models/inferno-tiny-q8_0.gguf");
  private static final Path SOURCES = Path.of("src/main/java/dev/inferno/snippets");

  static List<String> examples() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .filter(name -> !name.equals("package-info"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleRunsAndSaysSomething(String name) throws Exception {
    assertThat(run(name)).isNotBlank();
  }

  @Test
  void theListenerSeesEveryTokenAndTheAttentionOfOneHead() throws Exception {
    assertThat(run("WatchGeneration").lines()).filteredOn(line -> line.endsWith("%")).hasSize(16);
    assertThat(run("WatchGeneration")).contains("blocks.5.attn.hook_pattern looks back at ");
  }

  @Test
  void aStageOfOnesOwnIsPublishedLikeThoseOfTheLibrary() throws Exception {
    assertThat(run("OwnSamplerStage").lines())
        .hasSize(8)
        .first()
        .isEqualTo("even-tokens-only keeps 1024 of 2048");
  }

  @Test
  void theModelKnowsTheCapitalOfFrance() throws Exception {
    assertThat(run("OwnLoop")).contains("best:  Paris 0.99");
  }

  @Test
  void aTextLongerThanTheContextForgetsItsOlderHalf() throws Exception {
    assertThat(run("LongText")).startsWith("forgot 30, moved 30").contains("then");
  }

  @Test
  void aForcedTextIsJudgedAndThenContinued() throws Exception {
    List<String> lines = run("ForceAText").lines().toList();
    assertThat(lines).hasSize(8);
    assertThat(lines.getFirst()).isEqualTo("forced Rome     rank 95, surprisal 14.49 nats");
    assertThat(lines.getLast()).startsWith("chosen Paris ");
  }

  @Test
  void aListenerThatIsIsolatedLeavesTheText() throws Exception {
    assertThat(run("IsolateAListener"))
        .contains("all:, there was a", "threw at selection, step 2")
        .containsOnlyOnce("has rank 1");
  }

  @Test
  void aHeadTurnsFromThePromptToItsOwnWords() throws Exception {
    assertThat(run("MassByGroup").lines())
        .hasSize(6)
        .startsWith("position 5: first 0.00, prompt 1.00, own 0.00")
        .endsWith("position 10: first 0.00, prompt 0.00, own 1.00");
  }

  @Test
  void aPrefixIsContinuedTwice() throws Exception {
    List<String> lines = run("SharedPrefix").lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst()).startsWith(" France is Paris");
    assertThat(lines.getLast()).startsWith("4 tokens in ");
  }

  @Test
  void aDraftedTextIsTheSame() throws Exception {
    assertThat(run("DraftFromThePrompt").lines())
        .hasSizeGreaterThan(2)
        .last(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .endsWith("drafted tokens, the same text: true");
  }

  @Test
  void anotherThreadGetsEveryEventThatWasNotDropped() throws Exception {
    assertThat(run("EventsElsewhere").lines())
        .last(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .startsWith("dropped: ");
  }

  @Test
  void anInductionHeadIsFound() throws Exception {
    assertThat(run("AnalyseARun"))
        .contains("layer 2, head 3: induction 0.58", "0.50 of the last position flows");
  }

  @Test
  void theReadmeShowsTheListenerExampleInAtMost25Lines() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String example = Files.readString(SOURCES.resolve("WatchGeneration.java"));
    assertThat(readme).contains("```java\n" + example.substring(example.indexOf("import")) + "```");
    assertThat(example.substring(example.indexOf("import")).lines().count())
        .isLessThanOrEqualTo(25);
  }

  @Test
  void theGuideToObservingShowsPartsOfTheExamples() throws IOException {
    requirePartsOfExamples("observing.md", 19);
  }

  @Test
  void theGuideToSessionsShowsPartsOfTheExamples() throws IOException {
    requirePartsOfExamples("sessions.md", 5);
  }

  @Test
  void theGuideToChatsShowsPartsOfTheExamples() throws IOException {
    requirePartsOfExamples("chat.md", 5);
  }

  @Test
  void theReadmeShowsPartsOfTheExamples() throws IOException {
    requirePartsOfExamples("../../README.md", 2);
  }

  @Test
  void aConversationKeepsWhatWasComputed() throws Exception {
    assertThat(run("KeepAConversation"))
        .containsPattern("^[1-9]\\d+ of \\d+ tokens kept\n")
        .contains("\nOnce upon", "<|system|>You are terse.<|end|>");
  }

  private static void requirePartsOfExamples(String name, int count) throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/guides").resolve(name));
    List<String> parts =
        Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL)
            .matcher(guide)
            .results()
            .map(part -> plain(part.group(1)))
            .toList();
    var sources = new StringBuilder();
    for (String example : examples()) {
      sources.append(plain(Files.readString(SOURCES.resolve(example + ".java"))));
    }
    assertThat(parts).hasSize(count).allSatisfy(part -> assertThat(sources).contains(part));
  }

  @Test
  void theGuideToObservingNamesEveryPoint() throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/guides/observing.md"));
    assertThat(
            Pattern.compile("^\\| `([^`]*hook[^`]*|logits)` \\|", Pattern.MULTILINE)
                .matcher(guide)
                .results()
                .map(row -> row.group(1)))
        .isEqualTo(Hook.catalogue());
  }

  private static String plain(String code) {
    return code.replaceAll("\\s+", " ");
  }

  @Test
  void aStageOfOnesOwnTakesAtMost15Lines() throws IOException {
    String source = Files.readString(SOURCES.resolve("OwnSamplerStage.java"));
    int from = source.indexOf("  record EvenTokensOnly");
    String stage = source.substring(from, source.indexOf("\n  }\n", from) + 4);
    assertThat(stage.lines().count()).isLessThanOrEqualTo(15);
  }

  /// Runs an example in a JVM of its own, as a user would.
  private static String run(String name) throws IOException, InterruptedException {
    var command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path")
                + File.pathSeparator
                + System.getProperty("jdk.module.path", ""),
            "dev.inferno.snippets." + name,
            MODEL.toString());
    command.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = command.start();
    var out = new ByteArrayOutputStream();
    process.getInputStream().transferTo(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(process.waitFor()).as("exit code of %s", name).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }
}
