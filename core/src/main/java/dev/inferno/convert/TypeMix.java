package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Decides which type each tensor of a model has in a file of some type, by the rules of
/// `llama-quantize` without an importance matrix (llama.cpp, `src/llama-quant.cpp`).
///
/// Vectors, norms and what is small or touchy keep the type they have. The matrix that gives the
/// logits, which may be the embedding too, has more bits. In a mix, so have values, attention
/// outputs and down projections: all of them, the first ones, or those that are in the first or the
/// last eighth of the layers, or third in turn between. Rows that are no whole blocks of a type
/// have another type instead.
final class TypeMix {
  private static final String OUTPUT = "output.weight";
  private static final String EMBEDDING = "token_embd.weight";
  private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,9})\\..*", Pattern.DOTALL);

  /// Matrices whose names contain one of these keep their type.
  private static final List<String> KEPT =
      List.of(
          "_norm.weight",
          "ffn_gate_inp.weight",
          "ffn_gate_tid2eid.weight",
          "altup",
          "laurel",
          "per_layer_model_proj",
          "ssm_conv1d",
          "shortconv.conv.weight",
          "indexer.k_proj.weight",
          "indexer.q_proj.weight",
          "time_mix_first.weight",
          "time_mix_w0.weight",
          "time_mix_w1.weight",
          "time_mix_w2.weight",
          "time_mix_v0.weight",
          "time_mix_v1.weight",
          "time_mix_v2.weight",
          "time_mix_a0.weight",
          "time_mix_a1.weight",
          "time_mix_a2.weight",
          "time_mix_g1.weight",
          "time_mix_g2.weight",
          "time_mix_decay_w1.weight",
          "time_mix_decay_w2.weight",
          "time_mix_lerp_fused.weight",
          "attn_rel_b.weight",
          "position_embd",
          "token_types.weight",
          "sam.pos_embd",
          "sam.neck.",
          "sam.net_",
          ".rel_pos",
          ".patch_embd",
          ".patch_merger",
          "a.rvq.codebook",
          "mm.a.code_embd");

  private final FileType fileType;
  private final Structure structure;
  private final boolean tied;
  private final int valueMatrices;
  private int valuesSeen;
  private int downsSeen;

  /// What the rules have to know about a model.
  ///
  /// @param layers how many blocks it has
  /// @param experts how many experts a mixture has, 0 or 1 for none
  /// @param queries how many query heads share a value head
  /// @param sharesManyHeads whether this is one of the models of 70 billion weights, in which eight
  ///   heads share a value matrix that is small for its importance
  /// @param isFalcon whether it is a Falcon, whose output suffers more than its neurons do
  record Structure(
      int layers, int experts, int queries, boolean sharesManyHeads, boolean isFalcon) {
    private static final int LAYERS_OF_70B = 80;

    /// Reads it from metadata, as far as it is there.
    static Structure of(Map<String, Object> metadata) {
      String architecture = metadata.get("general.architecture") instanceof String name ? name : "";
      int layers = integer(metadata, architecture + ".block_count");
      int heads = integer(metadata, architecture + ".attention.head_count");
      int values = integer(metadata, architecture + ".attention.head_count_kv");
      boolean grouped = heads != values;
      boolean sharesManyHeads =
          layers == LAYERS_OF_70B
              && switch (architecture) {
                case "llama" -> grouped;
                case "qwen2", "deci", "olmo" -> true;
                default -> false;
              };
      return new Structure(
          layers,
          integer(metadata, architecture + ".expert_count"),
          values == 0 ? 1 : heads / values,
          sharesManyHeads,
          architecture.equals("falcon"));
    }

    private static int integer(Map<String, Object> metadata, String key) {
      return metadata.get(key) instanceof Long value && value == value.intValue()
          ? value.intValue()
          : 0;
    }
  }

  private TypeMix(FileType fileType, Structure structure, List<TensorInfo> tensors) {
    this.fileType = fileType;
    this.structure = structure;
    this.tied = tensors.stream().noneMatch(tensor -> tensor.name().equals(OUTPUT));
    this.valueMatrices = (int) tensors.stream().filter(t -> isValue(t.name())).count();
  }

  /// What becomes of each tensor, in the order given.
  static List<ConvertedTensor> choose(
      FileType fileType, Structure structure, List<TensorInfo> tensors) {
    var mix = new TypeMix(fileType, structure, tensors);
    List<TensorInfo> layerByLayer = new ArrayList<>(tensors); // as the rules count them
    layerByLayer.sort(
        Comparator.<TensorInfo>comparingInt(tensor -> layer(tensor.name()))
            .thenComparing(TensorInfo::name));
    Map<String, ConvertedTensor> chosen = new HashMap<>();
    layerByLayer.forEach(tensor -> chosen.put(tensor.name(), mix.choose(tensor)));
    return tensors.stream().map(tensor -> chosen.get(tensor.name())).toList();
  }

  private ConvertedTensor choose(TensorInfo tensor) {
    if (!isQuantized(tensor)) {
      return new ConvertedTensor(tensor, tensor.type(), tensor.type());
    }
    if (fileType.matrices().blockSize() == 1) {
      return new ConvertedTensor(tensor, fileType.matrices(), fileType.matrices());
    }
    GgmlType wanted = wanted(tensor);
    return new ConvertedTensor(tensor, fitting(wanted, tensor.dimensions().getFirst()), wanted);
  }

  /// Whether it is a matrix whose type is chosen.
  static boolean isQuantized(TensorInfo tensor) {
    String name = tensor.name();
    return isMatrix(tensor.dimensions())
        && name.endsWith("weight")
        && KEPT.stream().noneMatch(name::contains);
  }

  /// Whether more than the first dimension counts; one that is 1 does not.
  private static boolean isMatrix(List<Long> dimensions) {
    return dimensions.stream().skip(1).anyMatch(dimension -> dimension > 1);
  }

  private GgmlType wanted(TensorInfo tensor) {
    String name = tensor.name();
    GgmlType usual = fileType.matrices();
    boolean isHead = name.equals(OUTPUT) || (tied && isEmbedding(name));
    if (fileType == FileType.MXFP4_MOE) {
      return isMixture(tensor) && !isHead ? usual : GgmlType.Q8_0;
    }
    if (isHead) {
      boolean whole = tensor.dimensions().getFirst() % usual.blockSize() == 0;
      boolean small = whole && usual != GgmlType.Q8_0 && !structure.isFalcon;
      return small ? GgmlType.Q6_K : GgmlType.Q8_0;
    }
    if (isEmbedding(name)) {
      return usual;
    }
    if (isValue(name)) {
      return value(usual, valuesSeen++);
    }
    if (name.contains("attn_k.weight")) {
      return structure.experts == 8 ? GgmlType.Q8_0 : usual;
    }
    if (name.contains("attn_output.weight")) {
      return attentionOutput(usual);
    }
    if (name.contains("ffn_down")) {
      int index = structure.experts > 1 ? layer(name) : downsSeen;
      downsSeen++;
      return down(usual, index);
    }
    return usual;
  }

  private static boolean isMixture(TensorInfo tensor) {
    return tensor.dimensions().size() > 2 && tensor.dimensions().get(2) > 1;
  }

  private GgmlType value(GgmlType usual, int index) {
    if (structure.experts == 8) {
      return GgmlType.Q8_0; // small beside eight experts
    }
    boolean isShared = structure.queries >= 4;
    GgmlType type =
        switch (fileType) {
          case Q2_K -> isShared ? GgmlType.Q4_K : GgmlType.Q3_K;
          case Q3_K_M -> index < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
          case Q3_K_L -> GgmlType.Q5_K;
          case IQ4_NL, IQ4_XS -> isShared ? GgmlType.Q5_K : usual;
          case Q4_K_S -> index < 4 ? GgmlType.Q5_K : usual;
          case Q4_K_M, Q5_K_M -> hasMoreBits(index, valueMatrices) ? GgmlType.Q6_K : usual;
          default -> usual;
        };
    boolean small = type == GgmlType.Q3_K || type == GgmlType.Q4_K;
    return small && structure.sharesManyHeads ? GgmlType.Q5_K : type;
  }

  private GgmlType attentionOutput(GgmlType usual) {
    if (structure.isFalcon) {
      return fileType == FileType.Q3_K_L ? GgmlType.Q4_K : usual;
    }
    boolean isEight = structure.experts == 8;
    return switch (fileType) {
      case Q2_K -> isEight ? GgmlType.Q5_K : GgmlType.Q3_K;
      case Q3_K_M -> isEight ? GgmlType.Q5_K : GgmlType.Q4_K;
      case Q3_K_L -> isEight ? usual : GgmlType.Q5_K;
      case Q3_K_S, Q4_K_S, Q4_K_M, IQ4_NL, IQ4_XS -> isEight ? GgmlType.Q5_K : usual;
      default -> usual;
    };
  }

  private GgmlType down(GgmlType usual, int index) {
    int layers = structure.layers;
    boolean hasMore = hasMoreBits(index, layers);
    boolean isFalcon = structure.isFalcon;
    return switch (fileType) {
      case Q2_K -> GgmlType.Q3_K;
      case Q3_K_M -> {
        GgmlType later = isFalcon && !hasMore ? GgmlType.Q3_K : GgmlType.Q4_K;
        yield index < layers / 16 ? GgmlType.Q5_K : later;
      }
      case Q3_K_L -> isFalcon ? GgmlType.Q4_K : GgmlType.Q5_K;
      case Q4_K_S -> !isFalcon && index < layers / 8 ? GgmlType.Q5_K : usual;
      case Q4_K_M -> {
        GgmlType more = isFalcon && index >= layers / 16 ? GgmlType.Q5_K : GgmlType.Q6_K;
        yield hasMore ? more : usual;
      }
      case Q5_K_M -> hasMore ? GgmlType.Q6_K : usual;
      case IQ4_NL, IQ4_XS -> index < layers / 8 ? GgmlType.Q5_K : usual;
      default -> usual;
    };
  }

  private static boolean hasMoreBits(int index, int count) {
    return index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2;
  }

  private static boolean isEmbedding(String name) {
    return name.equals(EMBEDDING) || name.equals("per_layer_token_embd.weight");
  }

  private static boolean isValue(String name) {
    return name.contains("attn_v.weight")
        || name.contains("attn_qkv.weight")
        || name.contains("attn_kv_b.weight");
  }

  /// The number of the block that a tensor belongs to, -1 for none.
  private static int layer(String name) {
    Matcher matcher = LAYER.matcher(name);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  /// The type, or one with smaller blocks where rows of this length are no whole blocks of it.
  private static GgmlType fitting(GgmlType wanted, long rowLength) {
    if (rowLength % wanted.blockSize() == 0) {
      return wanted;
    }
    GgmlType smaller =
        switch (wanted) {
          case Q2_K, Q3_K -> GgmlType.Q4_0;
          case IQ4_XS -> GgmlType.IQ4_NL;
          case Q4_K -> GgmlType.Q5_0;
          case Q5_K -> GgmlType.Q5_1;
          case Q6_K -> GgmlType.Q8_0;
          default -> GgmlType.F16;
        };
    return rowLength % smaller.blockSize() == 0 ? smaller : GgmlType.F16;
  }
}
