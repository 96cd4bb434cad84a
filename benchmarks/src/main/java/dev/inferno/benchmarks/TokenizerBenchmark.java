package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inferno.tokenizer.Encoding;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
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

/// How many megabytes of text a second become tokens, and tokens text, on one core? A small
/// vocabulary comes with the benchmarks; give the path of a GGUF file as `vocabulary` to measure
/// with that of a real model, and the path of a file as `text`.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--sun-misc-unsafe-memory-access=allow"})
@SuppressWarnings("NullAway.Init") // JMH sets and creates
public class TokenizerBenchmark {

  /// The vocabulary, see {@link BenchmarkVocabulary#load}.
  @Param({"bundled", "sentencepiece"})
  private String vocabulary;

  /// The text, see {@link BenchmarkText#load}.
  @Param({"english", "code", "multilingual"})
  private String text;

  private Tokenizer tokenizer;
  private String loaded;
  private int[] ids;
  private double megaBytesPerText;

  /// How much text was worked off, per second.
  @AuxCounters
  @State(Scope.Thread)
  public static class Rates {
    /// Millions of bytes of UTF-8.
    public double megaBytes;
  }

  /// Loads vocabulary and text.
  @Setup
  public void load() throws IOException {
    tokenizer = BenchmarkVocabulary.load(vocabulary);
    loaded = BenchmarkText.load(text);
    ids = tokenizer.encode(loaded).ids();
    megaBytesPerText = loaded.getBytes(UTF_8).length * 1e-6;
  }

  /// Text to tokens.
  @Benchmark
  public Encoding encode(Rates rates) {
    rates.megaBytes += megaBytesPerText;
    return tokenizer.encode(loaded);
  }

  /// Tokens to text.
  @Benchmark
  public String decode(Rates rates) {
    rates.megaBytes += megaBytesPerText;
    return tokenizer.decode(ids);
  }
}
