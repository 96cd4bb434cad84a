package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.SessionOptions;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How much a session remembers, and in which number format.
final class CacheOptions {
  @Option(
      names = {"-c", "--ctx"},
      paramLabel = "N",
      description =
          "Positions that the prompt and the text have room in: 1 or more. Default: as many as the"
              + " model was trained for.")
  private Optional<Integer> context = Optional.empty();

  @Option(
      names = "--kv",
      paramLabel = "TYPE",
      description = "Number format of the KV cache: ${COMPLETION-CANDIDATES}. Default: F16.")
  private Optional<KeyValueType> keyValueType = Optional.empty();

  /// A session's options.
  ///
  /// @throws IllegalArgumentException if a value is out of range
  SessionOptions sessionOptions() {
    return sessionOptions(KeyValueType.F16);
  }

  /// The same where another number format is the default.
  SessionOptions sessionOptions(KeyValueType absent) {
    SessionOptions options = SessionOptions.defaults().keyValueType(keyValueType.orElse(absent));
    return context.isPresent() ? options.contextLength(context.get()) : options;
  }
}
