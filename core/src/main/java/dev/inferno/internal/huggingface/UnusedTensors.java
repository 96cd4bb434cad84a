package dev.inferno.internal.huggingface;

import dev.inferno.internal.safetensors.Checkpoint;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tensors of a folder that its model does not use, by which a `config.json` that does not belong
/// to it is noticed.
final class UnusedTensors {
  private static final System.Logger LOG = System.getLogger("dev.inferno");

  /// What older releases of the reference library stored, and computed anew: frequencies, masks,
  /// the numbers of positions.
  private static final Pattern COMPUTED =
      Pattern.compile(".*(inv_freq|position_ids|masked_bias|\\.attn\\.bias|\\.attention\\.bias)");

  private static final Pattern LAYER = Pattern.compile(".*?\\.(\\d{1,5})\\..*");

  private UnusedTensors() {}

  /// Those that nothing explains.
  static List<String> of(
      TextPart text,
      Family family,
      Metadata metadata,
      Checkpoint checkpoint,
      Collection<Source> sources) {
    Set<String> used = new HashSet<>();
    sources.forEach(source -> source.parts().forEach(part -> used.add(part.tensor().name())));
    for (Row row : family.rows()) {
      if (row.name().equals(Family.OUTPUT)) { // a tied model may have it, too
        used.addAll(text.names(row.source()));
      }
    }
    boolean predicts = text.config().says("num_nextn_predict_layers", false);
    List<String> unused = new ArrayList<>();
    for (String name : checkpoint.tensors().keySet()) {
      boolean known =
          used.contains(name)
              || COMPUTED.matcher(name).matches()
              || (text.isPart() && !name.contains("language_model."))
              || (predicts && isBehind(name, metadata.count("block_count")));
      if (!known) {
        unused.add(name);
      }
    }
    return unused;
  }

  /// Whether it is of a layer behind the last, which is for training and for guessing ahead.
  private static boolean isBehind(String name, long layers) {
    Matcher layer = LAYER.matcher(name);
    return layer.matches() && Integer.parseInt(layer.group(1)) >= layers;
  }

  /// Says that there are some.
  static void warn(String model, List<String> unused) {
    if (!unused.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "{0}: its config.json has no use for {1} of its tensors, the first is ''{2}''",
          model,
          unused.size(),
          unused.getFirst());
    }
  }
}
