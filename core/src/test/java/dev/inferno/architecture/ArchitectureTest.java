package dev.inferno.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The arrows between modules and packages, and what no class may touch.
final class ArchitectureTest {
  private static final String JSPECIFY = "org.jspecify.annotations..";
  private static final String JACKSON = "com.fasterxml.jackson.core..";
  private static final String VECTOR = "jdk.incubator.vector..";
  private static final String JFR = "jdk.jfr..";

  /// Which packages of the library each one of core may use; the front door may use all. A new
  /// package gets a row here and in docs/ARCHITECTURE.md.
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          arrow("observe", "", "sampler", "format"),
          arrow("observe.analysis"),
          arrow("format", "tokenizer", "internal.gguf", "internal.safetensors", "internal.files"),
          arrow(
              "convert",
              "",
              "format",
              "internal.files",
              "internal.gguf",
              "internal.huggingface",
              "internal.kernels",
              "internal.quant"),
          arrow("internal.files", "format"),
          arrow("internal.jfr"),
          arrow("internal.gguf", "tokenizer", "format", "internal.files"),
          arrow("internal.safetensors", "format", "internal.files"),
          arrow(
              "internal.huggingface",
              "format",
              "internal.files",
              "internal.models",
              "internal.safetensors"),
          arrow("internal.quant", "format"),
          arrow("internal.kernels", "format", "internal.quant"),
          arrow("internal.nn", "", "observe", "internal.kernels"),
          arrow("internal.observe", "", "observe", "internal.nn", "internal.kernels"),
          arrow(
              "internal.models",
              "",
              "observe",
              "format",
              "internal.quant",
              "internal.kernels",
              "internal.nn"));

  private static final JavaClasses TOKENIZER = Modules.classesOf("dev.inferno.tokenizer");
  private static final JavaClasses SAMPLER = Modules.classesOf("dev.inferno.sampler");
  private static final JavaClasses CORE = Modules.classesOf("dev.inferno.core");

  @Test
  void theTokenizerKnowsTheJdkAndAJsonParserOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", JSPECIFY, JACKSON, "dev.inferno.tokenizer.."))
        .check(TOKENIZER);
  }

  @Test
  void theSamplerKnowsTheJdkOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage("java..", JSPECIFY, "dev.inferno.sampler.."))
        .check(SAMPLER);
  }

  /// So nothing of `sun.misc`, `jdk.internal`, reflection libraries or logging frameworks either.
  @Test
  void coreKnowsTheJdkAndAJsonParserOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", JSPECIFY, JACKSON, VECTOR, JFR, "dev.inferno.."))
        .check(CORE);
  }

  @Test
  void onlyKernelsKnowTheVectorModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.inferno.internal.kernels")
        .should()
        .dependOnClassesThat(resideInAPackage(VECTOR))
        .check(CORE);
  }

  @Test
  void onlyOnePackageKnowsTheFlightRecorder() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.inferno.internal.jfr")
        .should()
        .dependOnClassesThat(resideInAPackage(JFR))
        .check(CORE);
  }

  @Test
  void nobodyReflects() {
    noClasses().should().dependOnClassesThat(resideInAPackage("java.lang.reflect")).check(CORE);
  }

  @Test
  void nothingPrints() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CORE);
  }

  static List<String> packagesOfCore() {
    return CORE.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> !name.equals("dev.inferno"))
        .distinct()
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("packagesOfCore")
  void aPackageUsesThoseThatItsRowNames(String name) {
    Optional<Set<String>> allowed = Optional.ofNullable(ARROWS.get(name));
    assertThat(allowed).as("row of package %s in ARROWS", name).isPresent();
    noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat(
            describe(
                "are in a package of the library other than " + allowed.get(),
                used ->
                    used.getPackageName().startsWith("dev.inferno")
                        && !used.getPackageName().equals(name)
                        && !allowed.get().contains(used.getPackageName())))
        .check(CORE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev.inferno.tokenizer", "dev.inferno.sampler", "dev.inferno.core"})
  void whatIsExportedShowsNeitherInternalsNorDependencies(String module) {
    assertThat(Signatures.leaks(Modules.classesOf(module), Modules.exportsOf(module))).isEmpty();
  }

  @Test
  void aLeakIsSeenWhereverATypeCanStand() {
    JavaClasses leaky = Modules.classes(Leaky.class, Leaky.Closed.class);
    assertThat(Signatures.leaks(leaky, Set.of(Leaky.class.getPackageName())))
        .containsExactlyInAnyOrder(
            "Leaky.field: java.lang.foreign.MemorySegment",
            "Leaky.returned(): java.lang.foreign.MemorySegment",
            "Leaky.taken(java.util.List): java.lang.foreign.MemorySegment",
            "Leaky.<init>(java.lang.foreign.MemorySegment): java.lang.foreign.MemorySegment");
  }

  private static Map.Entry<String, Set<String>> arrow(String from, String... to) {
    return Map.entry(
        "dev.inferno." + from,
        Set.copyOf(
            Stream.of(to)
                .map(name -> name.isEmpty() ? "dev.inferno" : "dev.inferno." + name)
                .toList()));
  }
}
