package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.TinyModels;
import dev.inferno.tokenizer.Tokenizer;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A session that begins with a prefix goes on as the one that it was made of, to the bit; also one
/// from a file, in another process. A file that does not fit is refused with one clear error.
@Timeout(60)
class PrefixTest {
  private static final String LLAMA = "arch/llama/model-f32.gguf";
  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(20);

  @TempDir private Path folder;
  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = Model.load(Fixtures.copied(LLAMA));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static int[] tokens(int seed, int count) {
    return new Random(seed).ints(count, 0, 200).toArray();
  }

  private static SessionOptions options(KeyValueType type) {
    return SessionOptions.defaults().keyValueType(type);
  }

  private static Prefix prefix(Model model, KeyValueType type, int... tokens) {
    try (Session session = model.newSession(options(type))) {
      session.append(tokens);
      return session.prefix();
    }
  }

  /// What the logits are, and what they become.
  private static List<float[]> future(Session session) {
    List<float[]> logits = new ArrayList<>();
    logits.add(session.logits().copy());
    session.append(tokens(7, 40));
    logits.add(session.logits().copy());
    session.append(3);
    logits.add(session.logits().copy());
    return logits;
  }

  private static void requireSame(List<float[]> actual, List<float[]> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("logits %d", i).isEqualTo(expected.get(i));
    }
  }

  static Stream<String> architectures() {
    return TinyModels.BESIDE_LLAMA.stream();
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void everyArchitectureGoesOnFromMemoryAndFromAFile(String name) throws IOException {
    try (Model tiny = TinyModels.load(name)) {
      for (KeyValueType type : KeyValueType.values()) {
        int[] text = new Random(5).ints(70, 0, 20).toArray();
        try (Session whole = tiny.newSession(options(type))) {
          whole.append(text);
          Prefix prefix = whole.prefix();
          Path file = folder.resolve(type + ".prefix");
          prefix.save(file);
          whole.append(tokenOf(whole));
          float[] expected = whole.logits().copy();
          for (Prefix one : List.of(prefix, tiny.loadPrefix(file))) {
            try (Session session = tiny.newSession(options(type), one)) {
              assertThat(session.tokens()).isEqualTo(text);
              session.append(tokenOf(session));
              assertThat(session.logits().copy()).isEqualTo(expected);
            }
          }
        }
      }
    }
  }

  private static int tokenOf(Session session) {
    return session.logits().argmax();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 63, 64, 65, 80})
  void aPrefixOfAnyLengthGoesOnAsTheSessionItWasMadeOf(int length) throws IOException {
    for (KeyValueType type : KeyValueType.values()) {
      try (Session original = model.newSession(options(type))) {
        original.append(tokens(1, length));
        Prefix prefix = original.prefix();
        Path file = folder.resolve("a.prefix");
        prefix.save(file);
        List<float[]> expected = future(original);
        Prefix loaded = model.loadPrefix(file);
        assertThat(loaded.tokens()).isEqualTo(prefix.tokens()).hasSize(loaded.length());
        assertThat(loaded.keyValueType()).isEqualTo(type);
        assertThat(loaded.cacheBytes()).isEqualTo(prefix.cacheBytes());
        assertThat(loaded.model()).isSameAs(model);
        for (Prefix one : List.of(prefix, loaded)) {
          for (int again = 0; again < 2; again++) {
            try (Session session = model.newSession(options(type), one)) {
              requireSame(future(session), expected);
            }
          }
        }
      }
    }
  }

  @Test
  void manySessionsUseOneAtOnceAndShareItsPages() throws Exception {
    Prefix prefix = prefix(model, KeyValueType.F16, tokens(1, 80));
    List<float[]> expected;
    try (Session session = model.newSession(prefix)) {
      assertThat(session.cacheBytes()).isEqualTo(prefix.cacheBytes());
      expected = future(session);
    }
    List<Callable<List<float[]>>> work = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      work.add(() -> {
        try (Session session = model.newSession(prefix)) {
          return future(session);
        }
      });
    }
    try (var pool = Executors.newFixedThreadPool(4)) {
      for (Future<List<float[]>> one : pool.invokeAll(work)) {
        requireSame(one.get(), expected);
      }
    }
  }

  @Test
  void aPrefixOfAGenerationHoldsItsLastTokenToo() {
    try (Session original = model.newSession()) {
      original.generate(tokens(1, 30), GREEDY);
      Prefix prefix = original.prefix();
      assertThat(prefix.length()).isEqualTo(50);
      try (Session session = model.newSession(prefix)) {
        assertThat(session.generate(new int[0], GREEDY).ids())
            .isEqualTo(original.generate(new int[0], GREEDY).ids());
        assertThat(session.length()).isEqualTo(70);
      }
      try (Session session = model.newSession(prefix)) {
        session.rewind(45);
        session.append(4, 5);
        assertThat(session.length()).isEqualTo(7);
      }
      assertThat(prefix.length()).isEqualTo(50);
    }
  }

  @Test
  void whatChangedTheComputationOfAPrefixStaysInIt() {
    try (Session session = model.newSession();
        Session plain = model.newSession()) {
      session.intervene(Hook.Z.layer(0).head(1).zero());
      session.append(tokens(1, 30));
      plain.append(tokens(1, 30));
      try (Session other = model.newSession(session.prefix())) {
        other.append(5);
        plain.append(5);
        assertThat(other.logits().copy()).isNotEqualTo(plain.logits().copy());
      }
    }
  }

  @Test
  void aPrefixThatDoesNotFitTheSessionIsRefused() throws IOException {
    Prefix prefix = prefix(model, KeyValueType.F16, tokens(1, 30));
    assertThatThrownBy(() -> model.newSession(options(KeyValueType.F32), prefix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the prefix has keys and values in F16, but the session is to have F32");
    assertThatThrownBy(() -> model.newSession(SessionOptions.defaults().contextLength(29), prefix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the prefix has 30 tokens, but the context has room for 29");
    try (Model other = Model.load(Fixtures.copied(LLAMA))) {
      assertThatThrownBy(() -> other.newSession(prefix))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the prefix belongs to");
    }
    try (Session empty = model.newSession()) {
      assertThatThrownBy(empty::prefix).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aFileOfAnotherModelIsRefused() throws IOException {
    Path file = folder.resolve("a.prefix");
    prefix(model, KeyValueType.F16, tokens(1, 30)).save(file);
    Path variant = folder.resolve("variant.gguf");
    GgufVariant.of(Fixtures.copied(LLAMA))
        .set("llama.rope.freq_base", "f32", 12_345.0)
        .write(variant);
    Path bent = folder.resolve("bent.gguf");
    byte[] bytes = Files.readAllBytes(Fixtures.copied(LLAMA));
    bytes[bytes.length - 3] ^= 64; // in the last number of the last tensor
    Files.write(bent, bytes);
    for (Path other :
        List.of(variant, bent, Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      try (Model another = Model.load(other)) {
        assertThatThrownBy(() -> another.loadPrefix(file))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("it was saved with another model than");
      }
    }
    try (Model again = Model.load(Files.readAllBytes(Fixtures.copied(LLAMA)), "from memory")) {
      assertThat(again.loadPrefix(file).length()).isEqualTo(30);
    }
  }

  @Test
  void aFileOfAModelThatWasLoadedOtherwiseIsRefused() throws IOException {
    LoadOptions usual = LoadOptions.defaults();
    List<LoadOptions> ways = List.of(usual, usual.inFileLayout(), usual.roundedActivations());
    for (LoadOptions saved : ways) {
      Path file = folder.resolve("way.prefix");
      try (Model model = Model.load(Fixtures.copied(LLAMA), saved)) {
        prefix(model, KeyValueType.F16, tokens(1, 30)).save(file);
      }
      for (LoadOptions loaded : ways) {
        try (Model model = Model.load(Fixtures.copied(LLAMA), loaded)) {
          if (loaded.equals(saved)) {
            assertThat(model.loadPrefix(file).length()).isEqualTo(30);
          } else {
            assertThatThrownBy(() -> model.loadPrefix(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("loaded otherwise");
          }
        }
      }
    }
  }

  @Test
  void aFolderIsTheSameModelMappedAndCopied() throws IOException {
    Path file = folder.resolve("a.prefix");
    try (Model mapped = Model.load(Fixtures.copied("arch/llama"));
        Model copied = Model.load(Fixtures.copied("arch/llama"), LoadOptions.defaults().copied())) {
      prefix(mapped, KeyValueType.F16, tokens(1, 30)).save(file);
      assertThat(copied.loadPrefix(file).length()).isEqualTo(30);
    }
  }

  @ParameterizedTest
  @EnumSource(KeyValueType.class)
  void aFileThatWasCutAtAnyPlaceIsRefused(KeyValueType type) throws IOException {
    Path file = folder.resolve("a.prefix");
    prefix(model, type, tokens(1, 3)).save(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += length < 100 ? 1 : 97) {
      requireRefused(Arrays.copyOf(whole, length), "");
    }
    requireRefused(Arrays.copyOf(whole, whole.length - 1), "tokens take " + whole.length);
    requireRefused(Arrays.copyOf(whole, whole.length + 1), "tokens take " + whole.length);
  }

  @Test
  void aFileWithAnyByteChangedIsRefused() throws IOException {
    Path file = folder.resolve("a.prefix");
    prefix(model, KeyValueType.F16, tokens(1, 3)).save(file);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += at < 100 ? 1 : 101) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 16;
      requireRefused(damaged, "");
    }
    requireRefused(damaged(whole, 0, 1), "it is no prefix");
    requireRefused(damaged(whole, 8, 2), "it has version 2 of its format; supported is 1");
    requireRefused(damaged(whole, 12, Integer.MAX_VALUE), "but 2147483647 tokens take");
    requireRefused(damaged(whole, 12, -5), "but -5 tokens take");
    requireRefused(damaged(whole, 20, 1 << 30), "another model");
    requireRefused(damaged(whole, 32, 0x3953_3946), "known are [");
    requireRefused(damaged(whole, 80, 1 << 20), "token 0 has the id 1048576 of a vocabulary of");
    requireRefused(damaged(whole, 200, 77), "its checksum is");
  }

  private static byte[] damaged(byte[] whole, int at, int value) {
    byte[] damaged = whole.clone();
    ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return damaged;
  }

  private void requireRefused(byte[] bytes, String message) throws IOException {
    Path file = folder.resolve("damaged.prefix");
    Files.write(file, bytes);
    assertThatThrownBy(() -> model.loadPrefix(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot use the prefix " + file)
        .hasMessageContaining(message);
  }

  @Test
  void savingReplacesTheFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("a.prefix");
    prefix(model, KeyValueType.F16, tokens(1, 9)).save(file);
    prefix(model, KeyValueType.F16, tokens(2, 12)).save(file);
    assertThat(model.loadPrefix(file).length()).isEqualTo(12);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    assertThatThrownBy(() -> model.loadPrefix(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no such file");
  }

  @Test
  void aClosedModelNeitherSavesNorLoads() throws IOException {
    Path file = folder.resolve("a.prefix");
    Model closed = Model.load(Fixtures.copied(LLAMA));
    Prefix prefix = prefix(closed, KeyValueType.F16, tokens(1, 9));
    closed.close();
    List<Consumer<Prefix>> uses =
        List.of(closed::newSession, one -> unchecked(() -> one.save(file)));
    for (Consumer<Prefix> use : uses) {
      assertThatThrownBy(() -> use.accept(prefix))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
    assertThat(file).doesNotExist();
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void unchecked(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static final String OTHER_PROCESS =
      """
      import dev.inferno.*;
      import dev.inferno.sampler.Sampler;
      import java.nio.file.Path;

      class OtherProcess {
        static void main(String[] args) throws Exception {
          try (Model model = Model.load(Path.of(args[0]))) {
            Prefix prefix = model.loadPrefix(Path.of(args[1]));
            var options = SessionOptions.defaults().keyValueType(prefix.keyValueType());
            try (Session session = model.newSession(options, prefix)) {
              for (float logit : session.logits().copy()) {
                System.out.println(Float.floatToRawIntBits(logit));
              }
              System.out.println(session.generate(new int[0], GenerationOptions.defaults()
                  .sampler(Sampler.greedy()).ignoreEndOfText().maxTokens(20)).ids());
              for (float logit : session.logits().copy()) {
                System.out.println(Float.floatToRawIntBits(logit));
              }
            }
          }
        }
      }
      """;

  @ParameterizedTest
  @EnumSource(KeyValueType.class)
  void anotherProcessGoesOnWithTheSameBits(KeyValueType type) throws Exception {
    Path file = folder.resolve("a.prefix");
    List<String> expected = new ArrayList<>();
    try (Session session = model.newSession(options(type))) {
      session.append(tokens(1, 100));
      session.prefix().save(file);
      addBits(session, expected);
      expected.add(session.generate(new int[0], GREEDY).ids().toString());
      addBits(session, expected);
    }
    Path source = Files.writeString(folder.resolve("OtherProcess.java"), OTHER_PROCESS);
    Path out = folder.resolve("out");
    String classPath =
        Stream.of(Model.class, Tokenizer.class, Sampler.class, JsonFactory.class)
            .map(PrefixTest::place)
            .distinct()
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                classPath,
                source.toString(),
                Fixtures.copied(LLAMA).toString(),
                file.toString())
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor()).as(Files.readString(out)).isZero();
    assertThat(
            Files.readAllLines(out, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.startsWith("WARNING")))
        .isEqualTo(expected);
  }

  private static void addBits(Session session, List<String> bits) {
    for (float logit : session.logits().copy()) {
      bits.add(Integer.toString(Float.floatToRawIntBits(logit)));
    }
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
