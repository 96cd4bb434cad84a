package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.KeyValueType;
import dev.inferno.MachineLimits;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What `bench` has measured, for people and for programs.
///
/// @param isRounding whether activations are rounded
/// @param bandwidth bytes a second
/// @param multiplyAdds floating-point operations a second in multiply-adds
record BenchReport(
    Model model,
    KeyValueType keyValueType,
    boolean isRounding,
    int threads,
    int repetitions,
    int warmUps,
    double bandwidth,
    double multiplyAdds,
    List<Row> rows) {

  /// A workload and its speeds.
  ///
  /// @param peer those of llama-bench; none where it was not measured
  record Row(BenchWorkload workload, Speeds ours, Speeds peer) {
    double timesPeer() {
      return ours.median() / peer.median();
    }
  }

  private double roofline(Row row) {
    return row.workload().roofline(model.cost(), keyValueType, bandwidth, multiplyAdds);
  }

  void printJson(Console console) throws IOException {
    HostMachine machine = HostMachine.here();
    ModelInfo info = model.info();
    ObjectNode result = Json.object();
    result.put("cpu", machine.cpu());
    result.put("jdk", machine.jdk());
    result.put("vector_bits", MachineLimits.vectorBits());
    result.put("threads", threads);
    result.put("bandwidth_gbs", bandwidth / 1e9);
    result.put("fma_gflops", multiplyAdds / 1e9);
    ArrayNode list = result.putArray("rows");
    rows.forEach(row -> put(row, list.addObject()));
    result.put("model", info.name());
    result.put("architecture", info.architecture());
    result.put("quantization", info.quantization());
    result.put("parameters", info.parameters());
    result.put("bytes", info.sizeBytes());
    result.put("bytes_per_token", model.cost().weightBytes());
    result.put("kv", keyValueType.name().toLowerCase(Locale.ROOT));
    result.put("round_activations", isRounding);
    ArrayNode flags = result.putArray("jdk_flags");
    machine.flags().forEach(flags::add);
    result.put("repetitions", repetitions);
    result.put("warm_ups", warmUps);
    Json.print(result, console);
  }

  private void put(Row row, ObjectNode object) {
    double roofline = roofline(row);
    object.put("test", row.workload().name());
    put(row.ours(), object);
    object.put("roofline_tps", roofline);
    object.put("ratio", row.ours().median() / roofline);
    object.put("tokens", row.workload().tokens());
    object.put("depth", row.workload().depth());
    object.put("sessions", row.workload().sessions());
    ArrayNode runs = object.putArray("runs");
    row.ours().runs().forEach(runs::add);
    if (!row.peer().isEmpty()) {
      ObjectNode peer = object.putObject("peer");
      put(row.peer(), peer);
      peer.put("ratio", row.timesPeer());
    }
  }

  private static void put(Speeds speeds, ObjectNode object) {
    object.put("tps", speeds.median());
    object.put("min", speeds.least());
    object.put("max", speeds.most());
  }

  void print(Console console) {
    HostMachine machine = HostMachine.here();
    ModelInfo info = model.info();
    int bits = MachineLimits.vectorBits();
    String flags = machine.flags().isEmpty() ? "no flags" : String.join(" ", machine.flags());
    console
        .out()
        .printf(
            Locale.ROOT,
            "%s: %s, %s, %,d parameters, %,d bytes; KV cache %s%s%n%s; Java %s, %s%n"
                + "%s, %d %s: %.1f GB/s from memory, %.1f GFLOP/s in multiply-adds%n",
            info.name(),
            info.architecture(),
            info.quantization(),
            info.parameters(),
            info.sizeBytes(),
            keyValueType,
            isRounding ? ", activations rounded to 8 bits" : "",
            machine.cpu(),
            machine.jdk(),
            flags,
            bits == 0 ? "no vectors" : "vectors of %d bits".formatted(bits),
            threads,
            threads == 1 ? "thread" : "threads",
            bandwidth / 1e9,
            multiplyAdds / 1e9);

    boolean withPeer = rows.stream().anyMatch(row -> !row.peer().isEmpty());
    List<List<String>> table = new ArrayList<>();
    table.add(heading(withPeer));
    rows.forEach(row -> table.add(line(row, withPeer)));
    Columns.print(console.out(), table, table.getFirst().size() - 1);
  }

  private static List<String> heading(boolean withPeer) {
    List<String> ours = List.of("test", "tokens/s", "min", "max", "roofline", "ratio");
    return withPeer ? joined(ours, List.of("llama.cpp", "min", "max", "ours/theirs")) : ours;
  }

  private List<String> line(Row row, boolean withPeer) {
    double roofline = roofline(row);
    double ratio = row.ours().median() / roofline;
    List<String> ours =
        joined(
            List.of(row.workload().title()),
            joined(shown(row.ours()), List.of(shown(roofline), ratio(ratio))));
    if (!withPeer) {
      return ours;
    }
    return row.peer().isEmpty()
        ? joined(ours, List.of("", "", "", ""))
        : joined(ours, joined(shown(row.peer()), List.of(ratio(row.timesPeer()))));
  }

  private static List<String> shown(Speeds speeds) {
    return List.of(shown(speeds.median()), shown(speeds.least()), shown(speeds.most()));
  }

  private static String shown(double tokensPerSecond) {
    return String.format(Locale.ROOT, "%.1f", tokensPerSecond);
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.3f", ratio);
  }

  private static List<String> joined(List<String> some, List<String> others) {
    List<String> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }
}
