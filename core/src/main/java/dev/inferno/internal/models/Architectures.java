package dev.inferno.internal.models;

import static java.util.Map.entry;

import dev.inferno.ModelCost;
import dev.inferno.ModelInfo;
import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.Kernels;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/// The list of architectures, by the name that `general.architecture` gives.
public final class Architectures {
  private static final Map<String, Reader> READERS =
      Map.ofEntries(
          entry("llama", Architectures::llama),
          entry("qwen2", Llama::readHalves),
          entry("qwen3", Qwen3::read),
          entry("olmo2", Olmo2::read),
          entry("phi3", Phi3::read),
          entry("gemma", Gemma::read),
          entry("phi2", GptNeoX::readPhi2),
          entry("falcon", Architectures::falcon),
          entry("stablelm", StableLm::read),
          entry("command-r", StableLm::readCommandR),
          entry("cohere2", StableLm::readCohere2),
          entry("gemma2", Gemma2::read),
          entry("gemma3", Gemma3::read),
          entry("bloom", Bloom::read),
          entry("mpt", Bloom::readMpt),
          entry("glm4", Glm4::read),
          entry("exaone", Llama::readHalves),
          entry("internlm2", Llama::read),
          entry("baichuan", Llama::readBaichuan),
          entry("minicpm", Granite::readMiniCpm),
          entry("smollm3", Llama::readSmolLm3),
          entry("gpt2", Gpt2::read),
          entry("deepseek2", Deepseek2::read),
          entry("granite", Granite::read),
          entry("gptneox", GptNeoX::read),
          entry("starcoder2", Starcoder2::read),
          entry("nemotron", Starcoder2::readNemotron),
          entry("granitemoe", Granite::readMoe),
          entry("qwen2moe", Mixtral::readQwen2Moe),
          entry("gpt-oss", GptOss::read),
          entry("arcee", Arcee::read),
          entry("qwen3moe", Qwen3Moe::read),
          entry("olmoe", Qwen3Moe::readOlmoe));

  private Architectures() {}

  private interface Reader {
    Architecture read(Sizes sizes, Tensors tensors, Kernels kernels);
  }

  /// GGUF files of Mixtral say that they are llamas, and how many experts they have.
  private static Architecture llama(Sizes sizes, Tensors tensors, Kernels kernels) {
    return sizes.experts() > 0
        ? Mixtral.read(sizes, tensors, kernels)
        : Llama.read(sizes, tensors, kernels);
  }

  /// Those of RefinedWeb have ALiBi.
  private static Architecture falcon(Sizes sizes, Tensors tensors, Kernels kernels) {
    return tensors.keys().has("attention.max_alibi_bias")
        ? Bloom.readFalcon(sizes, tensors, kernels)
        : GptNeoX.readFalcon(sizes, tensors, kernels);
  }

  /// A model that was read, what it is, and what a token costs in it.
  public record Loaded(Architecture architecture, ModelInfo info, ModelCost cost) {}

  /// Reads the model of a file.
  ///
  /// @param progress takes the bytes of each tensor that was taken
  public static Loaded read(
      ModelFile file, Kernels kernels, Arrangement arrangement, LongConsumer progress) {
    return read(file, kernels, arrangement, List.of(), progress);
  }

  /// The same with adapters beside its matrices.
  public static Loaded read(
      ModelFile file,
      Kernels kernels,
      Arrangement arrangement,
      List<Adapter> adapters,
      LongConsumer progress) {
    if (file.string("general.type").filter("adapter"::equals).isPresent()) {
      throw new UnsupportedModelException(
          "%s: unsupported: general.type is 'adapter', which is no model but a change of one; supported is to load that one with this beside it (--lora)"
              .formatted(file.name()));
    }
    String name = file.requiredString("general.architecture");
    Reader reader = READERS.get(name);
    if (reader == null) {
      throw new UnsupportedModelException(
          "%s: unsupported: %s is '%s'; supported are %s"
              .formatted(
                  file.name(),
                  file.keyName("general.architecture"),
                  name,
                  new TreeSet<>(READERS.keySet())));
    }
    Sizes sizes = Sizes.read(file, name);
    adapters.forEach(adapter -> adapter.requireFits(file));
    var tensors = new Tensors(file, kernels, arrangement, adapters, progress);
    tensors.requireDecodable();
    Architecture architecture = reader.read(sizes, tensors, kernels);
    adapters.forEach(Adapter::requireAllTaken);
    return new Loaded(
        architecture, info(file, name, sizes), tensors.cost().cost(architecture, sizes.layers()));
  }

  private static ModelInfo info(ModelFile file, String architecture, Sizes sizes) {
    return new ModelInfo(
        file.string("general.name").orElse(file.name()),
        architecture,
        sizes.layers(),
        sizes.width(),
        sizes.heads(),
        sizes.keyValueHeads(),
        sizes.valueSize(),
        sizes.feedForward(),
        sizes.vocabulary(),
        sizes.contextLength(),
        file.tensors().stream().mapToLong(TensorInfo::elements).sum(),
        file.tensors().stream().mapToLong(TensorInfo::sizeBytes).sum(),
        quantization(file));
  }

  /// The types of the matrices, those with the most numbers first.
  private static String quantization(ModelFile file) {
    Map<GgmlType, Long> elements = new EnumMap<>(GgmlType.class);
    for (TensorInfo tensor : file.tensors()) {
      if (tensor.dimensions().size() > 1) {
        elements.merge(tensor.type(), tensor.elements(), Long::sum);
      }
    }
    return elements.entrySet().stream()
        .sorted(Map.Entry.<GgmlType, Long>comparingByValue(Comparator.reverseOrder()))
        .map(entry -> entry.getKey().name())
        .collect(Collectors.joining(", "));
  }
}
