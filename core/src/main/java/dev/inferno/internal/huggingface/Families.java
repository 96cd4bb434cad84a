package dev.inferno.internal.huggingface;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The list of families, by `model_type`.
final class Families {
  private static final Map<String, Family> ALL =
      Stream.of(
              LlamaFamilies.ALL,
              QwenFamilies.ALL,
              OlmoFamilies.ALL,
              PhiFamilies.ALL,
              GemmaFamilies.ALL,
              Gpt2Family.ALL,
              DeepseekFamilies.ALL,
              GptNeoXFamily.ALL,
              Starcoder2Family.ALL,
              AlibiFamilies.ALL,
              Glm4Family.ALL,
              GptOssFamily.ALL,
              ArceeFamily.ALL,
              StableLmFamily.ALL,
              FalconFamily.ALL,
              CohereFamilies.ALL,
              NemotronFamily.ALL,
              MixtureFamilies.ALL,
              RemoteFamilies.ALL)
          .flatMap(List::stream)
          .collect(
              Collectors.toMap(Family::modelType, family -> family, (one, _) -> one, TreeMap::new));

  private Families() {}

  /// The families whose models have this `general.architecture`, none if it is none of ours.
  static List<Family> ofArchitecture(String architecture) {
    return ALL.values().stream()
        .filter(family -> family.architecture().equals(architecture))
        .toList();
  }

  /// All that have a family, in the order of their names.
  static Set<String> architectures() {
    return ALL.values().stream()
        .map(Family::architecture)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The family of a model, as GGUF files of it are written.
  ///
  /// @throws dev.inferno.format.UnsupportedModelException if it is none of ours
  static Family ofFile(Config config) {
    Family family = of(config);
    return DeepseekFamilies.FILES.stream()
        .filter(other -> other.modelType().equals(family.modelType()))
        .findFirst()
        .orElse(family);
  }

  /// The family of a model, as it is computed with.
  ///
  /// @throws dev.inferno.format.UnsupportedModelException if it is none of ours
  static Family of(Config config) {
    String type = config.requiredText("model_type");
    Family family = ALL.get(type);
    if (family == null) {
      throw config.unsupported(
          "model_type", "is '%s'; supported are %s".formatted(type, ALL.keySet()));
    }
    config
        .list("architectures")
        .ifPresent(classes -> {
          if (classes.stream()
              .noneMatch(each -> family.library().equalsIgnoreCase(each.toString()))) {
            throw config.unsupported(
                "architectures",
                "is %s; supported with this model_type is %s".formatted(classes, family.library()));
          }
        });
    requirePlain(config, family);
    return family;
  }

  private static void requirePlain(Config config, Family family) {
    Optional<Config> packed = config.object("quantization_config");
    Optional<String> method = packed.flatMap(how -> how.text("quant_method"));
    if (method.filter(family.packings()::contains).isEmpty()) {
      String packings =
          family.packings().isEmpty() ? "" : ", or a quant_method of " + family.packings();
      config.requireAbsent("quantization_config", "none: tensors of plain numbers" + packings);
    }
  }
}
