package dev.inferno.cli;

import dev.inferno.GenerationDefaults;
import dev.inferno.GenerationOptions;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How replies are generated.
final class ChatSettings {
  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "End a reply after N tokens: 0 or more. Default: as many as there is room for.")
  private Optional<Integer> maxTokens = Optional.empty();

  @Mixin private SamplerOptions sampler;
  @Mixin private GenerationSettings generation;

  /// The options that they make.
  ///
  /// @param defaults what the model says where no option does
  /// @param room how many tokens fit in the context
  /// @throws IllegalArgumentException if a value is out of range
  GenerationOptions options(GenerationDefaults defaults, int room) {
    return generation.apply(
        GenerationOptions.defaults()
            .maxTokens(maxTokens.orElse(room))
            .sampler(sampler.sampler(defaults)));
  }

  /// The numbers that choose tokens.
  SamplerOptions.Values sampling(GenerationDefaults defaults) {
    return sampler.values(defaults);
  }
}
