package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// How many megabytes of text a second become tokens of the same vocabulary, here and in jtokkit?
/// The vocabulary is GPT-4's, cl100k, built from jtokkit's own file; both give the same ids, or
/// nothing is measured.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class PeerTokenizerBenchmark {

  /// The text, see {@link BenchmarkText#load}.
  @Param({"english", "code", "multilingual"})
  private String text;

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  private Tokenizer ours;
  private Encoding theirs;
  private String loaded;
  private double megaBytesPerText;

  /// How much text was worked off, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Millions of bytes of UTF-8.
    public double megaBytes;
  }

  /// Loads both, and sees that they agree.
  @Setup
  public void load() throws IOException {
    loaded = BenchmarkText.load(text);
    megaBytesPerText = loaded.getBytes(UTF_8).length * 1e-6;
    ours = TiktokenVocabulary.load("cl100k_base", "llama-bpe");
    theirs = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);
    int[] ids = ours.encode(loaded, PLAIN).ids();
    if (!Arrays.equals(ids, theirs.encodeOrdinary(loaded).toArray())) {
      throw new IllegalStateException("the ids of " + text + " differ");
    }
  }

  /// With this library.
  @Benchmark
  public int[] inferno(Rates rates) {
    rates.megaBytes += megaBytesPerText;
    return ours.encode(loaded, PLAIN).ids();
  }

  /// With the peer.
  @Benchmark
  public IntArrayList jtokkit(Rates rates) {
    rates.megaBytes += megaBytesPerText;
    return theirs.encodeOrdinary(loaded);
  }
}
